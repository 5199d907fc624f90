/**
 * The peer: oidc-provider's own introspection, its storage one table in PostgreSQL, as its documentation sets it up. It
 * prints its port and tokens of its own when it listens.
 */
import { randomBytes } from 'node:crypto'
import { Provider } from 'oidc-provider'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 })
await pool.query(
  'create table model (kind text, id text, grant_id text, payload jsonb not null, expires_at timestamptz, primary key (kind, id))',
)

class Rows {
  constructor(kind) {
    this.kind = kind
  }
  async upsert(id, payload, seconds) {
    await pool.query({
      name: 'upsert',
      text: `insert into model values ($1, $2, $3, $4, now() + make_interval(secs => $5)) on conflict (kind, id) do update set payload = excluded.payload`,
      values: [this.kind, id, payload.grantId ?? null, payload, seconds ?? 3600],
    })
  }
  async find(id) {
    const { rows } = await pool.query({
      name: 'find',
      text: 'select payload from model where kind = $1 and id = $2 and expires_at > now()',
      values: [this.kind, id],
    })
    return rows[0]?.payload
  }
  async findByUid() {}
  async consume() {}
  async destroy() {}
  async revokeByGrantId() {}
}

const clientId = 'portal'
const provider = new Provider('http://127.0.0.1:1', {
  adapter: Rows,
  clients: [
    {
      client_id: clientId,
      client_secret: process.env.PEER_SECRET,
      redirect_uris: ['http://127.0.0.1:1/callback'],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  cookies: { keys: [randomBytes(16).toString('hex')] },
  features: { introspection: { enabled: true }, devInteractions: { enabled: false } },
  findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
})
const client = await provider.Client.find(clientId)
const tokens = []
for (let n = 0; n < 200; n += 1) {
  const grant = new provider.Grant({ accountId: `user${n}`, clientId })
  grant.addOIDCScope('openid')
  const grantId = await grant.save()
  const token = new provider.AccessToken({
    accountId: `user${n}`,
    client,
    grantId,
    gty: 'authorization_code',
    scope: 'openid',
  })
  tokens.push(await token.save())
}
// As many that live as everybody has.
await pool.query(
  `insert into model select m.kind, m.id || n, m.grant_id, m.payload, m.expires_at
     from (select * from model where kind = 'AccessToken' limit 1) m, generate_series(1, $1::int) n`,
  [Number(process.env.PEER_SESSIONS)],
)
await pool.query('analyze model')
const server = provider.listen(0, '127.0.0.1', () =>
  console.log(`listening ${server.address().port} ${tokens.join(' ')}`),
)
process.on('SIGTERM', () => process.exit(0))
