/** For tests only: an authenticator in software, which answers as a browser on some origin would hand it on. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { PasskeyAnswer, PasskeyMade } from '@amparo/contract/factors'

/** Flags of authenticator data: present, verified, may be backed up, is backed up, a key is attached. */
const flags = { up: 0x01, uv: 0x04, be: 0x08, bs: 0x10, at: 0x40 }

export interface SoftPasskey {
  readonly id: string
  /** What `navigator.credentials.create` would answer. */
  make(options: { challenge: string; user: { id: string } }, how?: How): PasskeyMade
  /** What `navigator.credentials.get` would answer. The counter goes up by one each time, where there is one. */
  answer(options: { challenge: string }, how?: How): PasskeyAnswer
}

export interface How {
  readonly origin?: string
  readonly verified?: boolean
  readonly counter?: number
  readonly crossOrigin?: boolean
}

/** A passkey for this relying party. `counting`: its counter begins at one and grows. */
export function softPasskey(rp: { readonly id: string; readonly origin: string }, counting = false): SoftPasskey {
  const credentialId = randomBytes(32)
  const id = credentialId.toString('base64url')
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  let counter = 0
  let userHandle = ''

  const clientData = (type: string, challenge: string, how: How) =>
    Buffer.from(
      JSON.stringify({ type, challenge, origin: how.origin ?? rp.origin, crossOrigin: how.crossOrigin ?? false }),
    )
  const authData = (how: How, extra: number, rest: Buffer = Buffer.alloc(0)) => {
    counter = how.counter ?? (counting ? counter + 1 : 0)
    const head = Buffer.alloc(5)
    head.writeUInt8(flags.up | ((how.verified ?? true) ? flags.uv : 0) | flags.be | flags.bs | extra, 0)
    head.writeUInt32BE(counter, 1)
    return Buffer.concat([createHash('sha256').update(rp.id).digest(), head, rest])
  }
  return {
    id,
    make(options, how = {}) {
      userHandle = options.user.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(credentialId.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, coseKey(jwk)])
      const data = authData(how, flags.at, attested)
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', options.challenge, how).toString('base64url'),
          attestationObject: attestation(data).toString('base64url'),
          transports: ['internal'],
        },
      }
    },
    answer(options, how = {}) {
      const client = clientData('webauthn.get', options.challenge, how)
      const data = authData(how, 0)
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', signed, privateKey).toString('base64url'),
          ...(userHandle === '' ? {} : { userHandle }),
        },
      }
    },
  }
}

/** The key as COSE writes it (RFC 9053): EC2, ES256, P-256. */
const coseKey = (jwk: { x?: string; y?: string }): Buffer =>
  Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]),
    Buffer.from(jwk.x ?? '', 'base64url'),
    Buffer.from([0x22, 0x58, 0x20]),
    Buffer.from(jwk.y ?? '', 'base64url'),
  ])

/** `{fmt: "none", attStmt: {}, authData}` in CBOR. */
function attestation(authData: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(authData.length)
  const text = (word: string) => Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)])
  return Buffer.concat([
    Buffer.from([0xa3]),
    text('fmt'),
    text('none'),
    text('attStmt'),
    Buffer.from([0xa0]),
    text('authData'),
    Buffer.from([0x59]),
    length,
    authData,
  ])
}
