/**
 * The least: a program that answers the same nine requests, sends the same two mails and one SMS, and commits as many rows in as
 * many statements that are waited for, on the same libraries, and does nothing else. No limit, lapse, lock, lock-out, seal of
 * the record, refusal, page or library of an issuer: what is left when everything is taken away that Amparo is for. It says
 * how cheap a hand-over could be at best. It prints its port when it listens.
 */
import {
  createCipheriv,
  createHash,
  createHmac,
  createSign,
  generateKeyPairSync,
  randomBytes,
  randomInt,
} from 'node:crypto'
import { createServer } from 'node:http'
import { deflateSync } from 'node:zlib'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import nodemailer from 'nodemailer'
import pg from 'pg'
import { encode } from 'uqr'
import { z } from 'zod'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6 })
const asked = (name, text) => async (values) => (await pool.query({ name, text, values })).rows

await pool.query(`
create table agent (id text primary key, email text not null);
create table agent_session (token bytea primary key, agent_id text not null, expires_at timestamptz not null);
create table person (user_id text primary key, email text not null unique, phone text not null);
create table assistance (
  id text primary key, agent_id text not null, state text not null, version int not null, n int not null, email text not null,
  user_id text, seen jsonb, max_until timestamptz, closed_at timestamptz) with (fillfactor = 70);
create unique index on assistance (agent_id) where closed_at is null;
create index on assistance (user_id);
create table event (
  ord bigint generated always as identity primary key, id text not null unique, assistance_id text not null, n int not null,
  at text not null, type text not null, actor text not null, subject text, body text not null);
create unique index on event (assistance_id, n);
create index on event (actor, ord);
create index on event (subject, ord) where subject is not null;
create index on event (type, ord);
create table code (
  id text primary key, assistance_id text not null, purpose text not null, digest bytea not null, guesses int not null default 0,
  used_at timestamptz, expires_at timestamptz not null) with (fillfactor = 70);
create index on code (assistance_id);
create table outbox (
  id text primary key, assistance_id text not null, code_id text not null, channel text not null, sealed bytea,
  state text not null default 'queued') with (fillfactor = 50);
create table consent (assistance_id text primary key, mac bytea not null);
create table launch (id text primary key, assistance_id text not null, ticket bytea not null unique, opened_at timestamptz);
create table artifact (id bytea primary key, assistance_id text not null, payload jsonb not null, expires_at timestamptz not null);
create table surface_session (id text primary key, assistance_id text not null, token bytea not null);
`)

// Each act: `$1` what it is about, `$2` to `$6` its event, and what else it keeps. An act that finds nothing writes nothing.
const recorded =
  'insert into event (id, assistance_id, n, at, type, actor, subject, body) select $2, m.id, m.n, $3, $4, $5, m.user_id, $6 from m returning subject'
const theirs = 'id = $1 and agent_id = $5 and closed_at is null returning id, n, user_id'
const counts = 'version = version + 1, n = n + 1'
const used = 'u as (update code set used_at = clock_timestamp() where id = $7 and used_at is null returning id)'
const counted = (from) =>
  `m as (update assistance a set n = n + 1 from ${from} where a.id = ${from}.assistance_id returning a.id, a.n, a.user_id)`

