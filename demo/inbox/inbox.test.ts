import { createTransport } from 'nodemailer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../server/src/database/database.ts'
import { type FreshDatabase, freshDatabase } from '../../server/src/database/testing.ts'
import { agentCodeMessage } from '../../server/src/messages/agent.ts'
import { endedMessage } from '../../server/src/messages/ended.ts'
import { consentMessage } from '../../server/src/messages/message.ts'
import { deliverDue, enqueue, type Letter, type Sealable, sealed } from '../../server/src/messages/outbox.ts'
import { gsm7Length } from '../../server/src/messages/sms.ts'
import { type Smtp, smsOverSmtp, smtp } from '../../server/src/messages/smtp.ts'
import { eventsOf, row, sampleAssistance } from '../../server/src/messages/testing.ts'
import { secretsFrom } from '../../server/src/secrets.ts'
import type { AssistanceId } from '../../server/src/words.ts'
import { codesIn, linksIn, segments } from './entry.ts'
import { type Inbox, startInbox } from './inbox.ts'

const vendor = { name: 'Acme', phone: '+1 212 555 0100' }
const link = 'http://127.0.0.1:4002/c/BCDFGHJKMNPQR'
const consent = consentMessage(vendor, {
  locale: 'es',
  agentName: 'Ana Robles',
  userName: 'Íñigo Muñoz',
  reason: { en: 'A fault', es: 'Algo no funciona' },
  line: 'La factura 123 456 no se ve, teléfono 555 123',
  ecosystemName: 'Clínica Sol',
  surfaces: [{ en: 'Store', es: 'Tienda' }],
  powers: 'look',
  lengthMinutes: 60,
  digits: '482913',
  sayFirst: '83',
  link,
})
const from = 'Acme <help@acme.test>'
const soon = () => AbortSignal.timeout(5_000)

let inbox: Inbox
let email: Smtp
let sms: Smtp
beforeEach(async () => {
  inbox = await startInbox()
  email = smtp({ url: inbox.smtpUrl, from, timeoutMs: 1_000 })
  sms = smsOverSmtp({ url: inbox.smtpUrl, from, timeoutMs: 1_000 })
})
afterEach(async () => {
  email.close()
  sms.close()
  await inbox.close()
})

const letter = (more: Partial<Letter> = {}): Letter => ({
  id: 'ob_000000000000000000000001',
  to: 'marta@clinica-sol.test',
  channel: 'email',
  content: consent,
  ...more,
})

