/** Reaching a PostgreSQL at a start: waiting while it is away, and saying in words what is wrong when it is there. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bilingual } from '@amparo/contract/words'
import { Cannot, type ExitCode } from '../cannot.ts'
import { type Database, isConnectionTrouble } from './database.ts'

/** Where a database is, as far as it may be said: never the password. */
export interface Place {
  /** The setting that names it. */
  readonly setting: string
  readonly host: string
  readonly user: string
  readonly database: string
}

/** What an address says of its place. A socket's folder stands where the host would. */
export function placeOf(setting: string, address: string): Place {
  const url = new URL(address)
  const socket = url.searchParams.get('host')
  const user = decodeURIComponent(url.username) || url.searchParams.get('user') || process.env.PGUSER || 'postgres'
  return {
    setting,
    host: url.hostname === '' ? (socket ?? 'this machine') : `${url.hostname}:${url.port || '5432'}`,
    user,
    database: decodeURIComponent(url.pathname.slice(1)) || user,
  }
}

export interface Patience {
  readonly limitMs: number
  /** Told once, before the first wait. */
  waiting(says: Bilingual): void
  /** Real time, unless a test has its own. */
  readonly now?: () => number
  readonly pause?: (ms: number) => Promise<unknown>
}

const everyMs = 2000

/** Waits until the database answers. Throws with a sentence and the exit code where it does not, or does not want us. */
export async function reach(db: Database, place: Place, patience: Patience): Promise<void> {
  const { limitMs, waiting, now = () => performance.now(), pause = sleep } = patience
  const end = now() + limitMs
  for (let told = false; ; told = true) {
    const error = await db.query('select 1').then(
      () => undefined,
      (broken: unknown) => broken,
    )
    if (error === undefined) return
    const cannot = unreached(error, place)
    if (cannot.exit !== 3 || now() + everyMs > end) throw cannot
    if (!told) waiting(withPatience(cannot, limitMs))
    await pause(everyMs)
  }
}

function withPatience(cannot: Cannot, limitMs: number): Bilingual {
  const seconds = Math.round(limitMs / 1000)
  const [fault = ''] = cannot.faults
  const says = typeof fault === 'string' ? { en: fault, es: fault } : fault
  return {
    en: `${says.en} Trying again every 2 s, until ${seconds} s.`,
    es: `${says.es} Se vuelve a intentar cada 2 s, hasta ${seconds} s.`,
  }
}

/** What a failure at the database means for whoever starts us. */
export function unreached(error: unknown, place: Place): Cannot {
  const told = refusals[codeOf(error)]?.(place, error)
  if (told) return new Cannot(told.exit, [told.says], error)
  if (!isConnectionTrouble(error)) throw error
  const why = silences[codeOf(error)] ?? { en: 'no answer', es: 'no responde' }
  const { host, user, setting } = place
  return new Cannot(
    3,
    [
      {
        en: `Cannot reach PostgreSQL at ${host} as "${user}": ${why.en}. Is it running? Checked ${setting} from the environment.`,
        es: `No se llega a PostgreSQL en ${host} como «${user}»: ${why.es}. ¿Está en marcha? Se miró ${setting} del entorno.`,
      },
    ],
    error,
  )
}

type Told = (place: Place, error: unknown) => { readonly exit: ExitCode; readonly says: Bilingual }

/** PostgreSQL says the same of a role that it does not have and of a password that is wrong, so that nobody learns which. */
const notThem: Told = ({ host, user, setting }) => ({
  exit: 2,
  says: {
    en: `PostgreSQL at ${host} does not let "${user}" in: it has no such role, or the password is wrong or missing. Correct ${setting}.`,
    es: `PostgreSQL en ${host} no deja entrar a «${user}»: no tiene ese rol, o la contraseña no es correcta o falta. Corrige ${setting}.`,
  },
})
/** Turned away before any password counts, and PostgreSQL says why: no such role, none that signs in, not from this address. */
const notHere: Told = ({ host, user, setting }, error) => {
  const first = firstOf(error)
  const said = first instanceof Error ? first.message : ''
  return {
    exit: 2,
    says: {
      en: `PostgreSQL at ${host} does not let "${user}" in and says: ${said}. Correct ${setting}, or what it allows.`,
      es: `PostgreSQL en ${host} no deja entrar a «${user}» y dice: ${said}. Corrige ${setting}, o lo que permite.`,
    },
  }
}
const noRights: Told = ({ user, database }) => ({
  exit: 2,
  says: {
    en: `"${user}" may not make or write what Amparo needs in the database "${database}". As its administrator, type: psql -d ${database} -c 'grant create on database "${database}" to "${user}"'`,
    es: `«${user}» no puede crear ni escribir lo que Amparo necesita en la base de datos «${database}». Como administrador, escribe: psql -d ${database} -c 'grant create on database "${database}" to "${user}"'`,
  },
})
const noDatabase: Told = ({ host, user, database, setting }) => ({
  exit: 2,
  says: {
    en: `PostgreSQL at ${host} has no database "${database}". Make it, or name another in ${setting}: createdb -O ${user} ${database}`,
    es: `PostgreSQL en ${host} no tiene la base de datos «${database}». Créala, o nombra otra en ${setting}: createdb -O ${user} ${database}`,
  },
})

const refusals: Readonly<Record<string, Told>> = {
  '28P01': notThem,
  '28000': notHere,
  '3D000': noDatabase,
  '42501': noRights,
  '25006': noRights,
}

const silences: Readonly<Record<string, Bilingual>> = {
  ECONNREFUSED: { en: 'connection refused', es: 'conexión rechazada' },
  ENOTFOUND: { en: 'there is no such host', es: 'no existe ese host' },
  EAI_AGAIN: { en: 'the name cannot be looked up', es: 'no se puede resolver el nombre' },
  ENOENT: { en: 'there is no such socket', es: 'no existe ese socket' },
  '57P03': { en: 'it is just starting', es: 'está arrancando' },
  '53300': { en: 'it takes no more connections', es: 'no admite más conexiones' },
}

/** Of several attempts (IPv6, IPv4) the first tells. */
const firstOf = (error: unknown): unknown => (error instanceof AggregateError ? error.errors[0] : error)

function codeOf(error: unknown): string {
  const one = firstOf(error)
  return one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : ''
}
