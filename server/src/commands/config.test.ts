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
