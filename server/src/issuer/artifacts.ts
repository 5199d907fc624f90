/**
 * What the issuer's library keeps, in one table. The names it keeps things under are the very codes, tokens and cookies,
 * so only their digests are stored. A code and a token are found only while their surface session lives: they die by join with the assistance, and no endpoint can forget it.
 */
import './runtime.ts'
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider'
import { type Database, statement } from '../database/database.ts'
import { tokenDigest } from '../secrets.ts'
import { facts, joinsOf, type Live, type LiveRow, liveOf } from '../surfaces/liveness.ts'
import { lives, tokened } from '../surfaces/surfaces.store.ts'

/** A code that comes back this soon is a product's own double request; later it is a replay, and costs the session. */
const doubleRequestSeconds = 5

const kept = statement(
  'artifact.keep',
  `
insert into artifact (kind, id_digest, grant_digest, payload, expires_at)
values ($1, $2, $3, $4, app_now() + make_interval(secs => $5))
on conflict (kind, id_digest) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
)

/**
 * A living session's one token: its row, the using up of the code that it came for, and the notice that its surface must
 * get when it ends, which so can never be forgotten. Nothing of it where the session has one, or has ended. The code is found by
 * its grant alone: it is what else hangs on it, said in words that no index has.
 */
const keptToken = statement(
  'artifact.keep_token',
  `
with ${tokened('$3', '$2')},
  kept as (
    insert into artifact (kind, id_digest, grant_digest, payload, expires_at)
    select $1, $2, $3, $4, app_now() + make_interval(secs => $5) from tokened),
  used as (
    update artifact r set consumed_at = app_now() from tokened
     where r.grant_digest = $3 and r.kind <> 'AccessToken' and r.consumed_at is null)
insert into notice (surface_session_id, next_at) select id, max_until from tokened returning surface_session_id`,
)

interface Row {
  payload: AdapterPayload
}
interface LivingRow extends Row, LiveRow {
  consumed: boolean
}

const foundAny = statement(
  'artifact.find',
  `select payload from artifact where kind = $1 and id_digest = $2 and expires_at > app_now()`,
)
const foundLiving = statement(
  'artifact.find_living',
  `
${facts}, r.payload, r.consumed_at is not null as consumed
  from artifact r join surface_session s on s.grant_digest = r.grant_digest ${joinsOf('assistance')}
 where r.kind = $1 and r.id_digest = $2 and r.expires_at > app_now() and ${lives}
   and (r.consumed_at is null or r.consumed_at <= app_now() - interval '${doubleRequestSeconds} seconds')`,
)
const consumed = statement(
  'artifact.consume',
  `
update artifact set consumed_at = app_now()
 where kind = $1 and id_digest = $2 and consumed_at is null and expires_at > app_now() returning kind`,
)
const keptOnce = statement(
  'artifact.keep_once',
  `
insert into artifact (kind, id_digest, payload, expires_at) values ($1, $2, '{}', app_now() + make_interval(secs => $3))
on conflict (kind, id_digest) do nothing returning kind`,
)
const removed = statement('artifact.destroy', 'delete from artifact where kind = $1 and id_digest = $2')

const forgotten = statement(
  'artifact.forget',
  `delete from artifact where expires_at < (select app_now()) - interval '1 day' returning kind`,
)

/** Removes what expired long ago; it has opened nothing since. */
export const forgetExpired = async (db: Database): Promise<number> => (await db.query(forgotten)).length

/** What a session grants, as the library wants it. */
export interface Granted {
  readonly accountId: string
  readonly clientId: string
  readonly openid: { readonly scope: string }
  readonly seconds: number
}

/** What the library's storage asks, and whom it tells. */
export interface Behind {
  /** What a living session grants, by the name of the grant. */
  grantBy(grantId: string): Promise<Granted | undefined>
  /** What lives behind a code or a token that was just found. */
  found(live: Live): void
  /** A code came twice. */
  replayed(grantId: string): Promise<void>
  /** What is said where a proof, or an assertion, comes again at the same moment. */
  again(): Error
}

/** The library's storage. */
export function artifacts(db: Database, behind: Behind): AdapterFactory {
  return (kind) => {
    switch (kind) {
      case 'AuthorizationCode':
      case 'AccessToken':
        return ofSession(db, kind, behind)
      case 'Grant':
        return grants(behind)
      case 'Interaction':
        return interactions(db)
      case 'ReplayDetection':
        return once(db, behind)
      default:
        return nothing
    }
  }
}

/** Keeps nothing and finds nothing. There is no session at the issuer, so nobody is ever signed in there already. */
const nothing: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
}

const key = (kind: string, id: string) => [kind, tokenDigest(id)] as const

/** Proofs of possession and assertions that the library was shown: of many that come with the same one, one is taken. */
const once = (db: Database, { again }: Behind): Adapter => ({
  ...nothing,
  async upsert(id, _payload, seconds = 0) {
    const rows = await db.query(keptOnce, [...key('ReplayDetection', id), seconds])
    if (rows.length === 0) throw again()
  },
})

/** Uses up a proof that was shown to us, by its key and its name. False: it was used already. */
export const keepProof = async (db: Database, name: string, seconds: number): Promise<boolean> =>
  (await db.query(keptOnce, [...key('Proof', name), seconds])).length === 1

/** An authorization request on a phone, while its launch waits for two digits. Its id is a cookie, and the last part of an address. */
function interactions(db: Database): Adapter {
  const kind = 'Interaction'
  return {
    ...nothing,
    async upsert(id, { jti: _jti, returnTo = '', ...payload }, seconds = 0) {
      const resumes = returnTo.endsWith(id) ? returnTo.slice(0, -id.length) : returnTo
      await db.query(kept, [...key(kind, id), null, withoutId(id, { ...payload, returnTo: resumes }), seconds])
    },
    async find(id) {
      const [row] = await db.query<Row>(foundAny, [...key(kind, id)])
      return row && { ...row.payload, jti: id, returnTo: `${row.payload.returnTo}${id}` }
    },
    async destroy(id) {
      await db.query(removed, [...key(kind, id)])
    },
  }
}

/** What a session grants is what it is: read from the session each time, kept nowhere. */
const grants = ({ grantBy }: Behind): Adapter => ({
  ...nothing,
  async find(id) {
    const granted = await grantBy(id)
    if (!granted) return undefined
    const { seconds, ...payload } = granted
    const iat = Math.floor(Date.now() / 1000) // The library's own; what ends a grant is its session.
    return { ...payload, kind: 'Grant', jti: id, iat, exp: iat + seconds }
  },
})

function ofSession(db: Database, kind: 'AuthorizationCode' | 'AccessToken', { found, replayed }: Behind): Adapter {
  return {
    ...nothing,
    async upsert(id, { jti: _jti, ...payload }, seconds = 0) {
      const values = [...key(kind, id), tokenDigest(payload.grantId ?? ''), withoutId(id, payload), seconds]
      const rows = await db.query(kind === 'AccessToken' ? keptToken : kept, values)
      if (kind === 'AccessToken' && rows.length === 0) throw new errors.InvalidGrant('the session has ended')
    },
    async find(id) {
      const [row] = await db.query<LivingRow>(foundLiving, [...key(kind, id)])
      if (!row) return undefined
      found(liveOf(row))
      return { ...row.payload, jti: id, ...(row.consumed ? { consumed: true } : {}) }
    },
    async consume(id) {
      const rows = await db.query(consumed, [...key(kind, id)])
      if (rows.length === 0) throw new errors.InvalidGrant('already consumed')
    },
    async destroy(id) {
      await db.query(removed, [...key(kind, id)])
    },
    async revokeByGrantId(grantId) {
      if (kind === 'AuthorizationCode') await replayed(grantId)
    },
  }
}

/** The library may grow a field that repeats the id: better a broken launch than a token in the database. */
function withoutId(id: string, payload: AdapterPayload): AdapterPayload {
  if (JSON.stringify(payload).includes(id)) throw new Error('an artifact would keep its own id in clear')
  return payload
}

/** After a restore: nothing that the library kept may be believed again. */
export async function forgetArtifacts(db: Database): Promise<void> {
  await db.query('delete from artifact')
}
