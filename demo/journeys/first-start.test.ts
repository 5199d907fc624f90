/** The first command on a fresh machine, and what it prints, followed to the letter. */
import { languages } from '@amparo/contract/words'
import { expect, test } from 'vitest'
import { welcome } from '../start.ts'
import { Browser, staged } from './stage.ts'

test('on a fresh folder the start is ready within a minute, and the sign-in that it prints works as printed', async () => {
  const began = performance.now()
  const stage = await staged({ env: { DATABASE_URL: '' } })
  try {
    expect(performance.now() - began).toBeLessThan(60_000)
    const steps = [...stage.said().matchAll(/"step":"(\w+)","says":"(.*?)"/g)].map(
      ([, step, says]) => `${step}: ${says}`,
    )
    expect(steps).toEqual([
      expect.stringMatching(/^database: built-in PostgreSQL, (\d+) of \1 migrations applied$/),
      'identity: issuer and keys created',
      'messages: kept in the inbox, nothing is sent',
      expect.stringMatching(/^demo: \d+ ecosystems, \d+ people, \d+ agents, 3 surfaces$/),
    ])
    for (const language of languages) {
      const lines = welcome({ port: stage.port, folder: stage.folder, reset: false, inboxPort: undefined }, true, false)
        .map((line) => (typeof line === 'string' ? line : line[language]))
        .join('\n')
      const [, console = '', email, password] =
        /(?:Console|Consola) +(\S+) +(?:sign in as|entra como) +(\S+) +(?:password|contraseña) +(\S+)/.exec(lines) ?? []
      const signIn = (given: string | undefined) =>
        fetch(`${console}/api/v1/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: console },
          body: JSON.stringify({ email, password: given }),
        })
      expect([language, (await signIn(password)).status]).toEqual([language, 201])
      expect([language, (await signIn('another-password')).status]).toEqual([language, 401])
      // Every other address that it names is there too.
      const addresses = [...lines.matchAll(/https?:\/\/\S+/g)].map(([address]) => address)
      expect(addresses.length).toBeGreaterThan(5)
      for (const address of addresses) {
        const { status } = await new Browser().ask(address)
        expect([address, status < 500]).toEqual([address, true])
      }
    }
  } finally {
    await stage.stop()
    await stage.remove()
  }
}, 120_000)
