/** What the doctor sees around us: mail, surfaces, addresses, the key file, room on the disk. It knocks and goes. */
import { stat, statfs } from 'node:fs/promises'
import { Cannot } from '../cannot.ts'
import { carriersOf } from '../carriers.ts'
import { type Config, mailSetting } from '../config.ts'
import { greet } from '../messages/greeting.ts'
import type { Carrier } from '../messages/outbox.ts'
import { smtp } from '../messages/smtp.ts'
import type { Surface } from '../policy/policy.ts'
import type { Setting } from '../settings.ts'
import { away, type Finding, fail, ofClock, pass, warn } from './doctor.finding.ts'

const knockMs = 5000

export async function ofMail(
  url: string | undefined,
  from: string | undefined,
  sendTo: string | undefined,
  id: string,
): Promise<readonly Finding[]> {
  if (!url || !URL.canParse(url)) return []
  const greeting = await greet(url, knockMs)
  if (greeting.answer === 'refused') {
    const { host, said } = greeting
    return [
      said === undefined
        ? away('mail', {
            en: `${host} does not answer. Check AMPARO_SMTP_URL.`,
            es: `${host} no responde. Revisa AMPARO_SMTP_URL.`,
          })
        : fail('mail', {
            en: `${host} said "${said}". Fix AMPARO_SMTP_URL.`,
            es: `${host} dijo «${said}». Corrige AMPARO_SMTP_URL.`,
          }),
    ]
  }
  const welcome = pass('mail', {
    en: `${greeting.host} lets us in; nothing was sent`,
    es: `${greeting.host} nos deja entrar; no se envió nada`,
  })
  return sendTo === undefined || from === undefined ? [welcome] : [welcome, await sent(url, from, sendTo, id)]
}

/** What takes messages without a mail server of ours: SES, or the function; SMS only where it can be asked without sending. */
export async function ofCarriers(config: Config, sendTo: string | undefined, id: string): Promise<readonly Finding[]> {
  try {
    const carriers = carriersOf(config)
    const mail = config.mail.by === 'smtp' ? [] : await ofCarrier('mail', mailSetting(config.mail), carriers.email)
    const test = config.mail.by === 'smtp' || sendTo === undefined ? [] : [await sentBy(carriers.email, sendTo, id)]
    const sms = carriers.sms?.greets ? await ofCarrier('SMS', 'AMPARO_DELIVER_FUNCTION', carriers.sms) : []
    carriers.close()
    return [...mail, ...test, ...sms]
  } catch (error) {
    if (!(error instanceof Cannot)) throw error
    return error.faults.map((says) => fail('messages', says))
  }
}

async function ofCarrier(check: string, setting: Setting, carrier: Carrier): Promise<readonly Finding[]> {
  const said = await carrier.greets?.(AbortSignal.timeout(knockMs))
  if (said === undefined)
    return [pass(check, { en: 'would be taken; nothing was sent', es: 'se aceptarían; no se envió nada' })]
  return [fail(check, { en: `${said}. Fix ${setting}.`, es: `${said}. Corrige ${setting}.` })]
}

async function sent(url: string, from: string, to: string, id: string): Promise<Finding> {
  const carrier = smtp({ url, from, timeoutMs: 10_000 })
  const finding = await sentBy(carrier, to, id)
  carrier.close()
  return finding
}

async function sentBy(carrier: Carrier, to: string, id: string): Promise<Finding> {
  const text = 'This is the test that you asked Amparo for. Nothing is to be done.'
  const content = { subject: 'Amparo: a test', text, html: `<p>${text}</p>`, sms: text }
  const fate = await carrier.deliver({ id, channel: 'email', to, content }, AbortSignal.timeout(10_000))
  if (fate.fate === 'sent') return pass('test mail', { en: `handed over for ${to}`, es: `entregado para ${to}` })
  return fail('test mail', fate.error)
}

/** An answer of any kind is an answer. HEAD changes nothing. */
async function knock(address: string): Promise<{ readonly date: Date | undefined } | undefined> {
  try {
    const { headers } = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(knockMs),
    })
    const date = headers.get('date')
    return { date: date === null ? undefined : new Date(date) }
  } catch {
    return undefined
  }
}

