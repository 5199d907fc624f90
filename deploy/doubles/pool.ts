/** Who is in a user pool of Cognito, and which clients may ask it. */
export interface PoolUser {
  readonly username: string
  readonly password: string
  /** Standard attributes; in Cognito every one of them is a text, `email_verified` too. */
  readonly attributes: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  readonly enabled: boolean
  /** The secret of their authenticator app, base32; then the page asks for it after the password. */
  readonly totp?: string
}

export interface PoolClient {
  readonly id: string
  readonly secret: string
  readonly callbackUrls: readonly string[]
  readonly logoutUrls: readonly string[]
  readonly scopes: readonly string[]
  /** How its API may be signed in with: `ALLOW_CUSTOM_AUTH` and the like. None, unless said. */
  readonly explicitAuthFlows?: readonly string[]
  /** From five minutes to a day. */
  readonly accessTokenSeconds?: number
}
