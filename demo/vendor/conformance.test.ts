/** The demo's own products pass the check that a vendor's product has to pass (`amparo surfaces check`). */
import { check, exitOf } from '@amparo/server/conformance/check'
import { planFrom } from '@amparo/server/conformance/plan'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../server/src/database/testing.ts'
import { startApp } from '../app/app.ts'
import { freeBlock } from '../journeys/stage.ts'
import { userPassword } from '../people.ts'
import { startStore } from '../store/store.ts'
import { startWeb } from '../web/web.ts'

const leo = 'leo@clinica-sol.test'
const everywhere = { invitations: 'POST /members/invite', own_sign_in: 'POST /sign-out', others: false }
const products = [
  {
    id: 'web',
    start: startWeb,
    page: '/profile',
    change: 'POST /ecosystem',
    refused: { ...everywhere, password: 'POST /profile/password', email: 'POST /profile/email' },
  },
  {
    id: 'store',
    start: startStore,
    page: '/',
    change: 'POST /billing/note',
    refused: {
      ...everywhere,
      payment_method: 'POST /billing/card',
      deletion: 'POST /plan/cancellation',
      export: 'GET /billing/export.csv',
      document: 'GET /billing/1/document',
    },
  },
  {
    id: 'app',
    start: startApp,
    page: '/my/',
    change: 'POST /my/title',
    refused: { own_sign_in: 'POST /sign-out', phone: 'POST /my/phone', others: false },
  },
] as const

/** When anybody of the sample Core last signed in, as an operator would ask. */
const lastSignIns = (url: string) => [
  process.execPath,
  '-e',
  `const { Client } = require('pg'); const db = new Client(${JSON.stringify(url)}); db.connect()
    .then(() => db.query("select last_sign_in_at from vendor.person where id = 'per_marta'"))
    .then(({ rows }) => console.log(JSON.stringify(rows))).finally(() => db.end())`,
]

test.each(products.map((one) => [one.id, one] as const))(
  'the demo’s %s passes every point',
  async (id, { start, page, change, refused }) => {
    const fresh = await freshDatabase()
    const port = await freeBlock()
    const [issuer, origin] = [`http://127.0.0.1:${port}`, `http://${id}.localhost:${port + 1}`]
    const secret = 'made-up-for-this-test-and-nothing-else'
    const running = await start({
      port: port + 1,
      issuer,
      clientId: id,
      clientSecret: secret,
      core: fresh.url,
      publicOrigin: origin,
      consoleOrigin: 'http://localhost:4000',
      company: 'Acme',
      userPassword,
      trouble: () => {},
    })
    const onPhone = id === 'app'
    const client = {
      id,
      ...(onPhone && { clientAuth: 'none' as const }),
      secret,
      redirectUris: [`${origin}/assisted/callback`],
      initiateLoginUri: `${origin}${onPhone ? '/q' : '/assisted/login'}`,
      backchannelLogoutUri: `${origin}/assisted/logout`,
      statusCheck: true,
    }
    const plan = planFrom({
      user: 'per_marta',
      ecosystem: 'cli_sol',
      page,
      sees: id === 'web' ? 'marta@clinica-sol.test' : 'Clínica Sol',
      change,
      refused,
      ...(onPhone && { press: '#follow' }),
      stream: false,
      elsewhere: {
        user: 'per_grace',
        ecosystem: 'cli_northside',
        page: onPhone ? page : '/',
        sees: 'Northside Medical',
      },
      ordinary: { signIn: 'POST /sign-in', fields: { email: leo, password: userPassword(leo) }, page, sees: 'Leo' },
      booked: { command: lastSignIns(fresh.url) },
    })
    const chromium = process.env.AMPARO_CHROMIUM ?? '/usr/bin/chromium'
    const listen = { host: '127.0.0.1', port }
    const all = await check({ client, plan, issuer: { origin: issuer, listen }, chromium, withinMs: 4000 })
    await running.close()
    await fresh.close()
    const others = all.filter(({ verdict }) => verdict.result !== 'pass').map((one) => [one.id, one.verdict])
    expect(others).toMatchObject(onPhone ? [] : [['end.streams', { result: 'none' }]])
    expect(exitOf(all)).toBe(0)
  },
  120_000,
)