describe('over real SMTP', () => {
  test('a mail arrives as it was written, with its one code and its one link', async () => {
    expect(await email.deliver(letter(), soon())).toEqual({
      fate: 'sent',
      ref: '<ob_000000000000000000000001@acme.test>',
    })
    const [entry, ...others] = inbox.entries()
    expect(others).toEqual([])
    expect(entry).toMatchObject({
      id: 'ob_000000000000000000000001@acme.test',
      to: 'marta@clinica-sol.test',
      channel: 'email',
      subject: consent.subject,
      codes: ['482913'],
      links: [link],
      from: 'help@acme.test',
    })
    expect(entry?.text).toBe(consent.text.trimEnd())
    expect(entry?.html.trim()).toBe(consent.html.trim())
  })

  test('an SMS arrives under its phone number, in one segment', async () => {
    await sms.deliver(letter({ channel: 'sms', to: '+34 600 000 001' }), soon())
    expect(inbox.entries('+34600000001')).toEqual([
      expect.objectContaining({
        to: '+34600000001',
        channel: 'sms',
        text: consent.sms,
        html: '',
        codes: ['482913'],
        links: [link],
      }),
    ])
  })

  test('the same message received twice is shown once', async () => {
    await email.deliver(letter(), soon())
    await email.deliver(letter(), soon())
    await Promise.all([email.deliver(letter({ id: 'ob_2' }), soon()), email.deliver(letter({ id: 'ob_2' }), soon())])
    expect(inbox.entries().map(({ id }) => id)).toEqual(['ob_2@acme.test', 'ob_000000000000000000000001@acme.test'])
  })

  test.each([421, 450, 451, 452])('%i is for later', async (code) => {
    inbox.fail('marta@clinica-sol.test', { code })
    expect(await email.deliver(letter(), soon())).toEqual({
      fate: 'later',
      error: 'busy',
      said: String(code),
    })
  })

  test.each([550, 552, 553, 554])('%i is for good, and says so without the address', async (code) => {
    inbox.fail('marta@clinica-sol.test', { code, message: '5.1.1 <marta@clinica-sol.test>: no such mailbox' })
    const fate = await email.deliver(letter(), soon())
    expect(fate).toEqual({ fate: 'never', error: 'no_such_address', said: `${code}, 5.1.1` })
  })

  test('a refusal of the text counts as one of the address does', async () => {
    inbox.fail('marta@clinica-sol.test', { code: 554, afterKeeping: true })
    expect(await email.deliver(letter(), soon())).toMatchObject({ fate: 'never' })
  })

  test('a server that asks us to sign in may take the message later', async () => {
    inbox.fail('marta@clinica-sol.test', { code: 530 })
    expect(await email.deliver(letter(), soon())).toMatchObject({
      fate: 'later',
      error: 'not_signed_in',
    })
  })

  test('a server that does not answer in time is for later', async () => {
    inbox.fail('marta@clinica-sol.test', { code: 250, afterMs: 3_000 })
    // Of two timers the earlier is the first to be heard, also on a machine that stood still meanwhile.
    const late = new Promise((resolve) => setTimeout(resolve, 2_000, 'two seconds'))
    expect(await Promise.race([email.deliver(letter(), soon()), late])).toEqual({ fate: 'later', error: 'no_answer' })
  })

  test('a server that is not there is for later, and verify says so', async () => {
    const gone = await startInbox()
    await gone.close()
    const nobody = smtp({ url: gone.smtpUrl, from, timeoutMs: 1_000 })
    expect(await nobody.deliver(letter(), soon())).toEqual({
      fate: 'later',
      error: 'unreachable',
    })
    expect(await nobody.verify()).toBe('the mail server cannot be reached')
    expect(await email.verify()).toBeUndefined()
  })

  test.each(['', 'nobody', 'a@b, eve@evil.test', 'a@b\r\nBcc: eve@evil.test', 'Eve <eve@evil.test>', '"x"@y'])(
    'the address %j is not written to',
    async (to) => {
      expect(await email.deliver(letter({ to }), soon())).toMatchObject({ fate: 'never' })
      expect(inbox.entries()).toEqual([])
    },
  )

  test('no name makes a header or a second recipient', async () => {
    const agentName = 'Ana\r\nBcc: eve@evil.test\r\nX-Evil: 1\r\n\r\nbody'
    const content = endedMessage(vendor, { locale: 'en', agentName, because: 'finished', entered: true, link })
    const raw = { ...content, subject: `Help\r\nBcc: eve@evil.test\r\n\r\n${content.subject}` }
    await email.deliver(letter({ content }), soon())
    await email.deliver(letter({ id: 'ob_2', content: raw }), soon())
    expect(inbox.entries().map(({ to }) => to)).toEqual(['marta@clinica-sol.test', 'marta@clinica-sol.test'])
    for (const { id } of inbox.entries()) {
      const page = await (await inbox.app.request(`/inbox?show=source&id=${encodeURIComponent(id)}`)).text()
      const head = page.slice(page.indexOf('<pre>'), page.indexOf('MIME-Version'))
      expect(head).not.toMatch(/^(Bcc|X-Evil):/im)
    }
  })

  test('an installation cannot be set up to send from nowhere', () => {
    expect(() => smtp({ url: inbox.smtpUrl, from: 'Acme', timeoutMs: 1_000 })).toThrow('address to send from')
  })
})

