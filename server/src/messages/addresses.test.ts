/** Addresses and numbers as directories really hold them: each is written to, or refused with a word, and nothing breaks. */
import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import { endedMessage } from './ended.ts'
import { whatTakes } from './phone.ts'
import { smtp } from './smtp.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A mail server that knows names beyond ASCII, or does not, and what it was given. */
async function serverThat(options: { hideSMTPUTF8: boolean } = { hideSMTPUTF8: false }) {
  const to: string[] = []
  const server = new SMTPServer({
    ...options,
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo({ address }, _session, done) {
      const foreign = options.hideSMTPUTF8 && /[^\p{ASCII}].*@/u.test(address)
      done(foreign ? Object.assign(new Error('5.6.7 <that> needs SMTPUTF8'), { responseCode: 553 }) : null)
    },
    onData(stream, session, done) {
      to.push(...session.envelope.rcptTo.map(({ address }) => address))
      stream.resume().on('end', () => done())
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const carrier = smtp({ url: `smtp://127.0.0.1:${port}`, from: 'Acme <help@acme.test>', timeoutMs: 2000 })
  closing.push(
    () => carrier.close(),
    () => new Promise<void>((resolve) => server.close(() => resolve())),
  )
  const content = endedMessage(
    { name: 'Acme', phone: '+1 212 555 0100' },
    { locale: 'en', agentName: 'Ana', because: 'finished', entered: true, link: 'https://help.acme.test/c/X' },
  )
  const send = (address: string) =>
    carrier.deliver({ id: 'ob_1', to: address, channel: 'email', content }, AbortSignal.timeout(5000))
  return { send, to }
}

test('a name beyond ASCII is written to where the server can, and refused with a word where it cannot', async () => {
  const able = await serverThat({ hideSMTPUTF8: false })
  expect(await able.send('josé@clínica.test')).toMatchObject({ fate: 'sent' })
  expect(able.to).toEqual([expect.stringMatching(/^josé@(clínica|xn--clnica-3va)\.test$/)])

  const unable = await serverThat({ hideSMTPUTF8: true })
  expect(await unable.send('josé@example.test')).toEqual({
    fate: 'never',
    error: 'not_an_address',
    said: '553, 5.6.7',
  })
  expect(await unable.send('jose@clínica.test')).toMatchObject({ fate: 'sent' })
  expect(unable.to).toEqual([expect.stringMatching(/^jose@(clínica|xn--clnica-3va)\.test$/)])
})

test.each([
  'nobody',
  '@acme.test',
  'two@one.test, three@one.test',
  'marta@clinica-sol.test\r\nRCPT TO:<eve@evil.test>',
  '<marta@clinica-sol.test>',
  '"Marta" <marta@clinica-sol.test>',
  '',
  `${'x'.repeat(300)}@acme.test`,
])('what is no address is refused with a word: %j', async (address) => {
  const { send, to } = await serverThat()
  const fate = await send(address)
  expect(fate).toMatchObject({ fate: 'never', error: 'not_an_address' })
  expect(to).toEqual([])
})

test.each([
  ['+34 600 000 001', 'sms'],
  ['+34 910 000 005', 'calls_only'],
  ['+44 20 7946 0053', 'calls_only'],
  ['+1 212 555 0101', 'sms'],
  ['+55 (12) 3923-5555', 'calls_only'],
  ['+49 0711 2842222', 'calls_only'],
  ['600000001', 'nothing'],
  ['+34 12', 'nothing'],
  ['', 'nothing'],
  ['call me', 'nothing'],
  ['+99999999999999999999', 'nothing'],
])('%j takes %s', (phone, takes) => {
  expect(whatTakes(phone)).toBe(takes)
})
