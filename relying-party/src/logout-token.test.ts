import { type CryptoKey, createLocalJWKSet, exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { verifyLogoutToken } from './logout-token.ts'

const issuer = 'http://127.0.0.1:4001'
const clientId = 'web'
const now = Date.parse('2026-11-22T10:00:00Z')
const seconds = now / 1000
const event = 'http://schemas.openid.net/event/backchannel-logout'

const good = {
  iss: issuer,
  aud: clientId,
  iat: seconds,
  jti: 'j-1',
  sid: 'sid-1',
  sub: 'per_marta',
  events: { [event]: {} },
}

let ours: CryptoKey
let ourPublic: CryptoKey
let theirs: CryptoKey
let rsa: CryptoKey
let keys: ReturnType<typeof createLocalJWKSet>
beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  const rsaPair = await generateKeyPair('RS256')
  ours = pair.privateKey
  ourPublic = pair.publicKey
  rsa = rsaPair.privateKey
  theirs = (await generateKeyPair('ES256')).privateKey
  keys = createLocalJWKSet({
    keys: [
      { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' },
      { ...(await exportJWK(rsaPair.publicKey)), kid: 'k2' },
    ],
  })
})

const signed = (claims: object, header: object = {}, key = ours) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', typ: 'logout+jwt', kid: 'k1', ...header }).sign(key)
const verdict = (token: string) => verifyLogoutToken(token, { issuer, clientId, keys, now })
const but = (change: object) => signed({ ...good, ...change })
const without = (name: string) => signed(Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)))

const accepted: Record<string, () => Promise<string>> = {
  'as the issuer writes it': () => signed(good),
  'signed with RS256': () => signed(good, { alg: 'RS256', kid: 'k2' }, rsa),
  'with more audiences than us': () => but({ aud: ['store', clientId] }),
  'with the long form of typ': () => signed(good, { typ: 'application/logout+jwt' }),
  'with sid alone': () => without('sub'),
  'with sub alone': () => without('sid'),
  'four minutes old': () => but({ iat: seconds - 240 }),
  'half a minute ahead': () => but({ iat: seconds + 30 }),
}
test.each(Object.entries(accepted))('a logout token %s is believed', async (_name, make) => {
  expect(await verdict(await make())).toMatchObject({ ok: true, logout: { jti: 'j-1' } })
})

const refused: Record<string, [make: () => Promise<string> | string, why: string]> = {
  'no token at all': [() => '', 'ERR_JWS_INVALID'],
  'not a token': [() => 'a.b.c', 'ERR_JWS_INVALID'],
  'an ID token (typ JWT)': [() => signed(good, { typ: 'JWT' }), 'typ'],
  'no typ': [() => signed(good, { typ: undefined }), 'typ'],
  'alg none': [() => new UnsecuredJWT(good).encode(), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  'HS256 with our public key as the secret': [
    async () => {
      const secret = new TextEncoder().encode(await exportSPKI(ourPublic))
      return new SignJWT(good).setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt', kid: 'k1' }).sign(secret)
    },
    'ERR_JOSE_ALG_NOT_ALLOWED',
  ],
  'another key under our key id': [() => signed(good, {}, theirs), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  'a key id that the issuer does not have': [() => signed(good, { kid: 'k9' }), 'ERR_JWKS_NO_MATCHING_KEY'],
  'claims changed after signing': [
    async () => {
      const [header, , signature] = (await signed(good)).split('.')
      return [header, Buffer.from(JSON.stringify({ ...good, sid: 'sid-2' })).toString('base64url'), signature].join('.')
    },
    'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  ],
  'another issuer': [() => but({ iss: 'https://else.test' }), 'iss'],
  'no issuer': [() => without('iss'), 'iss'],
  'meant for another surface': [() => but({ aud: 'store' }), 'aud'],
  'no audience': [() => without('aud'), 'aud'],
  'an hour old': [() => but({ iat: seconds - 3600 }), 'iat'],
  'from tomorrow': [() => but({ iat: seconds + 86_400 }), 'iat'],
  'no iat': [() => without('iat'), 'iat'],
  expired: [() => but({ exp: seconds - 120 }), 'exp'],
  'no jti': [() => without('jti'), 'jti'],
  'a jti that is no text': [() => but({ jti: 7 }), 'jti'],
  'no events': [() => without('events'), 'events'],
  'another event': [() => but({ events: { 'urn:else': {} } }), 'events'],
  'an event that is no object': [() => but({ events: { [event]: true } }), 'events'],
  'a nonce, as an ID token has': [() => but({ nonce: 'n' }), 'nonce'],
  'an empty nonce': [() => but({ nonce: '' }), 'nonce'],
  'neither sid nor sub': [() => signed({ ...good, sid: undefined, sub: undefined }), 'sid or sub'],
  'a sid that is no text': [() => but({ sid: ['sid-1'] }), 'sid'],
  'an empty sub': [() => but({ sub: '' }), 'sub'],
}
test.each(Object.entries(refused))('a logout token with or as %s is refused', async (_name, [make, why]) => {
  expect(await verdict(await make())).toEqual({ ok: false, why })
})