describe('from the outbox to the inbox', () => {
  const secrets = secretsFrom(Buffer.alloc(32, 7))
  let fresh: FreshDatabase
  let db: Database
  let assistanceId: AssistanceId
  beforeEach(async () => {
    fresh = await freshDatabase()
    db = fresh.db
    assistanceId = await sampleAssistance(db)
  })
  afterEach(() => fresh.close())

  const queue = async (more: Partial<Sealable> = {}) => {
    const to = { channel: 'email', to: 'marta@clinica-sol.test', maskedTo: 'm•••@clinica-sol.test' } as const
    const message = sealed(secrets, { purpose: 'ended', userId: 'u_1', content: consent, ...to, ...more })
    await enqueue(db, [{ assistanceId, message }])
    return message.id
  }
  const deliver = (on: Database = db) => deliverDue({ db: on, secrets, carriers: { email, sms } })

  test('each channel gets its own entry', async () => {
    await queue()
    await queue({ channel: 'sms', to: '+34600000001' })
    expect(await deliver()).toBe(2)
    expect(
      inbox
        .entries()
        .map(({ channel, codes }) => [channel, codes])
        .sort(),
    ).toEqual([
      ['email', ['482913']],
      ['sms', ['482913']],
    ])
  })

  test('a 4xx is tried again and arrives', async () => {
    inbox.fail('marta@clinica-sol.test', { code: 451, times: 1 })
    const id = await queue()
    await deliver()
    expect(await row(db, id)).toMatchObject({ state: 'queued' })
    await fresh.advance(2_000)
    await deliver()
    expect(await row(db, id)).toMatchObject({ state: 'sent', tries: 2 })
    expect(inbox.entries()).toHaveLength(1)
  })

  test('a 5xx is failed at once, with its reason in the outbox and in the record', async () => {
    inbox.fail('marta@clinica-sol.test', { code: 550, message: '5.1.1 <marta@clinica-sol.test> unknown' })
    const id = await queue()
    await deliver()
    expect(await row(db, id)).toMatchObject({
      state: 'failed',
      error: 'no_such_address 550, 5.1.1',
    })
    const [event] = await eventsOf(db, assistanceId)
    expect(event?.type).toBe('message.failed')
    expect(event?.body).not.toContain('marta')
  })

  test('a crash between acceptance and our note of it shows one message', async () => {
    const id = await queue()
    const dies = (what: Parameters<Database['query']>[0]) =>
      typeof what !== 'string' && what.name.startsWith('outbox.settled')
    const dying: Database = {
      ...db,
      query: (what, values) =>
        dies(what) ? Promise.reject(new Error('the process died here')) : db.query(what, values),
    }
    await expect(deliver(dying)).rejects.toThrow('died here')
    expect(inbox.entries()).toHaveLength(1)
    expect(await row(db, id)).toMatchObject({ state: 'queued' })
    await fresh.advance(30_000)
    expect(await deliver()).toBe(1)
    expect(await row(db, id)).toMatchObject({ state: 'sent', tries: 2 })
    expect(inbox.entries()).toHaveLength(1)
  })

  test('a message that was taken while its answer got lost is shown once', async () => {
    inbox.fail('marta@clinica-sol.test', { code: 451, times: 1, afterKeeping: true })
    const id = await queue()
    await deliver()
    await fresh.advance(2_000)
    await deliver()
    expect(await row(db, id)).toMatchObject({ state: 'sent' })
    expect(inbox.entries()).toHaveLength(1)
  })
})

describe('reading a message', () => {
  test('only the code is a code: no phone number, no number in a name or a line', () => {
    expect(codesIn(consent.text, 'email')).toEqual(['482913'])
    expect(codesIn(agentCodeMessage(vendor, { locale: 'en', digits: '001200', for: 'proof' }).sms, 'sms')).toEqual([
      '001200',
    ])
    expect(codesIn('482 913: codigo de Acme', 'sms')).toEqual(['482913'])
    for (const text of [
      '+1 212 555 0100',
      'Call 555 123',
      '111 222 333',
      '111 222 Health: your help has ended',
      '482913',
    ])
      expect.soft(codesIn(text, 'email'), text).toEqual([])
    for (const text of ['+1 212 555 0100', 'Acme: 111 222', '212 555 0100 calls', '1482 913 is'])
      expect.soft(codesIn(text, 'sms'), text).toEqual([])
  })

  test('links are found with and without their scheme', () => {
    expect(linksIn('refuse: help.acme.com/c/K7Q2M9XDK7Q2M.')).toEqual(['https://help.acme.com/c/K7Q2M9XDK7Q2M'])
    expect(linksIn(`(${link}) ${link}`)).toEqual([link])
    expect(linksIn('Ana R. of Acme, 3.5 hours, a@help.acme.com/c')).toEqual([])
  })

  test('the segments counted here agree with the count of the sender', () => {
    for (const text of [consent.sms, 'ñ{€}', 'a'.repeat(160)]) {
      expect(segments(text)).toEqual({ places: gsm7Length(text), of: 160, count: 1 })
    }
    expect(segments('a'.repeat(161))).toMatchObject({ count: 2 })
    expect(segments('código')).toMatchObject({ of: 70, count: 1 })
  })
})

