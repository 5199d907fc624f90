/** Codes of an authenticator app (RFC 6238): six digits, thirty seconds, and the one code before and after. */
import { Secret, TOTP } from 'otpauth'
import { encode } from 'uqr'

const period = 30
const around = 1

const appOf = (secret: string) => new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period })

/** A new secret of 160 bits, in base 32. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

/** The step (how many times thirty seconds since 1970) that this code belongs to; undefined where it fits none. */
export function stepOf(secret: string, code: string, seconds: number): number | undefined {
  const delta = appOf(secret).validate({ token: code, timestamp: seconds * 1000, window: around })
  return delta === null ? undefined : Math.floor(seconds / period) + delta
}

/** The address that apps read, as text and as the drawing of its QR code: dark modules as one path, four of margin. */
export function enrolmentOf(secret: string, email: string, company: string) {
  const { issuer, label } = { issuer: company.replaceAll(':', ' '), label: email }
  const uri = new TOTP({
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period,
    issuer,
    label,
  }).toString()
  const { size, data } = encode(uri, { ecc: 'M', border: 4 })
  const path = data.flatMap((row, y) => runsOf(row).map(({ x, width }) => `M${x} ${y}h${width}v1h-${width}z`)).join('')
  return { secret, uri, qr: { size, path } }
}

/** The stretches of dark modules in a row. */
function runsOf(row: readonly boolean[]): { x: number; width: number }[] {
  const runs: { x: number; width: number }[] = []
  row.forEach((dark, x) => {
    if (!dark) return
    const last = runs.at(-1)
    if (last && last.x + last.width === x) last.width += 1
    else runs.push({ x, width: 1 })
  })
  return runs
}
