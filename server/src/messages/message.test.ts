import { becauses, type Language, languages } from '@amparo/contract/words'
import { describe, expect, test } from 'vitest'
import { accountMessage } from './account.ts'
import { agentCodeMessage } from './agent.ts'
import { contactChangedMessage } from './contact.ts'
import { endedMessage } from './ended.ts'
import { historyMessage } from './history.ts'
import type { Content, Vendor } from './letter.ts'
import { consentMessage, presenceMessage, warningMessage } from './message.ts'
import { checkSms } from './one-segment.ts'
import { alertMessage } from './oversight.ts'
import { glassMessage, ownerToldMessage } from './owner.ts'
import { fold, gsm7Length } from './sms.ts'

const vendor: Vendor = { name: 'Acme', phone: '+1 212 555 0100' }
const link = 'https://help.acme-clinics.com/c/BCDFGHJKMNPQR'
const asked = { agentName: 'Ana Robles', digits: '482913', sayFirst: '83', link }
const consent = {
  ...asked,
  userName: 'Marta Ruiz',
  reason: { en: 'Something does not work', es: 'Algo no funciona' },
  line: 'Cannot see invoices',
  ecosystemName: 'Clínica Sol',
  surfaces: [
    { en: 'Store', es: 'Tienda' },
    { en: 'Web', es: 'Web' },
  ],
  powers: 'look',
  lengthMinutes: 60,
} as const

/** Every message that there is, in one language, from an agent of this name. */
function everyMessage(locale: Language, agentName: string, v = vendor, to = link): Content[] {
  const o = { ...asked, locale, agentName, link: to }
  return [
    agentCodeMessage(v, { ...o, for: 'proof' }),
    agentCodeMessage(v, { ...o, for: 'first_factor' }),
    consentMessage(v, { ...consent, ...o }),
    consentMessage(v, { ...consent, ...o, powers: 'act', lengthMinutes: 5 }),
    presenceMessage(v, o),
    warningMessage(v, o),
    warningMessage(v, { ...o, provedBy: 'read_aloud' }),
    ...([['email'], ['sms'], ['email', 'sms']] as const).map((changed) => contactChangedMessage(v, { ...o, changed })),
    ...becauses.flatMap((because) => [true, false].map((entered) => endedMessage(v, { ...o, because, entered }))),
  ]
}

/** Names as directories hold them: from many countries, scripts and habits; 30 × 30 of them. */
const firstNames =
  'María José|Iñaki|Łukasz|Ana|Maximiliano|Jean-Baptiste|Ġorġ|Þórður|Nguyễn Thị|İbrahim|Zoë|Björn|Siân|Seán|Αλέξανδρος|Сергей|Олексій|Ђорђе|小明|하은|محمد|דוד|Oluwaseun|Anne-Sophie|J. R. R.|Dr. Ángeles|François|João|Ştefan|Chloé'.split(
    '|',
  )
const lastNames =
  'Gutiérrez|de la Cruz Hernández|Wiśniewski|O’Brien|Robles|van der Berg|Papadopoulou|Παπαδόπουλος|Щербаков|Ковальчук|Ćirić|王|김|الحسيني|כהן|Adébáyọ̀|Müller-Lüdenscheidt|Ægisson|Çağlar|Nuñez i Puig|D’Àngelo|Sørensen|Åkesson|Škvorecký|Ţepeş|Kırmızıgül|Strauß|Ánh|Wolfeschlegelsteinhausenbergerdorff|Ó Súilleabháin'.split(
    '|',
  )
const names = firstNames.flatMap((first) => lastNames.map((last) => `${first} ${last}`)).concat(firstNames, lastNames)