describe('the page', () => {
  const page = async (path: string) => {
    const answer = await inbox.app.request(path)
    return { answer, text: await answer.text() }
  }

  test('the JSON is newest first and can be asked for one recipient', async () => {
    await email.deliver(letter({ id: 'ob_1' }), soon())
    await sms.deliver(letter({ id: 'ob_2', channel: 'sms', to: '+34600000001' }), soon())
    const all = JSON.parse((await page('/dev/inbox.json')).text)
    expect(all.map(({ channel }: { channel: string }) => channel)).toEqual(['sms', 'email'])
    expect(Object.keys(all[0]).sort()).toEqual('at channel codes from html id links subject text to'.split(' '))
    for (const to of ['%2B34600000001', '+34600000001', '34600000001'])
      expect(JSON.parse((await page(`/dev/inbox.json?to=${to}`)).text)).toHaveLength(1)
    expect(JSON.parse((await page('/dev/inbox.json?to=Marta@clinica-sol.test')).text)).toHaveLength(1)
    expect(JSON.parse((await page('/dev/inbox.json?to=nobody@acme.test')).text)).toEqual([])
  })

  test('a message is shown with its code, its link and its channel, under a strict policy', async () => {
    await sms.deliver(letter({ channel: 'sms', to: '+34600000001' }), soon())
    const { answer, text } = await page('/inbox')
    expect(answer.headers.get('Content-Security-Policy')).toMatch(
      /^default-src 'none'; style-src 'self'; script-src 'self'/,
    )
    expect(text).toContain('<span class="digits">482 913</span>')
    expect(text).toContain(`href="${link}" target="_blank" rel="noopener noreferrer"`)
    expect(text).toContain('1 segment, ')
    expect(text).not.toMatch(/<style|style="|<script(?! src)|\son\w+="/)
  })

  test('a mail is framed without origin or script, and nothing in it is markup of the page', async () => {
    await createTransport({ url: inbox.smtpUrl }).sendMail({
      from,
      to: 'marta@clinica-sol.test',
      subject: '<script>alert(1)</script>',
      text: '<img src=x onerror=alert(1)>',
      html: '<html><head></head><body><script>alert(1)</script></body></html>',
    })
    const id = encodeURIComponent(inbox.entries()[0]?.id ?? '')
    for (const show of ['', 'text', 'source']) {
      const { text } = await page(`/inbox?id=${id}&show=${show}`)
      expect(text).not.toMatch(/<script>|<img/)
    }
    const { answer } = await page(`/inbox/mail?id=${id}`)
    expect(answer.headers.get('Content-Security-Policy')).toMatch(/^sandbox allow-popups .*default-src 'none'/)
    expect((await page('/inbox/mail?id=none')).answer.status).toBe(404)
  })

  test('an empty inbox, a message that is gone and an unknown recipient have words', async () => {
    expect((await page('/inbox')).text).toContain('Nothing yet.')
    await email.deliver(letter(), soon())
    expect((await page('/inbox?id=gone')).text).toContain('no longer here')
    expect((await page('/inbox?to=nobody@acme.test')).text).toContain('Nothing for nobody@acme.test.')
  })

  test('refused and expired are what the mail server answers for that recipient, and delivered takes it back', async () => {
    const choose = (fate: string, back = '/inbox?id=x') =>
      inbox.app.request('/inbox/fate', {
        method: 'POST',
        body: new URLSearchParams({ for: 'marta@clinica-sol.test', fate, back }),
      })
    expect((await choose('refused')).headers.get('location')).toBe('/inbox?id=x')
    expect(await email.deliver(letter(), soon())).toMatchObject({ fate: 'never' })
    expect(await sms.deliver(letter({ channel: 'sms', to: '+34600000001' }), soon())).toMatchObject({ fate: 'sent' })
    expect((await page('/inbox')).text).toContain('refused for good (550)')
    await choose('expired')
    expect(await email.deliver(letter(), soon())).toMatchObject({ fate: 'later' })
    await choose('delivered', 'https://elsewhere.test/')
    expect(await email.deliver(letter(), soon())).toMatchObject({ fate: 'sent' })
    expect((await choose('nonsense', 'https://elsewhere.test/')).headers.get('location')).toBe('/inbox')
    expect((await page('/inbox')).text).not.toContain('(550)')
  })

  test('the page speaks the browser’s language', async () => {
    const answer = await inbox.app.request('/inbox', { headers: { 'accept-language': 'es-ES,es;q=0.9' } })
    expect(await answer.text()).toMatch(/<html lang="es">.*Nada todavía\./s)
  })

  test('whoever listens is told of each new message once', async () => {
    const told: string[] = []
    const stop = inbox.onNew(({ to }) => told.push(to))
    await email.deliver(letter(), soon())
    await email.deliver(letter(), soon())
    stop()
    await email.deliver(letter({ id: 'ob_2' }), soon())
    expect(told).toEqual(['marta@clinica-sol.test'])
    inbox.clear()
    expect(inbox.entries()).toEqual([])
  })
})
