/**
 * The assisted entry, with a stock OpenID client: the console's launch arrives at `/assisted/login`, this product starts
 * its own code flow, and what comes back becomes a session of its own kind. Endings arrive at `/assisted/logout`.
 */

import { bannerAssets } from '@amparo/relying-party/assets'
import { assistedCookie } from '@amparo/relying-party/headers'
import { sameSecret } from '@amparo/relying-party/secrets'
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import * as openid from 'openid-client'
import { cover, refuse } from './answers.ts'
import { form } from './arrival.ts'
import { cookieOptions } from './ordinary.ts'
import type { Env, Outside } from './outside.ts'

const callbackPath = '/assisted/callback'
const flowMs = 2 * 60_000
/** More than a person has open at once; a page that starts flows by the hundred pushes no other cookie out. */
const flowsAtMost = 4
const flowPrefix = '__Host-assisted-flow-'

interface Flow {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly target: string
}

const flowCookie = (state: string): string => `${flowPrefix}${state.slice(0, 8)}`

/** Only a path of our own, and none that starts or ends a session. Anything else is the home page. */
export function landing(outside: Pick<Outside, 'publicOrigin'>, target: string | undefined): string {
  const home = `${outside.publicOrigin}/`
  if (target === undefined || !URL.canParse(target, home)) return home
  const { origin, pathname, search } = new URL(target, home)
  if (origin !== outside.publicOrigin || /^\/(assisted|sign-)/.test(pathname)) return home
  return `${outside.publicOrigin}${pathname}${search}`
}

function flowOf(c: Context<Env>, state: string | undefined): Flow | undefined {
  if (state === undefined || !/^[\w-]{43}$/.test(state)) return undefined
  const kept = getCookie(c, flowCookie(state))
  if (kept === undefined) return undefined
  const fields = new URLSearchParams(Buffer.from(kept, 'base64url').toString())
  const flow = {
    state: fields.get('state') ?? '',
    nonce: fields.get('nonce') ?? '',
    verifier: fields.get('verifier') ?? '',
    target: fields.get('target') ?? '',
  }
  return sameSecret(state, flow.state) ? flow : undefined
}

async function login(c: Context<Env>, outside: Outside) {
  if (!outside.issuer.isOurIssuer(c.req.query('iss'))) return refuse(c, outside, 'assisted.issuer')
  const configuration = await outside.openid().catch((error: unknown) => {
    outside.trouble(`the issuer is not found: ${error instanceof Error ? error.message : 'unknown'}`)
    return undefined
  })
  if (!configuration) return refuse(c, outside, 'assisted.unconfirmed')

  const flow: Flow = {
    state: openid.randomState(),
    nonce: openid.randomNonce(),
    verifier: openid.randomPKCECodeVerifier(),
    target: landing(outside, c.req.query('target_link_uri')),
  }
  const earlier = Object.keys(getCookie(c)).filter((name) => name.startsWith(flowPrefix))
  for (const name of earlier.slice(0, -(flowsAtMost - 1))) deleteCookie(c, name, cookieOptions)
  const kept = Buffer.from(new URLSearchParams({ ...flow }).toString()).toString('base64url')
  setCookie(c, flowCookie(flow.state), kept, { ...cookieOptions, maxAge: flowMs / 1000 })

  const hint = c.req.query('login_hint')
  const url = openid.buildAuthorizationUrl(configuration, {
    redirect_uri: `${outside.publicOrigin}${callbackPath}`,
    response_type: 'code',
    scope: 'openid support:read support:act',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
    ...(hint !== undefined && { login_hint: hint }),
  })
  return c.redirect(url.href, 302)
}

/** The code for a token, as the library does it. `undefined`: the issuer or the library said no. */
async function redeem(c: Context<Env>, outside: Outside, flow: Flow) {
  const url = new URL(`${outside.publicOrigin}${callbackPath}`)
  url.search = new URL(c.req.url).search
  try {
    const tokens = await openid.authorizationCodeGrant(await outside.openid(), url, {
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      pkceCodeVerifier: flow.verifier,
      idTokenExpected: true,
    })
    return { token: tokens.access_token, claims: tokens.claims() }
  } catch (error) {
    outside.trouble(`assisted entry refused: ${error instanceof Error ? error.message : 'unknown'}`)
    return undefined
  }
}

const nameOfActor = (act: unknown): unknown =>
  typeof act === 'object' && act !== null ? Reflect.get(act, 'sub') : undefined

