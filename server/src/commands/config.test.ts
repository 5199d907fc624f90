/** `amparo config` beside a policy: what it shows of one that is whole, and what it says of one that is not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { policyRows, presets, valueAt } from '../policy/table.ts'
import { amparo } from './testing.ts'

test('`amparo config` shows the whole policy, and says every fault of a file that is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-policy-'))
  const file = join(folder, 'policy.json')
  await writeFile(file, JSON.stringify({ preset: 'strict', canaries: ['u_4711'] }))
  const right = await amparo(['config', '--json'], { AMPARO_POLICY: file })
  const shown: { policy: { path: string; value: unknown }[] } = JSON.parse(right.said)
  const policy = { ...presets.strict, canaries: ['u_4711'] }
  expect(Object.fromEntries(shown.policy.map(({ path, value }) => [path, value]))).toEqual(
    Object.fromEntries(policyRows.map(({ path }) => [path, JSON.parse(valueAt(policy, path))])),
  )
  await writeFile(file, JSON.stringify({ preset: 'strict', canaries: [7], hours: { from: 'dawn' } }))
  const wrong = await amparo(['config'], { AMPARO_POLICY: file })
  expect(wrong.code).toBe(2)
  expect(wrong.said).toContain('hours.from  seen: "dawn"')
  expect(wrong.said).toContain('canaries  seen: [7]')
  await rm(folder, { recursive: true })
})

test('each setting says where its value comes from: the environment, a file and which, or nowhere; and shows no secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-config-'))
  const file = join(folder, 'smtp')
  await writeFile(file, 'smtps://help:planted-password@smtp.acme.test\n')
  const env = { AMPARO_SMTP_URL_FILE: file, AMPARO_VENDOR_NAME: 'Acme' }
  const [json, words] = [await amparo(['config', '--json'], env), await amparo(['config'], env)]
  const { settings }: { settings: { name: string; from: string }[] } = JSON.parse(json.said)
  const of = (name: string) => settings.find((one) => one.name === name)
  expect(of('AMPARO_SMTP_URL')).toMatchObject({ from: 'file', file, value: 'smtps://help:…@smtp.acme.test' })
  expect(of('AMPARO_VENDOR_NAME')).toMatchObject({ from: 'environment', value: 'Acme' })
  expect(of('AMPARO_PORT')).toMatchObject({ from: 'default', value: '4000' })
  expect(of('AMPARO_MAIL_FROM')).toMatchObject({ from: 'unset' })
  expect(words.said).toContain(`AMPARO_SMTP_URL  smtps://help:…@smtp.acme.test  (file) ${file}\n`)
  for (const { said } of [json, words]) expect(said).not.toContain('planted-password')
  await rm(folder, { recursive: true })
})
