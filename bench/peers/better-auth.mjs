/**
 * The peer: better-auth on node:http and PostgreSQL, as its documentation sets it up, with the plug-ins that together do
 * the work of a hand-over: codes by mail, impersonation, a token good for one use. It prints its port when it listens.
 */
import { createServer } from 'node:http'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { admin, emailOTP, oneTimeToken } from 'better-auth/plugins'
import nodemailer from 'nodemailer'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 })
const sent = new Map()

/** By mail where a server is named, as everybody would who uses it; else into memory, which costs nothing. */
const mail = process.env.PEER_SMTP_URL && nodemailer.createTransport({ url: process.env.PEER_SMTP_URL, pool: true })
async function send({ email, otp }) {
  if (!mail) return void sent.set(email, otp)
  await mail.sendMail({
    from: 'Bench <bench@peer.test>',
    to: email,
    subject: 'Your code',
    text: `Your code is ${otp}`,
    html: `<p>Your code is <b>${otp}</b></p>`,
  })
}

const options = (port) => ({
  baseURL: `http://127.0.0.1:${port}`,
  secret: process.env.PEER_SECRET,
  database: pool,
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  plugins: [emailOTP({ sendVerificationOTP: send }), admin(), oneTimeToken()],
})

let handler
const server = createServer((request, response) => {
  const asked = /^\/sent\?to=(.+)$/.exec(request.url ?? '')?.[1]
  if (asked) response.end(sent.get(decodeURIComponent(asked)))
  else handler(request, response)
}).listen(0, '127.0.0.1', async () => {
  const { port } = server.address()
  const auth = betterAuth(options(port))
  const { runMigrations } = await getMigrations(auth.options)
  await runMigrations()
  handler = toNodeHandler(auth)
  console.log(`listening ${port}`)
})
process.on('SIGTERM', () => process.exit(0))