describe('SMS', () => {
  test.each(languages)('every SMS is one segment for all names of a directory (%s)', (locale) => {
    expect(names.length).toBeGreaterThan(500)
    const tooLong = names.flatMap((name) =>
      everyMessage(locale, name).flatMap(({ sms }) => ((gsm7Length(sms) ?? 999) > 160 ? [`${name}: ${sms}`] : [])),
    )
    expect(tooLong).toEqual([])
  })

  test.each([
    ['María José Gutiérrez', 'Maria José G.'],
    ['Iñaki', 'Iñaki'],
    ['Łukasz Wiśniewski', 'Lukasz W.'],
    ['Ana Robles', 'Ana Robles'],
    ['Maximiliano Fernández', 'Maximiliano F.'],
    ['Juan de la Cruz Hernández', 'Juan H.'],
    ['Сергей Щербаков', 'Sergei S.'],
    ['Αλέξανδρος Παπαδόπουλος', 'Alexandros P.'],
    ['Nguyễn Thị Ánh', 'Nguyen Thi Anh'],
    ['王小明', 'your agent'],
    ['\r\n', 'your agent'],
  ])('the name %j is recognisable as %s', (name, folded) => {
    expect(fold(name)).toBe(folded)
  })

  test('no name brings a code, a link or a line of its own into an SMS', () => {
    for (const name of ['111 222', 'evil.com/x', 'https://evil.com', 'Ana\r\n333 444 is your code', 'Ana@evil.com']) {
      expect(fold(name)).toMatch(/^[\p{L} .]*$/u)
      expect(fold(name)).not.toMatch(/[./]\p{L}/u)
    }
  })

  test('every folded name takes at most 14 places', () => {
    for (const name of names) expect.soft(gsm7Length(fold(name)) ?? 99, name).toBeLessThanOrEqual(14)
  })

  test.each([
    ['', 0],
    ['ñ', 1],
    ['€', 2],
    ['a{b}', 6],
    ['ó', undefined],
    ['’', undefined],
  ])('%j takes %s places', (text, places) => {
    expect(gsm7Length(text)).toBe(places)
  })

  test("the words of the user's code are those that were settled", () => {
    const short = 'help.acme-clinics.com/c/BCDFGHJKMNPQR'
    expect(consentMessage(vendor, { ...consent, locale: 'en' }).sms).toBe(
      `482 913 is your Acme code. Give it only if YOU called us and Ana Robles first says: 83. If not, refuse: ${short}`,
    )
    expect(consentMessage(vendor, { ...consent, locale: 'es' }).sms).toBe(
      `482 913 es su codigo de Acme. Delo solo si USTED nos llamo y Ana Robles le dice antes: 83. Si no, rechace: ${short}`,
    )
  })

  test('a start learns which SMS would not fit, and only then', () => {
    for (const linkPrefix of [
      'http://127.0.0.1:4002/c/',
      'https://help.acme-clinics.com/c/',
      'http://localhost:40002/c/',
    ])
      expect(checkSms({ vendor, linkPrefix })).toEqual([])
    const problems = checkSms({ vendor, linkPrefix: `https://${'long.'.repeat(10)}acme.com/c/` })
    expect(problems.join('\n')).toContain("the user's code (es)")
    expect(problems.join('\n')).toContain('AMPARO_COMPANION_URL')
    expect(checkSms({ vendor: { ...vendor, name: '王' }, linkPrefix: 'https://help.acme.com/c/' })).toHaveLength(1)
  })

  test('where codes are bound to a page, those that are typed there end with its host and themselves, those read aloud do not, and each is one segment', () => {
    const bound = { ...vendor, typedAt: { agent: 'desk.acme-clinics.com', user: 'help.acme-clinics.com' } }
    const typed = (v: Vendor) =>
      languages.flatMap((locale) => [
        agentCodeMessage(v, { locale, digits: '004201', for: 'proof' }).sms,
        agentCodeMessage(v, { locale, digits: '004201', for: 'first_factor' }).sms,
        historyMessage(v, { locale, digits: '004201' }).sms,
      ])
    for (const sms of typed(vendor)) expect(sms).not.toContain('@')
    for (const sms of typed(bound)) {
      expect(sms.split('\n').at(-1)).toMatch(/^@(desk|help)\.acme-clinics\.com #004201$/)
      expect(gsm7Length(sms)).toBeLessThanOrEqual(160)
    }
    for (const locale of languages)
      for (const { sms } of [
        consentMessage(bound, { ...consent, locale }),
        presenceMessage(bound, { ...asked, locale }),
      ])
        expect(sms).not.toMatch(/[@\n]/)
    expect(checkSms({ vendor: bound, linkPrefix: 'https://help.acme-clinics.com/c/' })).toEqual([])
    const tooLong = { ...bound, typedAt: { agent: `${'long.'.repeat(15)}acme.com`, user: 'help.acme.com' } }
    expect(checkSms({ vendor: tooLong, linkPrefix: 'https://help.acme.com/c/' })).toEqual(
      ['en', 'es'].map((locale) => expect.stringMatching(`agent's code \\(${locale}\\) .* or AMPARO_SMS_BOUND unset`)),
    )
  })

  test('what the check finds fitting fits with the longest names and the longest company', () => {
    const long = { ...vendor, name: 'Clínica Ñandú' }
    const linkPrefix = 'https://help.acme-clinics.com/c/'
    expect(checkSms({ vendor: long, linkPrefix })).toEqual([])
    for (const locale of languages)
      for (const { sms } of everyMessage(locale, 'Maximiliano Fernández', long, `${linkPrefix}MMMMMMMMMMMMM`))
        expect(gsm7Length(sms) ?? 999).toBeLessThanOrEqual(160)
  })
})

/** The longest host that a start accepts for this company. */
function longestHost(v: Vendor): string {
  const fits = (letters: number) =>
    checkSms({ vendor: v, linkPrefix: `https://${'h'.repeat(letters)}/c/` }).length === 0
  let letters = 1
  while (fits(letters + 1)) letters += 1
  return 'h'.repeat(letters)
}

test.each(['Acme', 'Clínica Ñandú'])(
  'with the longest host that a start accepts, every name still fits: %s',
  (name) => {
    const v = { ...vendor, name }
    const host = longestHost(v)
    expect(host.length).toBeGreaterThanOrEqual('help.acme.com'.length)
    const url = `https://${host}/c/MMMMMMMMMMMMM`
    const tooLong = names.flatMap((agent) =>
      languages.flatMap((locale) =>
        everyMessage(locale, agent, v, url).flatMap(({ sms }) => ((gsm7Length(sms) ?? 999) > 160 ? [sms] : [])),
      ),
    )
    expect(tooLong).toEqual([])
  },
  120_000,
)

describe('mail', () => {
  test.each(languages)('is short: 14 words a sentence on average (%s)', (locale) => {
    const counts = everyMessage(locale, 'Ana Robles')
      .flatMap(({ text }) => text.split(/[.?:!]\s|\n+/))
      .map((sentence) => sentence.split(/\s+/).filter(Boolean).length)
      .filter((count) => count > 0)
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeLessThanOrEqual(14)
  })

  test.each(languages)('no subject carries a digit (%s)', (locale) => {
    for (const { subject } of everyMessage(locale, 'Ana Robles')) expect(subject).not.toMatch(/\d/)
  })

  test.each(languages)('the consent mail says everything that consent is about, in text and HTML (%s)', (locale) => {
    const { text, html } = consentMessage(vendor, { ...consent, locale })
    const wanted = {
      en: ['Store and Web', 'Something does not work', 'change nothing', 'cannot do', '60 minutes', '15 minutes'],
      es: ['Tienda y Web', 'Algo no funciona', 'No puede cambiar nada', 'no puede hacer', '60 minutos', '15 minutos'],
    }[locale]
    for (const part of [
      ...wanted,
      'Ana Robles',
      'Acme',
      'Marta Ruiz',
      'Clínica Sol',
      'Cannot see invoices',
      '482 913',
      '83',
      link,
    ]) {
      expect(text).toContain(part)
      expect(html).toContain(part)
    }
  })

  test('whose acts keep it open is told as it is', () => {
    const said = (locale: Language, actsCount: boolean) =>
      consentMessage(vendor, { ...consent, locale, actsCount }).text
    expect(said('en', false)).toContain('if 15 minutes pass without you doing anything.')
    expect(said('en', true)).toContain('if 15 minutes pass in which neither you nor Ana Robles does anything.')
    expect(said('es', false)).toContain('si pasan 15 minutos sin que usted haga nada.')
    expect(said('es', true)).toContain('si pasan 15 minutos sin que usted ni Ana Robles hagan nada.')
  })

  test('whoever reads it on their phone meets the link, the number and the code before the picture for another screen', () => {
    for (const locale of languages) {
      const { html } = consentMessage(vendor, { ...consent, locale })
      const places = [/<h1/, /<a href=/, /text-align:center/, /\d{3} \d{3}<\/p>/, /cid:qr@amparo/, /<dl /].map((part) =>
        html.search(part),
      )
      expect(places).not.toContain(-1)
      expect(places).toEqual([...places].sort((one, other) => one - other))
    }
  })

  test('the powers are told as they are', () => {
    const able = consentMessage(vendor, { ...consent, locale: 'en', powers: 'act' })
    expect(able.text).toContain('change everyday things')
    expect(able.text).not.toContain('change nothing')
  })

  test.each(languages)('every ending has its own sentence, entered or not (%s)', (locale) => {
    const texts = becauses.map((because) => endedMessage(vendor, { ...asked, locale, because, entered: true }).text)
    expect(new Set(texts).size).toBe(becauses.length)
    for (const because of becauses) {
      const { text, sms } = endedMessage(vendor, { ...asked, locale, because, entered: false })
      const words = { en: 'did not enter your account', es: ['no entró en su cuenta', 'no entro en su cuenta'] }[locale]
      expect(text).toContain(Array.isArray(words) ? words[0] : words)
      expect(sms).toContain(Array.isArray(words) ? words[1] : words)
    }
  })

  test('the user is addressed as usted and the agent as tú', () => {
    const toUser = everyMessage('es', 'Ana Robles')
      .slice(2)
      .flatMap(({ subject, text, sms }) => [subject, text, sms])
    for (const text of toUser)
      expect(text).not.toMatch(/\b(tu|tus|tú|te|ti|contigo|has|puedes|tienes|eres|rechaza|abre)\b/iu)
    for (const purpose of ['proof', 'first_factor'] as const)
      expect(agentCodeMessage(vendor, { locale: 'es', digits: '195204', for: purpose }).text).toMatch(
        /escribe este código/i,
      )
  })

  test('no words that frighten or confuse', () => {
    const forbidden = /\b(session|sesión|timeout|token|MFA|impersonat\w*|sorry|lo sentimos)\b|!/iu
    for (const locale of languages)
      for (const { subject, text, sms } of everyMessage(locale, 'Ana Robles'))
        expect(`${subject}\n${text}\n${sms}`).not.toMatch(forbidden)
  })

  test('the HTML fetches nothing and runs nothing', () => {
    for (const locale of languages)
      for (const { html } of everyMessage(locale, 'Ana Robles')) {
        // The one picture travels with the mail.
        const without = html.replace(/<img src="cid:qr@amparo" [^>]*>/, '')
        expect(without).not.toMatch(/<(img|script|link|iframe|form|style|object|video)\b|url\(|@import|\son\w+=|src=/i)
        expect(html).toContain(`<html lang="${locale}">`)
      }
  })

  test('names, ecosystems and lines are text, never markup, never a line or a link of their own', () => {
    const nasty = 'A"<b onclick=x>\r\nBcc: eve@evil.test\r\n\r\n482 914\u2028https://evil.test/x\u202e'
    const { subject, text, html } = consentMessage(vendor, {
      ...consent,
      locale: 'en',
      agentName: nasty,
      userName: nasty,
      ecosystemName: nasty,
      line: nasty,
    })
    expect(subject).not.toMatch(/[\r\n\u2028\u202e]/)
    expect(html).not.toContain('<b onclick')
    expect(`${text}${html}`).not.toMatch(/https:\/\/evil|\u202e|\u2028/)
    const said = consentMessage(vendor, { ...consent, locale: 'en', line: 'See evil.test/x and v2.1 (p. 3)' })
    for (const part of [said.text, said.html]) expect(part).toContain('See evil. test/x and v2.1 (p. 3)')
    expect(text.split('\n').filter((line) => /^\s*(\d{3} \d{3}|Bcc:.*)\s*$/.test(line))).toEqual(['482 913'])
  })

  test.each([
    ['an address', 'evil.example/login', 'evil. example/login'],
    ['one with what is before it', 'https://www.evil.example', 'https: www. evil. example'],
    ['one with a dot that is none to a reader', 'evil\u3002example', 'evil. example'],
    [
      'one with a letter that nobody sees',
      'evil.\u2060example and evil.\u200dexample',
      'evil. example and evil. \u200dexample',
    ],
    ['a mailbox', 'eve@evil.example', 'eve@evil. example'],
    ['initials, a title and a firm', 'J.R. Díaz of Sol S.L. (v2.1)', 'J.R. Díaz of Sol S.L. (v2.1)'],
  ])('%s for a name is no link, in whichever message it stands', (_what, name, said) => {
    const help = { locale: 'en', agentName: name, userName: name, ecosystemName: name } as const
    const reason = { en: 'A fault', es: 'Un fallo' }
    const mails = [
      consentMessage(vendor, { ...consent, ...help, line: name }),
      endedMessage(vendor, { ...help, because: 'finished', entered: true, link: 'https://help.acme.test/c/x' }),
      glassMessage(vendor, { ...help, reason, note: name, minutes: 30 }),
      ownerToldMessage(vendor, { ...help, reason }),
      contactChangedMessage(vendor, { ...help, changed: ['sms'] }),
      alertMessage(vendor, { ...help, kind: 'new_browser', link: 'https://desk.acme.test' }),
      accountMessage(vendor, { news: 'passkey_added', name }, { locale: 'en', at: new Date(0) }),
    ]
    for (const mail of mails) {
      expect(mail.text).toContain(said)
      expect(`${mail.subject}${mail.text}${mail.html}`).not.toMatch(/evil[.\u3002](?! )/)
    }
    // The vendor is called as it is called.
    expect(ownerToldMessage({ ...vendor, name: 'Acme.com' }, { ...help, reason }).text).toContain('Acme.com')
  })
})
