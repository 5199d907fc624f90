/** For tests only: the wire of an assisted issuer, on real HTTP, saying what the test tells it to say. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { Batch } from '@amparo/relying-party/report'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const clientId = 'web'
export const clientSecret = 'web-secret'

export interface Told {
  sub: string
  ecosystemId: string
  powers: 'look' | 'act'
  /** What each endpoint does at the moment. */
  introspection: 'alive' | 'ended' | 'silent' | 'another user'
  end: 'yes' | 'no'
  activity: 'taken' | 'later'
  act: boolean
  refuses: boolean
}

const agent = { sub: 'ag_ana', name: 'Ana Robles' }

export async function issuerStandIn(publicOrigin: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
  const told: Told = {
    sub: 'per_marta',
    ecosystemId: 'cli_sol',
    powers: 'look',
    introspection: 'alive',
    end: 'yes',
    activity: 'taken',
    act: true,
    refuses: false,
  }
  let sid = 'none'
  let nonce = ''
  const ended: string[] = []
  const left: string[] = []
  const asked: URLSearchParams[] = []
  const reported: Batch[] = []
  let issuer = ''

  const sign = (claims: object, typ: string) =>
    new SignJWT({ iss: issuer, aud: clientId, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ })
      .setIssuedAt()
      .setExpirationTime('2m')
      .sign(privateKey)

  function authorize(query: URLSearchParams): string {
    asked.push(query)
    nonce = query.get('nonce') ?? ''
    sid = randomUUID()
    const answer = new URL(query.get('redirect_uri') ?? '')
    const fields = told.refuses ? { error: 'access_denied' } : { code: randomUUID() }
    answer.search = new URLSearchParams({ ...fields, state: query.get('state') ?? '', iss: issuer }).toString()
    return answer.href
  }

  async function tokens(): Promise<object> {
    const act = told.act ? { act: agent } : {}
    return {
      access_token: `at-${sid}`,
      token_type: 'Bearer',
      expires_in: 3600,
      scope: `openid support:read${told.powers === 'act' ? ' support:act' : ''}`,
      id_token: await sign({ sub: told.sub, nonce, sid, ...act }, 'JWT'),
    }
  }

  const introspected = (token: string | null): object =>
    told.introspection === 'ended' || token !== `at-${sid}`
      ? { active: false }
      : {
          active: true,
          iss: issuer,
          client_id: clientId,
          sub: told.introspection === 'another user' ? 'per_leo' : told.sub,
          sid,
          act: agent,
          scope: `openid support:read${told.powers === 'act' ? ' support:act' : ''}`,
          assistance_id: 'as_1',
          ecosystem_id: told.ecosystemId,
          ecosystem_name: 'Clínica Sol',
          user_name: 'Marta Ruiz',
          reason: 'No encuentra su última factura',
          powers: told.powers,
          ends_at: new Date(Date.now() + 3_600_000).toISOString(),
          idle_at: new Date(Date.now() + 680_000).toISOString(),
          locale: 'es',
        }

  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  })

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const form = new URLSearchParams(body)
    const json = (value: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return json(metadata())
      case '/jwks':
        return json({ keys: [jwk] })
      case '/authorize':
        return void response.writeHead(303, { location: authorize(searchParams) }).end()
      case '/token':
        return json(await tokens())
      case '/introspect':
        if (told.introspection !== 'silent') json(introspected(form.get('token')))
        return
      case '/activity':
        if (told.activity === 'taken') reported.push(JSON.parse(body))
        return void response.writeHead(told.activity === 'taken' ? 200 : 503).end('{"active":true}')
      case '/end':
        ended.push(form.get('token') ?? '')
        return void response.writeHead(told.end === 'yes' ? 204 : 503).end()
      case '/revoke':
        left.push(form.get('token') ?? '')
        return void response.writeHead(200).end()
      default:
        response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

  return {
    issuer,
    told,
    ended,
    left,
    asked,
    reported,
    sid: () => sid,
    loginUrl: (extra: Record<string, string> = {}) =>
      `${publicOrigin}/assisted/login?${new URLSearchParams({ iss: issuer, login_hint: 'hint-1', ...extra })}`,
    logoutToken: (claims: object = { sid }) =>
      sign({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, ...claims }, 'logout+jwt'),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
