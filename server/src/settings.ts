/**
 * Every setting: what it means in both languages, an example, and whether its value may be shown. Beside it, how a wrong
 * one is told: what was seen, what is wanted, an example; never a secret.
 */
import { readFileSync } from 'node:fs'
import type { Bilingual } from '@amparo/contract/words'
import { Cannot, type Sentence } from './cannot.ts'

interface Row {
  readonly means: Bilingual
  readonly example?: string
  /** `address`: shown without its password. `secret`: never shown. */
  readonly shown?: 'address' | 'secret'
  /** What holds where it is unset; a setting without it has to be there, unless `optional`. */
  readonly unset?: string
  readonly optional?: true
}

const table = {
  DATABASE_URL: {
    means: { en: 'our PostgreSQL 15 to 18', es: 'nuestro PostgreSQL 15 a 18' },
    example: 'postgres://amparo:…@db/amparo',
    shown: 'address',
  },
  AMPARO_CORE_URL: {
    means: {
      en: "the vendor's database with the views of schema amparo_core; unset: our own",
      es: 'la base de datos del proveedor con las vistas del esquema amparo_core; sin él: la nuestra',
    },
    shown: 'address',
    optional: true,
  },
  AMPARO_HOST: {
    means: {
      en: 'the address to listen on; 127.0.0.1 unless set',
      es: 'la dirección en la que escuchar; 127.0.0.1 si no se pone',
    },
    unset: '127.0.0.1',
  },
  AMPARO_PORT: {
    means: {
      en: "the console's port; the issuer takes the next, the companion page the one after",
      es: 'el puerto de la consola; el emisor toma el siguiente y la página del usuario el de después',
    },
    unset: '4000',
  },
  AMPARO_PROXIES: {
    means: {
      en: 'the proxies in front, whose X-Forwarded-For tells who asks: their addresses and ranges, or how many there are where nobody else reaches these ports; unset: nobody is believed, and limits by address count all who come through a proxy as one',
      es: 'los proxies de delante, cuyo X-Forwarded-For dice quién pregunta: sus direcciones y rangos, o cuántos son si nadie más llega a estos puertos; sin él: no se cree a nadie, y los límites por dirección cuentan como uno a todos los que llegan por un proxy',
    },
    example: '10.40.0.0/24, 10.40.1.0/24',
    optional: true,
  },
  AMPARO_CONSOLE_URL: {
    means: { en: 'the console as agents open it', es: 'la consola tal como la abren los agentes' },
    example: 'https://desk.acme.com',
  },
  AMPARO_ISSUER_URL: {
    means: { en: 'the assisted issuer, on a host of its own', es: 'el emisor asistido, en un host propio' },
    example: 'https://assist.acme.com',
  },
  AMPARO_COMPANION_URL: {
    means: { en: "the user's page as people open it", es: 'la página del usuario tal como la abre la gente' },
    example: 'https://help.acme.com',
  },
  AMPARO_SURFACES: {
    means: {
      en: 'a JSON file with the products that can be opened',
      es: 'un archivo JSON con los productos que se pueden abrir',
    },
    example: '/etc/amparo/surfaces.json',
  },
  AMPARO_REASONS: {
    means: {
      en: "a JSON file with the vendor's reasons; unset: six of our own",
      es: 'un archivo JSON con los motivos del proveedor; sin él: seis nuestros',
    },
    optional: true,
  },
  AMPARO_TICKET_URL: {
    means: { en: 'where your ticket system shows a ticket', es: 'dónde muestra un tique tu sistema de tiques' },
    example: 'https://tickets.acme.com/t/{ticket}',
    optional: true,
  },
  AMPARO_POLICY: {
    means: {
      en: 'a JSON file, {"preset": "standard"} or {"preset": "strict"} with what differs from it; standard unless set',
      es: 'un archivo JSON, {"preset": "standard"} o {"preset": "strict"} con lo que difiera; standard si no se pone',
    },
    optional: true,
  },
  AMPARO_AGENTS_ISSUER: {
    means: {
      en: "your company's identity provider, where agents sign in; unset: accounts of our own",
      es: 'el proveedor de identidad de tu empresa, donde entran los agentes; sin él: cuentas nuestras',
    },
    example: 'https://login.acme.com',
    optional: true,
  },
  AMPARO_AGENTS_CLIENT_ID: {
    means: { en: 'our client there', es: 'nuestro cliente allí' },
    optional: true,
  },
  AMPARO_AGENTS_CLIENT_SECRET: {
    means: { en: "our client's secret there", es: 'la clave de nuestro cliente allí' },
    shown: 'secret',
    optional: true,
  },
  AMPARO_AGENTS_GROUPS: {
    means: {
      en: 'a JSON file: which group gives which roles, e.g. {"groups": {"support": ["agent:technical"]}}',
      es: 'un archivo JSON: qué grupo da qué funciones, p. ej. {"groups": {"support": ["agent:technical"]}}',
    },
    example: '/etc/amparo/groups.json',
    optional: true,
  },
  AMPARO_VENDOR_NAME: {
    means: { en: 'what users know you as', es: 'el nombre por el que te conocen los usuarios' },
    example: 'Acme',
  },
  AMPARO_VENDOR_PHONE: {
    means: { en: 'the number that users can call', es: 'el número al que pueden llamar los usuarios' },
    example: '+1 212 555 0100',
  },
  AMPARO_KEYS: {
    means: {
      en: 'the key file, or the JSON that would be in it; make one with: amparo keys new FILE',
      es: 'el archivo de llaves, o el JSON que tendría; crea uno con: amparo keys new ARCHIVO',
    },
    example: '/etc/amparo/keys.json',
  },
  AMPARO_STOP_FILE: {
    means: {
      en: 'where amparo stop tells this machine to switch off; stopped.json beside the keys unless set',
      es: 'donde amparo stop avisa a esta máquina de que corte el acceso; stopped.json junto a las llaves si no se pone',
    },
    example: '/var/lib/amparo/stopped.json',
    optional: true,
  },
  AMPARO_MAIL_BY: {
    means: {
      en: 'what takes mail: smtp, ses (Amazon SES) or lambda (the function deliver); smtp unless set',
      es: 'qué lleva el correo: smtp, ses (Amazon SES) o lambda (la función deliver); smtp si no se pone',
    },
    unset: 'smtp',
  },
  AMPARO_SMS_BY: {
    means: {
      en: 'what takes SMS: sns (Amazon SNS) or lambda (the function deliver); unset: no SMS are sent',
      es: 'qué lleva los SMS: sns (Amazon SNS) o lambda (la función deliver); sin él: no se envían SMS',
    },
    optional: true,
  },
  AMPARO_SMS_SENDER: {
    means: {
      en: 'the name that phones show for an SMS through sns, up to eleven letters and digits, where a country allows one',
      es: 'el nombre que muestran los teléfonos en un SMS por sns, hasta once letras y cifras, donde un país lo permite',
    },
    example: 'ACME',
    optional: true,
  },
  AMPARO_SMS_BOUND: {
    means: {
      en: 'yes: an SMS whose code is typed into a page of ours ends with the line by which a phone offers it on that page and nowhere else; no unless set',
      es: 'yes: un SMS cuyo código se escribe en una página nuestra acaba con la línea por la que un teléfono lo ofrece en esa página y en ninguna otra; no si no se pone',
    },
    unset: 'no',
  },
  AMPARO_DELIVER_FUNCTION: {
    means: {
      en: 'the function of AWS Lambda that delivers messages, by its name or ARN',
      es: 'la función de AWS Lambda que entrega los mensajes, por su nombre o ARN',
    },
    example: 'amparo-deliver',
    optional: true,
  },
  AMPARO_SMTP_URL: {
    means: { en: 'the mail server', es: 'el servidor de correo' },
    example: 'smtps://user:…@smtp.acme.com',
    shown: 'address',
  },
  AMPARO_MAIL_FROM: {
    means: { en: 'the sender of mails', es: 'el remitente de los correos' },
    example: 'Acme Support <help@acme.com>',
  },
  AMPARO_METRICS_TOKEN: {
    means: {
      en: 'what a reader of /metrics has to show as a bearer token, at least 32 characters (two of them, with a space, while they change); unset: only this machine reads them',
      es: 'lo que debe mostrar quien lea /metrics como «bearer», al menos 32 caracteres (dos, con un espacio, mientras cambian); sin él: solo las lee esta máquina',
    },
    shown: 'secret',
    optional: true,
  },
  AMPARO_RELEASE_WEBHOOK: {
    means: {
      en: 'where a release of a succession is posted, where the Core has no function for it, e.g. https://core.acme.com/releases',
      es: 'adónde se envía el desbloqueo de una sucesión si el Core no tiene función para ello, p. ej. https://core.acme.com/releases',
    },
    shown: 'address',
    optional: true,
  },
  AMPARO_RELEASE_WEBHOOK_SECRET: {
    means: {
      en: 'signs what is posted there (Standard Webhooks): whsec_ and at least 32 characters of base64; two of them, with a space, while they change',
      es: 'firma lo que se envía allí (Standard Webhooks): whsec_ y al menos 32 caracteres de base64; dos, con un espacio, mientras cambian',
    },
    shown: 'secret',
    optional: true,
  },
  AMPARO_RECORD_WEBHOOK: {
    means: {
      en: 'where the record is posted as it grows, in its order, with its checkpoints, e.g. https://siem.acme.com/amparo',
      es: 'adónde se envía el registro según crece, en su orden, con sus puntos de control, p. ej. https://siem.acme.com/amparo',
    },
    shown: 'address',
    optional: true,
  },
  AMPARO_RECORD_WEBHOOK_SECRET: {
    means: {
      en: 'signs what is posted there (Standard Webhooks): whsec_ and at least 32 characters of base64; two of them, with a space, while they change',
      es: 'firma lo que se envía allí (Standard Webhooks): whsec_ y al menos 32 caracteres de base64; dos, con un espacio, mientras cambian',
    },
    shown: 'secret',
    optional: true,
  },
  AMPARO_CHECKPOINTS: {
    means: {
      en: 'a file that every checkpoint of the record is added to, best on another machine, e.g. /mnt/witness/amparo.txt',
      es: 'un archivo al que se añade cada punto de control del registro, mejor en otra máquina, p. ej. /mnt/testigo/amparo.txt',
    },
    optional: true,
  },
  AMPARO_SUCCESSION_PACKS: {
    means: {
      en: 'steps of a succession beyond the fourteen: medical_practice adds the custodian of the records and the notice to patients',
      es: 'pasos de una sucesión además de los catorce: medical_practice añade el custodio de los registros y el aviso a los pacientes',
    },
    optional: true,
  },
} as const satisfies Readonly<Record<string, Row>>