export async function ofSurfaces(surfaces: readonly Surface[]): Promise<readonly Finding[]> {
  return (await Promise.all(surfaces.map(ofSurface))).flat()
}

async function ofSurface({ id, client }: Surface): Promise<readonly Finding[]> {
  const check = `surface ${id}`
  if (!client)
    return [
      warn(check, {
        en: 'has no client: its button says that it is not ready',
        es: 'no tiene cliente: su botón dice que no está listo',
      }),
    ]
  const shownAt = client.keys && 'jwksUri' in client.keys ? client.keys.jwksUri : undefined
  const addresses = [client.initiateLoginUri, client.backchannelLogoutUri, shownAt].flatMap((one) =>
    one === undefined ? [] : [one],
  )
  const silent: string[] = []
  const clocks: Finding[] = []
  for (const address of addresses) {
    const answer = await knock(address)
    if (!answer) silent.push(address)
    else if (answer.date) clocks.push(ofClock(`${check} clock`, answer.date, { en: 'its', es: 'el suyo' }))
  }
  const off = clocks.filter((one) => one.result === 'fail').slice(0, 1)
  return [
    silent.length === 0
      ? pass(check, { en: 'answers', es: 'responde' })
      : away(check, { en: `does not answer at ${silent.join(', ')}`, es: `no responde en ${silent.join(', ')}` }),
    ...off,
  ]
}

/** From here; whether people reach them from where they are, nobody can tell from here. */
export async function ofAddresses(config: Config): Promise<readonly Finding[]> {
  const all = [config.consoleOrigin, config.issuerOrigin, config.companionOrigin]
  return Promise.all(
    all.map(async (origin) =>
      (await knock(origin))
        ? pass(origin, { en: 'answers', es: 'responde' })
        : warn(origin, {
            en: 'does not answer from here. Is the server running, and TLS in front of it?',
            es: 'no responde desde aquí. ¿Está el servidor en marcha, con TLS delante?',
          }),
    ),
  )
}

/** We speak plain HTTP: in production there is always a proxy in front, and it alone sees who comes. */
export function ofProxies({ proxies }: Pick<Config, 'proxies'>): Finding {
  if (!proxies)
    return warn('proxies', {
      en: 'AMPARO_PROXIES is not set: all who come through your proxy count as one address. Name it.',
      es: 'AMPARO_PROXIES no está puesto: todos los que llegan por tu proxy cuentan como una dirección. Nómbralo.',
    })
  if ('ranges' in proxies)
    return pass('proxies', { en: 'those that are named are believed', es: 'se cree a los nombrados' })
  return warn('proxies', {
    en: `${proxies.hops} in front are believed, whoever they are: nobody else may reach these ports`,
    es: `se cree a ${proxies.hops} de delante, sean quienes sean: nadie más debe llegar a estos puertos`,
  })
}

export async function ofKeys(path: string | undefined): Promise<readonly Finding[]> {
  if (!path) return []
  const found = await stat(path).catch(() => undefined)
  // Missing is told among the settings.
  if (!found) return []
  if ((found.mode & 0o077) !== 0)
    return [
      fail('keys', {
        en: `Others may read ${path}. Type: chmod 600 ${path}`,
        es: `Otros pueden leer ${path}. Escribe: chmod 600 ${path}`,
      }),
    ]
  return [
    pass('keys', {
      en: `${path} is readable by its owner alone. Keep a copy away from the backups.`,
      es: `${path} solo lo lee su dueño. Guarda una copia lejos de las copias de datos.`,
    }),
  ]
}

const [tight, full] = [1024 ** 3, 100 * 1024 ** 2]

export async function ofRoom(folder: string): Promise<readonly Finding[]> {
  const found = await statfs(folder).catch(() => undefined)
  if (!found) return []
  const bytes = found.bavail * found.bsize
  const says = {
    en: `${(bytes / 1024 ** 3).toFixed(1)} GB free at ${folder}`,
    es: `${(bytes / 1024 ** 3).toFixed(1)} GB libres en ${folder}`,
  }
  if (bytes < full) return [fail('disk', says)]
  return [bytes < tight ? warn('disk', says) : pass('disk', says)]
}