const who = asked(
  'who',
  'select a.* from agent_session s join agent a on a.id = s.agent_id where s.token = $1 and s.expires_at > clock_timestamp()',
)
const personOf = asked('person', 'select * from person where email = $1')
const open = asked(
  'open',
  `with m as (insert into assistance (id, agent_id, state, version, n, email) values ($1, $5, 'agent', 1, 1, $7) returning id, n, user_id) ${recorded}`,
)
const code = asked(
  'code',
  `with m as (update assistance set ${counts} where ${theirs}),
   c as (insert into code (id, assistance_id, purpose, digest, expires_at) select $7, id, $8, $9, clock_timestamp() + interval '10 minutes' from m),
   o as (insert into outbox (id, assistance_id, code_id, channel, sealed)
         select x.id, m.id, $7, x.channel, x.sealed from m, unnest($10::text[], $11::text[], $12::bytea[]) x (id, channel, sealed)) ${recorded}`,
)
const fate = asked(
  'fate',
  `with o as (update outbox set state = 'sent', sealed = null where id = $1 returning assistance_id), ${counted('o')} ${recorded}`,
)
const pay = asked(
  'pay',
  `update code c set guesses = guesses + 1 from assistance a
    where a.id = c.assistance_id and a.id = $1 and c.purpose = $2 and a.agent_id = $3 and c.used_at is null and c.guesses < 5
      and c.expires_at > clock_timestamp() returning c.id, c.digest, a.email, a.user_id`,
)
const prove = asked(
  'prove',
  `with ${used}, m as (update assistance set state = 'consent', user_id = $8, seen = $9, ${counts} where exists (select from u) and ${theirs}) ${recorded}`,
)
const consent = asked(
  'consent',
  `with ${used}, m as (update assistance set state = 'active', max_until = clock_timestamp() + interval '1 hour', ${counts} where exists (select from u) and ${theirs}),
   k as (insert into consent select id, $8 from m) ${recorded}`,
)
const launch = asked(
  'launch',
  `with m as (update assistance set ${counts} where state = 'active' and ${theirs}), l as (insert into launch select $7, id, $8 from m) ${recorded}`,
)
const enter = asked(
  'enter',
  `with l as (update launch set opened_at = clock_timestamp() where ticket = $1 and opened_at is null returning assistance_id), ${counted('l')} ${recorded}`,
)
const keep = asked('keep', `insert into artifact values ($1, $2, $3, clock_timestamp() + interval '1 minute')`)
const redeem = asked(
  'redeem',
  `with d as (delete from artifact where id = $1 and expires_at > clock_timestamp() returning assistance_id, payload), ${counted('d')},
   s as (insert into surface_session select $7, id, $8 from m), e as (${recorded}) select e.subject, d.payload from e, d`,
)

const key = randomBytes(32)
const drawn = (kind) => kind + randomBytes(16).toString('base64url')
const sha = (text) => createHash('sha256').update(text).digest()
const digest = (...parts) => createHmac('sha256', key).update(parts.join('.')).digest()
function sealed(what) {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return Buffer.concat([iv, cipher.update(JSON.stringify(what)), cipher.final(), cipher.getAuthTag()])
}
function event(type, actor, data = {}) {
  const [id, at] = [drawn('ev_'), new Date().toISOString()]
  return [id, at, type, actor, JSON.stringify({ v: 1, id, type, at, actor: { kind: 'agent', id: actor }, data })]
}

const mail = nodemailer.createTransport({ url: process.env.PEER_SMTP_URL, pool: true, maxMessages: 100 })
const words =
  'Somebody of Acme asks to help you inside your account. They see it as you see it, and change nothing. '.repeat(12)
const letter = (to, digits) => ({
  to,
  subject: `${digits} is your code`,
  text: `${words}\n${digits}`,
  html: `<h1>Acme</h1><p>${words}</p><p><b>${digits}</b></p>`,
})
const sms = (to, digits) => ({ to: `${to}@sms.invalid`, subject: 'SMS', text: `${digits} is your code` })
function withPicture(message, text) {
  const lines = encode(text).data.flatMap((line) =>
    Array(4).fill([0, ...line.flatMap((dark) => Array(4).fill(dark ? 0 : 255))]),
  )
  return {
    ...message,
    attachments: [{ cid: 'qr', filename: 'qr.bin', content: deflateSync(Buffer.from(lines.flat())) }],
  }
}
async function send(messages) {
  for (const { id, message } of messages)
    await mail
      .sendMail({ from: 'Acme <help@peer.test>', ...message })
      .then(() => fate([id, ...event('message.sent', 'system')]))
}

/** Draws a code, keeps it with its messages, and lets them go; they are not waited for. */
async function ask(c, purpose, person, messagesOf) {
  const [agent, id, codeId] = [c.get('agent'), c.req.param('id'), drawn('cd_')]
  const digits = String(randomInt(1_000_000)).padStart(6, '0')
  const messages = messagesOf(digits).map((message) => ({ id: drawn('ms_'), message }))
  const done = await code([
    id,
    ...event('code.sent', agent.id, { code: codeId }),
    codeId,
    purpose,
    digest(codeId, id, purpose, person, digits),
    messages.map((one) => one.id),
    messages.map(() => 'mail'),
    messages.map((one) => sealed(one.message)),
  ])
  if (done.length === 1) void send(messages)
  return c.json({}, done.length === 1 ? 200 : 409)
}
async function paid(c, purpose) {
  const [agent, id, { code: digits }] = [c.get('agent'), c.req.param('id'), Digits.parse(await c.req.json())]
  const [one] = await pay([id, purpose, agent.id])
  return one?.digest.equals(digest(one.id, id, purpose, one.user_id ?? agent.id, digits)) ? one : undefined
}