export type Setting = keyof typeof table
export const settings: Readonly<Record<Setting, Row>> = table
export const settingNames = Object.keys(table).filter(isSetting)

export function isSetting(name: string): name is Setting {
  return Object.hasOwn(table, name)
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment with what stands in files: a setting `X` may be given as `X_FILE`, whose content it is, as platforms that
 * mount secrets want it. Beside it what is wrong with such files; their content is never part of that.
 */
export function withFiles(env: Environment): { readonly env: Environment; readonly faults: readonly Sentence[] } {
  const faults: Sentence[] = []
  const found: Record<string, string | undefined> = { ...env }
  for (const name of settingNames) {
    const file = env[`${name}_FILE`]?.trim()
    delete found[`${name}_FILE`]
    if (!file) continue
    if (env[name]?.trim()) faults.push(twice(name))
    else
      try {
        found[name] = readFileSync(file, 'utf8').trim()
      } catch {
        faults.push(noFile(name, file))
      }
  }
  return { env: found, faults }
}

const twice = (name: Setting): Bilingual => ({
  en: `${name} and ${name}_FILE are both set. Keep one of them.`,
  es: `${name} y ${name}_FILE están puestos a la vez. Deja uno de los dos.`,
})
const noFile = (name: Setting, file: string): Bilingual => ({
  en: `${name}_FILE  seen: "${file}", which cannot be read  wanted: a file with the value of ${name}`,
  es: `${name}_FILE  visto: «${file}», que no se puede leer  se espera: un archivo con el valor de ${name}`,
})

/** The environment of this process, with what stands in files; for commands. Throws where a file cannot be used. */
export function environment(): Environment {
  const { env, faults } = withFiles(process.env)
  if (faults.length > 0) throw new Cannot(2, faults)
  return env
}

/** What a setting means, with its example: for `amparo config` and the guide. */
export const meaningOf = (name: Setting): Bilingual => {
  const { means, example } = settings[name]
  return example === undefined ? means : { en: `${means.en}, e.g. ${example}`, es: `${means.es}, p. ej. ${example}` }
}

/**
 * A value as it may be shown: an address without its password, a secret not at all. An address with a password may stand
 * where none belongs, by a mistake that is just being told.
 */
export function shown(name: Setting, value: string): string {
  const how = settings[name].shown
  if (how === 'secret' || (name === 'AMPARO_KEYS' && value.trimStart().startsWith('{'))) return '…'
  return how === 'address' || /:\/\/.*@/s.test(value) ? withoutPassword(value) : value
}

/**
 * Where a password stands that nobody took for one, nothing is shown: `amparo:secret@db` without its scheme, or an
 * unescaped # / ? in it, which ends the host there and leaves the rest before the @.
 */
function withoutPassword(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url?.href.startsWith(`${url.protocol}//`) || `${url.pathname}${url.search}${url.hash}`.includes('@')) return '…'
  if (url.password !== '') url.password = '…'
  for (const name of url.searchParams.keys()) if (/pass|secret|token|key/i.test(name)) url.searchParams.set(name, '…')
  return url.href.replaceAll('%E2%80%A6', '…')
}

