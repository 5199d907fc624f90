/** The user's receipt: for the browser in which somebody said yes, while the help goes on and for a day afterwards. */
import { keyIdOf, type NamedKey } from '@amparo/verifier/checkpoint'
import { accept, type Outcome, refuse } from '../outcome.ts'
import { type Linked, maySpeak, type Outside } from './companion.flow.ts'
import { consentGiven, type Given } from './receipt.store.ts'
import { type Receipt, type ReceiptKeys, signed } from './receipt.ts'

const kidOf = (key: NamedKey): string => keyIdOf(key).toString('hex')

/** The public keys as a JWK set (RFC 7517, RFC 8037), the one that signs first. */
export const keySet = ({ key, former }: ReceiptKeys) => ({
  keys: [key, ...former].map((one) => ({
    kty: 'OKP',
    crv: 'Ed25519',
    use: 'sig',
    alg: 'EdDSA',
    kid: kidOf(one),
    x: one.raw.toString('base64url'),
  })),
})

/** The receipt in its compact form. A link alone does not get it: it holds names. */
export async function receiptOf(
  outside: Outside,
  linked: Linked,
  browser: string | undefined,
): Promise<Outcome<{ readonly receipt: string }, 'link.out_of_order' | 'link.elsewhere'>> {
  const { db, receipts } = outside
  const given = await consentGiven(db, linked.assistance.id)
  if (!given || !receipts) return refuse('link.out_of_order')
  if (!(await maySpeak(outside, linked.assistance.id, browser))) return refuse('link.elsewhere')
  return accept({ receipt: await signedFor(outside, receipts, linked, given) })
}

/** The receipt of an assistance, for whoever was found to be its user; undefined where nobody consented. */
export async function receiptText(outside: Outside, linked: Linked): Promise<string | undefined> {
  const given = await consentGiven(outside.db, linked.assistance.id)
  return given && outside.receipts && signedFor(outside, outside.receipts, linked, given)
}

const signedFor = async (outside: Outside, { key, sign }: ReceiptKeys, linked: Linked, given: Given) =>
  signed(await receiptFor(outside, linked, given), { kid: kidOf(key), sign })

async function receiptFor(outside: Outside, { assistance, read }: Linked, given: Given): Promise<Receipt> {
  const { found, ecosystemId, reason, surfaces = [] } = assistance
  return {
    iss: outside.companionOrigin,
    jti: assistance.id,
    iat: Math.floor(read.now.getTime() / 1000),
    company: { name: outside.vendor.name, phone: outside.vendor.phone },
    agent: { name: await outside.agentName(assistance.agentId), provenBy: assistance.agentMethod },
    user: { name: found?.user.name ?? '' },
    kind: assistance.kind,
    reason: { ...(reason.name ?? outside.reasonName(reason.code)), line: reason.line },
    ecosystem: found?.ecosystems.find((one) => one.id === ecosystemId)?.name,
    surfaces: surfaces.map(outside.surfaceName),
    powers: assistance.powers,
    lengthMinutes: assistance.lengthMinutes,
    consent: { at: given.at.toISOString(), provedBy: given.provedBy, terms: given.terms.toString('hex') },
    ended:
      assistance.state === 'closed'
        ? { at: assistance.closedAt.toISOString(), because: assistance.because }
        : undefined,
    record: given.place && {
      seq: given.place.seq,
      leaf: given.place.leaf.toString('base64'),
      path: given.place.path.map((hash) => hash.toString('base64')),
      checkpoint: given.place.checkpoint.note,
    },
  }
}
