/** `amparo-verify` as anybody runs it. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { keyText } from './checkpoint.ts'
import { bodiesOf, exported, signer } from './testing.ts'

test('the program says in words and by its exit code whether a file is whole', async () => {
  const ours = signer()
  const whole = exported(ours, bodiesOf(300), 7)
  const folder = await mkdtemp(join(tmpdir(), 'amparo-verify-'))
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '../bin/amparo-verify.mjs'), ...args], {
      env: { ...process.env, LANG: 'en', LC_ALL: 'C' },
    }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    )
  const kept = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const good = await kept('good.jsonl', `${whole.join('\n')}\n`)
  const changed = whole.map((line) =>
    line.startsWith('{"seq":40,') ? line.replace('record.read', 'record.real') : line,
  )
  const bad = await kept('bad.jsonl', changed.join('\n'))
  const last = JSON.parse(whole.at(-1) ?? '{}').checkpoint
  const checkpoint = await kept('checkpoint.txt', last)
  const key = ['--key', keyText(ours.key)]
  expect(await run(good, ...key, '--checkpoint', checkpoint)).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^300 records, unbroken, 1 checkpoint kept outside agrees, [\d.]+ s\.\n$/),
  })
  expect(await run(bad, ...key)).toMatchObject({
    code: 4,
    said: 'Record 40 (ev_40) does not match: its text was changed.\nThe first 40 records are as they were signed. Do not rely on what follows them.\n',
  })
  expect(JSON.parse((await run(bad, ...key, '--json')).said)).toMatchObject({ count: 1, entries: 300 })
  for (const wrong of [[], [good], [good, '--key', 'nonsense'], [join(folder, 'none'), ...key], [checkpoint, ...key]])
    expect(await run(...wrong)).toMatchObject({ code: 2, said: expect.not.stringContaining('    at ') })
  await rm(folder, { recursive: true })
})