/** One wrong setting in a line. `seen` is what stands there, or why it cannot be used; nothing where it is missing. */
export function wrong(name: Setting, seen: Sentence | undefined, wanted: Bilingual = settings[name].means): Bilingual {
  const { example } = settings[name]
  const [en, es] = typeof seen === 'object' ? [seen.en, seen.es] : [seen ?? 'nothing', seen ?? 'nada']
  return {
    en: `${name}  seen: ${en}  wanted: ${wanted.en}${example === undefined ? '' : `  e.g. ${example}`}`,
    es: `${name}  visto: ${es}  se espera: ${wanted.es}${example === undefined ? '' : `  p. ej. ${example}`}`,
  }
}

/** A value in quotation marks, without what may not be shown. */
export const quoted = (name: Setting, value: string): string => `"${shown(name, value)}"`

/** A typing error in a security product must not be ignored. */
export function unknownSetting(name: string): Bilingual {
  const near = nearestSetting(name)
  return {
    en: `${name} is not a setting.${near ? ` Did you mean ${near}?` : ''}`,
    es: `${name} no es un ajuste.${near ? ` ¿Querías decir ${near}?` : ''}`,
  }
}

/** The setting that somebody may have meant, at most so many letters away. */
export function nearestSetting(name: string, within = 4): Setting | undefined {
  const [near] = settingNames
    .map((known) => ({ known, far: distance(known, name) }))
    .sort((a, b) => a.far - b.far)
    .filter(({ far }) => far <= within)
  return near?.known
}

/** Levenshtein distance: how many letters two words are apart. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
