/**
 * What the issuer's library keeps, in one table. The names it keeps things under are the very codes, tokens and cookies,
 * so only their digests are stored. A code, a token and a grant are found only while their surface session lives: they
 * die by join with the assistance, and no endpoint can forget it.
 */
import './runtime.ts'
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider'
import { type Database, statement } from '../database/database.ts'
import { tokenDigest } from '../secrets.ts'
import { giveToken, lives } from '../surfaces/surfaces.store.ts'

/** A code that comes back this soon is a product's own double request; later it is a replay, and costs the session. */
const doubleRequestSeconds = 5

const kept = statement(
  'artifact.keep',
  `
insert into artifact (kind, id_digest, grant_digest, payload, expires_at)
values ($1, $2, $3, $4, app_now() + make_interval(secs => $5))
on conflict (kind, id_digest) do update set payload = excluded.payload, expires_at = excluded.expires_at`,
)

/** The token's row and, with it, the notice that its surface must get when it ends: none can be forgotten later. */
const keptToken = statement(
  'artifact.keep_token',
  `
with kept as (
  insert into artifact (kind, id_digest, grant_digest, payload, expires_at)
  values ($1, $2, $3, $4, app_now() + make_interval(secs => $5)) returning grant_digest)
insert into notice (surface_session_id, next_at)
select s.id, app_now() from kept join surface_session s on s.grant_digest = kept.grant_digest`,
)

interface Row {
  payload: AdapterPayload
  consumed: boolean
}

const found = statement(
  'artifact.find',
  `select payload, false as consumed from artifact where kind = $1 and id_digest = $2 and expires_at > app_now()`,
)
const foundLiving = statement(
  'artifact.find_living',
  `
select r.payload, r.consumed_at is not null as consumed
  from artifact r join surface_session s on s.grant_digest = r.grant_digest join assistance a on a.id = s.assistance_id
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
  `delete from artifact where expires_at < app_now() - interval '1 day' returning kind`,
)

/** Removes what expired long ago; it has opened nothing since. */
export const forgetExpired = async (db: Database): Promise<number> => (await db.query(forgotten)).length

/** The library's storage. `replayed` hears of a code that came twice, by the name of its grant. */
export function artifacts(db: Database, replayed: (grantId: string) => Promise<void>): AdapterFactory {
  return (kind) => {
    switch (kind) {
      case 'Interaction':
        return interactions(db)
      case 'ReplayDetection':
        return once(db)
      case 'AuthorizationCode':
      case 'AccessToken':
      case 'Grant':
        return ofSession(db, kind, replayed)
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

/** Proofs of possession that the library was shown: of many that come with the same one, one is taken. */
const once = (db: Database): Adapter => ({
  ...nothing,
  async upsert(id, _payload, seconds = 0) {
    const rows = await db.query(keptOnce, [...key('ReplayDetection', id), seconds])
    if (rows.length === 0) throw new errors.InvalidDpopProof('this proof was used already')
  },
})

/** Uses up a proof that was shown to us. False: it was used already. */
export const keepProof = async (db: Database, proof: string, seconds: number): Promise<boolean> =>
  (await db.query(keptOnce, [...key('Proof', proof), seconds])).length === 1

/** An authorization request while its launch is redeemed. Its id is a cookie, and the last part of an address. */
function interactions(db: Database): Adapter {
  const kind = 'Interaction'
  return {
    ...nothing,
    async upsert(id, { jti: _jti, returnTo = '', ...payload }, seconds = 0) {
      const resumes = returnTo.endsWith(id) ? returnTo.slice(0, -id.length) : returnTo
      await db.query(kept, [...key(kind, id), null, withoutId(id, { ...payload, returnTo: resumes }), seconds])
    },
    async find(id) {
      const [row] = await db.query<Row>(found, [...key(kind, id)])
      return row && { ...row.payload, jti: id, returnTo: `${row.payload.returnTo}${id}` }
    },
    async destroy(id) {
      await db.query(removed, [...key(kind, id)])
    },
  }
}

function ofSession(
  db: Database,
  kind: 'AuthorizationCode' | 'AccessToken' | 'Grant',
  replayed: (grantId: string) => Promise<void>,
): Adapter {
  return {
    ...nothing,
    async upsert(id, { jti: _jti, ...payload }, seconds = 0) {
      const grantDigest = tokenDigest(kind === 'Grant' ? id : (payload.grantId ?? ''))
      const values = [...key(kind, id), grantDigest, kind === 'Grant' ? payload : withoutId(id, payload), seconds]
      if (kind !== 'AccessToken') return void (await db.query(kept, values))
      if (!(await giveToken(db, grantDigest, tokenDigest(id)))) throw new errors.InvalidGrant('the session has ended')
      await db.query(keptToken, values)
    },
    async find(id) {
      const [row] = await db.query<Row>(foundLiving, [...key(kind, id)])
      return row && { ...row.payload, jti: id, ...(row.consumed ? { consumed: true } : {}) }
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
