/**
 * The surface's own sign-in arrives: hint and cookie meet and are used up in that very request. Nothing of it is kept
 * before it opens something, and nothing has to be found again by a second request.
 */
import './runtime.ts'
import { type Refusal, statusOf } from '@amparo/contract/refusals'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Database } from '../database/database.ts'
import type { Surface } from '../policy/policy.ts'
import type { Live } from '../surfaces/liveness.ts'
import { redeem } from '../surfaces/surfaces.flow.ts'
import { cookieOf } from './asked.ts'

/** A launch that opens nothing. It is told to whoever sits at the browser, never to the surface. */
export class NoLaunch extends errors.OIDCProviderError {
  readonly refusal: Refusal
  /** The library's own word: whoever is at fault here, it is not the surface. */
  override readonly allow_redirect = false
  constructor(refusal: Refusal) {
    super(statusOf(refusal), 'access_denied')
    this.refusal = refusal
  }
}

/** One cookie a launch, so that two launches on their way do not meet. */
const cookieName = (launchId: string): string => `__Host-launch-${launchId}`
export const launchCookie = (launchId: string, value: string, seconds: number): string =>
  `${cookieName(launchId)}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${seconds}`

/** Redeems the launch that this request comes with, and takes its cookie back. Throws `NoLaunch` where it opens nothing. */
export async function arrive(db: Database, surfaces: readonly Surface[], ctx: KoaContextWithOIDC): Promise<Live> {
  const { client, params } = ctx.oidc
  const surface = surfaces.find((one) => one.client !== undefined && one.client.id === client?.clientId)
  if (!surface) throw new NoLaunch('launch.unknown')
  const redeemed = await redeem(
    { db },
    {
      hintDigest: Buffer.from(String(params?.login_hint ?? ''), 'base64url'),
      browser: (launchId) => cookieOf(ctx.req, cookieName(launchId)),
      surface: surface.id,
    },
  )
  if (!redeemed.ok) throw new NoLaunch(redeemed.refusal)
  const { launchId, live } = redeemed.value
  ctx.res.appendHeader('set-cookie', launchCookie(launchId, '', 0))
  return live
}
