/**
 * The peer: express-session in PostgreSQL, as its store's documentation sets it up, sliding with each request. It prints its
 * port and the cookies of sessions of its own when it listens.
 */
import { once } from 'node:events'
import connectPgSimple from 'connect-pg-simple'
import express from 'express'
import session from 'express-session'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 })
const Store = connectPgSimple(session)
const app = express()
app.use(
  session({
    store: new Store({ pool, createTableIfMissing: true }),
    secret: process.env.PEER_SECRET,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { maxAge: 900_000 },
  }),
)
const answer = JSON.parse(process.env.PEER_ANSWER)
app.post('/session/:user', (request, response) => {
  request.session.user = request.params.user
  response.json({})
})
app.get('/session', (request, response) => {
  const { user } = request.session
  response.json(user === undefined ? { active: false } : { ...answer, sid: user })
})
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()
const cookies = []
for (let n = 0; n < 20; n += 1) {
  const signedIn = await fetch(`http://127.0.0.1:${port}/session/user${n}`, { method: 'POST' })
  cookies.push(signedIn.headers.get('set-cookie').split(';')[0])
}
// As many that live as everybody has.
await pool.query(
  `insert into session select s.sid || n, s.sess, s.expire
     from (select * from session limit 1) s, generate_series(1, $1::int) n`,
  [Number(process.env.PEER_SESSIONS)],
)
await pool.query('analyze session')
console.log(`listening ${port} ${cookies.join(' ')}`)
process.on('SIGTERM', () => process.exit(0))