const Opening = z.object({ userEmail: z.email(), kind: z.enum(['technical', 'succession']) })
const Digits = z.object({ code: z.string().regex(/^\d{6}$/) })
const app = new Hono()
app.use('/assistances/*', async (c, next) => {
  const [agent] = await who([sha(c.req.header('authorization')?.slice('Bearer '.length) ?? '')])
  if (!agent) return c.json({}, 401)
  c.set('agent', agent)
  return next()
})
app.post('/assistances/new', async (c) => {
  const [agent, { userEmail }, id] = [c.get('agent'), Opening.parse(await c.req.json()), drawn('as_')]
  await open([id, ...event('assistance.opened', agent.id), userEmail])
  return c.json({ id })
})
app.post('/assistances/:id/agent-code', (c) => {
  const { id, email } = c.get('agent')
  return ask(c, 'agent', id, (digits) => [letter(email, digits)])
})
app.put('/assistances/:id/agent-proof', async (c) => {
  const one = await paid(c, 'agent')
  if (!one) return c.json({}, 403)
  const [person] = await personOf([one.email])
  const done = await prove([
    c.req.param('id'),
    ...event('agent.proved', c.get('agent').id),
    one.id,
    person.user_id,
    person,
  ])
  return c.json(person, done.length === 1 ? 200 : 409)
})
app.post('/assistances/:id/consent-code', async (c) => {
  const { userEmail } = await c.req.json()
  const [{ user_id, email, phone }] = await personOf([userEmail])
  const link = `https://help.peer.test/c/${c.req.param('id')}`
  return ask(c, 'consent', user_id, (digits) => [withPicture(letter(email, digits), link), sms(phone, digits)])
})
app.put('/assistances/:id/consent', async (c) => {
  const one = await paid(c, 'consent')
  if (!one) return c.json({}, 403)
  const id = c.req.param('id')
  const done = await consent([id, ...event('consent.given', c.get('agent').id), one.id, digest(id, one.id)])
  return c.json({}, done.length === 1 ? 200 : 409)
})
app.post('/assistances/:id/launches', async (c) => {
  await personOf([(await c.req.json()).userEmail])
  const ticket = drawn('')
  const done = await launch([c.req.param('id'), ...event('launch.made', c.get('agent').id), drawn('la_'), sha(ticket)])
  return c.json({ ticket }, done.length === 1 ? 200 : 409)
})
app.post('/launch', async (c) => {
  const { ticket } = await c.req.parseBody()
  const done = await enter([sha(String(ticket)), ...event('launch.opened', 'agent')])
  return c.text('', done.length === 1 ? 200 : 410)
})
app.get('/authorize', async (c) => {
  const [made, { assistance, nonce, code_challenge }] = [drawn(''), c.req.query()]
  await keep([sha(made), assistance, { nonce, code_challenge }])
  return c.redirect(`http://127.0.0.1:1/callback?code=${made}`)
})
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const part = (what) => Buffer.from(JSON.stringify(what)).toString('base64url')
app.post('/token', async (c) => {
  const [{ code: given, code_verifier }, token] = [await c.req.parseBody(), drawn('')]
  const [one] = await redeem([sha(String(given)), ...event('surface.opened', 'agent'), drawn('ss_'), sha(token)])
  if (one?.payload.code_challenge !== sha(String(code_verifier)).toString('base64url')) return c.json({}, 400)
  const claims = `${part({ alg: 'ES256' })}.${part({ sub: one.subject, act: { sub: 'agent' }, nonce: one.payload.nonce })}`
  const signature = createSign('sha256').update(claims).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' })
  return c.json({ id_token: `${claims}.${signature.toString('base64url')}`, access_token: token })
})

const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
process.on('SIGTERM', () => process.exit(0))
