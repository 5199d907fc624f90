/** For tests: the command as an operator types it, a process of its own, and settings that are whole. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeKeys } from '../keys.ts'

const command = join(import.meta.dirname, '../../bin/amparo.mjs')
type Env = Readonly<Record<string, string>>

export interface Said {
  readonly code: number | null
  readonly said: string
}

/** Runs it to its end, or until it says `until`. */
export async function amparo(args: readonly string[], env: Env = {}, until?: string): Promise<Said> {
  const child = spawn(process.execPath, [command, ...args], { env: { PATH: process.env.PATH ?? '', ...env } })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (until !== undefined && said.includes(until)) child.kill('SIGTERM')
    })
  const [code] = await once(child, 'close')
  return { code, said }
}

/** Whole production settings in a folder; `DATABASE_URL` and the ports are the test's to name. */
export async function settingsIn(folder: string): Promise<Env> {
  const [keys, surfaces] = [join(folder, 'keys.json'), join(folder, 'surfaces.json')]
  await makeKeys(keys)
  await writeFile(surfaces, JSON.stringify([{ id: 'web', name: { en: 'Web', es: 'Web' }, offeredTo: ['owner'] }]))
  return {
    NODE_ENV: 'production',
    AMPARO_CONSOLE_URL: 'https://desk.acme.test',
    AMPARO_ISSUER_URL: 'https://assist.acme.test',
    AMPARO_COMPANION_URL: 'https://help.acme.test',
    AMPARO_SURFACES: surfaces,
    AMPARO_KEYS: keys,
    AMPARO_VENDOR_NAME: 'Acme',
    AMPARO_VENDOR_PHONE: '+1 212 555 0100',
    AMPARO_SMTP_URL: 'smtp://127.0.0.1:1',
    AMPARO_MAIL_FROM: 'Acme Support <help@acme.test>',
  }
}
