/** What the doctor sees in the databases, on a connection that can only read. */
import { type Core, CoreSilent, core } from '../core/core.ts'
import { type Database, postgres } from '../database/database.ts'
import { planned } from '../database/migrate.ts'
import { placeOf, unreached } from '../database/reach.ts'
import type { Policy } from '../policy/policy.ts'
import { environment } from '../settings.ts'
import { away, type Finding, fail, ofClock, pass, warn } from './doctor.finding.ts'
import { ofSuccessions } from './doctor.successions.ts'
import { toldOf } from './terminal.ts'

/** One connection, read only from its first statement on; closed however it went. */
async function reading(url: string, work: (db: Database) => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  const db = postgres(url, { max: 1, applicationName: 'amparo doctor' })
  try {
    await db.query('set default_transaction_read_only = on')
    return await work(db)
  } finally {
    await db.close()
  }
}

/** Findings, or why there are none: a sentence without the password. */
async function safely(
  check: string,
  setting: string,
  url: string,
  work: (db: Database) => Promise<readonly Finding[]>,
) {
  try {
    return await reading(url, work)
  } catch (error) {
    return [whyNot(check, setting, url, error)]
  }
}

function whyNot(check: string, setting: string, url: string, error: unknown): Finding {
  const cause = error instanceof CoreSilent ? error.cause : error
  try {
    const cannot = unreached(cause, placeOf(setting, url))
    const [says = cannot.message] = cannot.faults
    return cannot.exit === 3 ? away(check, says) : fail(check, says)
  } catch {
    return fail(check, toldOf(cause).says[0] ?? 'it failed')
  }
}

export async function ofDatabase(
  setting: string,
  url: string | undefined,
  policy?: Policy,
): Promise<readonly Finding[]> {
  if (!url || !URL.canParse(url)) return []
  return safely('database', setting, url, async (db) => {
    const [server] = await db.query<{ version: string; user: string; now: Date; creates: boolean }>(`
      select current_setting('server_version') as version, current_user as user, clock_timestamp() as now,
             has_database_privilege(current_database(), 'create') as creates`)
    if (!server) return []
    const { pending, applied } = await planned(db)
    const us = pending.length === 0
    return [
      pass('database', `PostgreSQL ${server.version}, "${server.user}"`),
      us
        ? pass('migrations', { en: `all ${applied} are applied`, es: `las ${applied} están aplicadas` })
        : warn('migrations', {
            en: `${pending.length} are missing (${pending.join(', ')}). Type: amparo migrate`,
            es: `faltan ${pending.length} (${pending.join(', ')}). Escribe: amparo migrate`,
          }),
      ...(server.creates || us
        ? []
        : [
            fail('rights', {
              en: `"${server.user}" may not make tables here. Grant it: grant create on database … to "${server.user}"`,
              es: `«${server.user}» no puede crear tablas aquí. Dale permiso: grant create on database … to "${server.user}"`,
            }),
          ]),
      ofClock('clock', server.now, { en: "the database's", es: 'la de la base de datos' }),
      ...(us ? await ofTriggers(db) : []),
      ...(us && policy ? await ofSecondPersons(db, policy) : []),
      ...(us ? await ofProducts(db) : []),
    ]
  })
}

/**
 * Those that somebody switched off by hand: what hangs on them comes late or not at all, and nothing else says so. Those of
 * foreign keys take a superuser.
 */
async function ofTriggers(db: Database): Promise<readonly Finding[]> {
  const off = await db.query<{ table: string; names: string; which: string }>(`
    select c.relname as table, string_agg(t.tgname, ', ' order by t.tgname) as names,
           case when bool_or(t.tgisinternal) then 'all' else 'user' end as which
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'amparo'::regnamespace and t.tgenabled not in ('O', 'A') group by 1 order by 1`)
  if (off.length === 0) return [pass('triggers', { en: 'all are on', es: 'todos están activos' })]
  return off.map(({ table, names, which }) =>
    fail('triggers', {
      en: `switched off on amparo.${table}: ${names}. Endings may be told late, or the record changed. Type: alter table amparo.${table} enable trigger ${which}`,
      es: `desactivados en amparo.${table}: ${names}. Los finales pueden avisarse tarde, o cambiarse el registro. Escribe: alter table amparo.${table} enable trigger ${which}`,
    }),
  )
}

/** Whether there are enough people for what the policy gives to more than one: an agent is never one of them. */
async function ofSecondPersons(db: Database, policy: Policy): Promise<readonly Finding[]> {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from agent where 'supervisor' = any (roles) and deactivated_at is null`,
  )
  const count = row?.count ?? 0
  const { ownersSurfaces, powers, releaseFrom, sameUserFrom } = policy.secondPerson
  const takesOne = ownersSurfaces.length > 0 || powers || releaseFrom !== null || sameUserFrom !== null
  if (policy.breakGlass.roles.length > 0 && count < 3)
    return [
      warn('supervisors', {
        en: `there are ${count}. Looking without a consent takes two who say yes and a third who reviews it: it stays unreviewed, and its agent cannot do it again. Give somebody the role.`,
        es: `hay ${count}. Mirar sin consentimiento pide dos que digan sí y una tercera persona que lo revise: queda sin revisar, y su agente no puede repetirlo. Dale el rol a alguien.`,
      }),
    ]
  if (takesOne && count === 0)
    return [
      warn('supervisors', {
        en: 'there is none, and the policy asks for a second person: nobody can say yes. Give somebody the role.',
        es: 'no hay ninguno, y la política pide una segunda persona: nadie puede decir sí. Dale el rol a alguien.',
      }),
    ]
  return [pass('supervisors', { en: `${count}`, es: `${count}` })]
}

/** What products told of themselves in the last day, and what we saw of it: nothing where it fits. */
async function ofProducts(db: Database): Promise<readonly Finding[]> {
  const rows = await db.query<{ surface: string; times: number; whys: string }>(`
    select d ->> 'surface' as surface, count(*)::int as times, string_agg(distinct d ->> 'why', ', ') as whys
      from event, lateral (select body::jsonb -> 'data' as d) b
     where type = 'activity.mismatch' and at > rfc3339(app_now() - interval '1 day') group by 1 order by 1`)
  return rows.map(({ surface, times, whys }) =>
    warn(`product ${surface}`, {
      en: `what it told did not fit what we saw, ${times} times in a day (${whys}). Search the record for type:activity.mismatch.`,
      es: `lo que contó no cuadraba con lo que vimos, ${times} veces en un día (${whys}). Busca en el registro type:activity.mismatch.`,
    }),
  )
}

export async function ofCore(setting: string, url: string | undefined, seats: boolean): Promise<readonly Finding[]> {
  if (!url || !URL.canParse(url)) return []
  const [people, successions] = await Promise.all([
    safely('core', setting, url, (db) => views(core(db, { seats }))),
    safely('ecosystem admin', setting, url, (db) => ofSuccessions(db, environment())),
  ])
  // Where the Core does not answer at all, once is enough.
  return people.some((one) => one.unreachable) ? people : [...people, ...successions]
}

async function views(theCore: Core): Promise<readonly Finding[]> {
  const faults = await theCore.faults()
  if (faults.length > 0) return faults.map((says) => fail('core', says))
  return (await theCore.report()).map(({ view, rows, note }) => {
    if (note !== undefined) return warn(view, note)
    if (rows === 0)
      return warn(view, { en: 'has no rows: nobody can be helped', es: 'no tiene filas: no se puede ayudar a nadie' })
    return pass(view, { en: `${rows} rows`, es: `${rows} filas` })
  })
}