async function callback(c: Context<Env>, outside: Outside) {
  const flow = flowOf(c, c.req.query('state'))
  if (flow) deleteCookie(c, flowCookie(flow.state), cookieOptions)
  // The library asks for `iss` only where the issuer announces it.
  if (!flow || !outside.issuer.isOurIssuer(c.req.query('iss'))) return refuse(c, outside, 'assisted.refused')
  const redeemed = await redeem(c, outside, flow)
  if (!redeemed?.claims) return refuse(c, outside, 'assisted.refused')

  const { token, claims } = redeemed
  const assisted = await outside.issuer.check(token)
  if (assisted === 'unknown') return refuse(c, outside, 'assisted.unconfirmed')
  // Both tellings must be of the same help: an ID token without an actor would be an ordinary sign-in.
  const same =
    assisted !== 'ended' &&
    claims.sub === assisted.user.id &&
    claims.sid === assisted.sid &&
    nameOfActor(claims.act) === assisted.agent.id
  if (!same) return refuse(c, outside, 'assisted.refused')

  const person = await outside.vendor.person(assisted.user.id)
  if (!person?.active) return refuse(c, outside, 'assisted.unknown_user')
  const opened = outside.assisted.open({ sid: assisted.sid, userId: person.id, token, language: person.language })
  if (opened === 'ended') return cover(c, outside, person.language)

  const before = getCookie(c, assistedCookie)
  if (before !== undefined) outside.assisted.forget(before)
  setCookie(c, assistedCookie, opened.cookie, cookieOptions)
  await outside.vendor.note(assisted.ecosystem.id, { personId: person.id, agent: assisted.agent }, 'assisted.opened')
  return c.redirect(landing(outside, flow.target), 303)
}

async function backChannelLogout(c: Context<Env>, outside: Outside) {
  c.header('Cache-Control', 'no-store')
  const token = (await form(c)).get('logout_token')
  const verdict = token === null ? ({ ok: false, why: 'none' } as const) : await outside.issuer.verifyLogoutToken(token)
  if (!verdict.ok) {
    outside.trouble(`logout token refused: ${verdict.why}`)
    return c.json({ error: 'invalid_request' }, 400)
  }
  outside.assisted.end(verdict.logout)
  return c.body(null, 200)
}

/** For the banner, each second: alive, ended, or nobody can say; and whose it is, for a tab that was left over. */
async function status(c: Context<Env>, outside: Outside) {
  const session = outside.assisted.find(getCookie(c, assistedCookie))
  const assisted = session?.state === 'live' ? await outside.issuer.check(session.token) : 'ended'
  if (assisted === 'unknown') return c.json({ alive: null }, 503)
  if (assisted !== 'ended')
    return c.json({ alive: true, secondsLeft: assisted.secondsLeft, assistanceId: assisted.assistanceId })
  if (session?.state === 'live') outside.assisted.end({ sid: session.sid })
  return c.json({ alive: false }, 401)
}

/** Ends here at once, whatever the issuer answers; and says so where it did not confirm. */
async function endNow(c: Context<Env>, outside: Outside) {
  const session = outside.assisted.find(getCookie(c, assistedCookie))
  if (session?.state !== 'live') return cover(c, outside, session?.language ?? c.get('language'))
  const given = c.req.header('x-csrf-token') ?? (await form(c)).get('csrf') ?? undefined
  if (!sameSecret(given, session.csrf)) return refuse(c, outside, 'request.stale')
  outside.assisted.end({ sid: session.sid })
  const told = await outside.issuer.end(session.token)
  return cover(c, outside, session.language, { status: 200, unconfirmed: told === 'unknown' })
}

/** For whoever wants their own account in this browser, once help has ended. */
async function leave(c: Context<Env>, outside: Outside) {
  const cookie = getCookie(c, assistedCookie)
  if (outside.assisted.find(cookie)?.state === 'live') return c.redirect(`${outside.publicOrigin}/`, 303)
  if (cookie !== undefined) outside.assisted.forget(cookie)
  deleteCookie(c, assistedCookie, cookieOptions)
  return c.redirect(`${outside.publicOrigin}/`, 303)
}

export function assistedRoutes(outside: Outside): Hono<Env> {
  const assets = bannerAssets()
  const app = new Hono<Env>()
  app.get('/login', (c) => login(c, outside))
  app.get('/callback', (c) => callback(c, outside))
  app.post('/logout', (c) => backChannelLogout(c, outside))
  app.get('/status', (c) => status(c, outside))
  app.post('/end', (c) => endNow(c, outside))
  app.post('/leave', (c) => leave(c, outside))
  app.get('/ended', (c) => {
    const session = outside.assisted.find(getCookie(c, assistedCookie))
    if (session?.state === 'live') return c.redirect(`${outside.publicOrigin}/`, 303)
    return cover(c, outside, session?.language ?? c.get('language'), { status: 200 })
  })
  app.get('/banner.js', (c) => c.body(assets.script, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }))
  app.get('/banner.css', (c) => c.body(assets.style, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
  return app
}
