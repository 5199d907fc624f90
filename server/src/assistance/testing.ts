/** For tests only: agents at the desk, a vendor's surfaces, and a look into the sealed messages that wait to go out. */
import { randomBytes } from 'node:crypto'
import { linkToken } from '../codes/link.ts'
import { follow, sayYes } from '../companion/companion.flow.ts'
import { core } from '../core/core.ts'
import { noSuccessions } from '../core/successions.ts'
import type { FreshDatabase } from '../database/testing.ts'
import type { Caller } from '../door.ts'
import { keepAgent, openSession } from '../identity/identity.store.ts'
import { relyingPartyOf } from '../identity/passkey.ts'
import { type Person, presets, type Surface } from '../policy/policy.ts'
import { secretsFrom } from '../secrets.ts'
import { surfacesOf } from '../surfaces/surfaces.store.ts'
import type { AssistanceId } from '../words.ts'
import { known } from '../words.ts'
import { open, proveAgent, sendAgentCode } from './assistance.flow.ts'
import { askConsent, chooseEcosystem, proveUser } from './consent.flow.ts'
import type { Outside } from './outside.ts'
import { defaultReasons } from './reasons.ts'

export const testSurfaces: readonly Surface[] = [
  {
    id: 'store',
    name: { en: 'User store', es: 'Tienda' },
    offeredTo: ['owner'],
    whenSuspended: true,
    powers: ['look'],
  },
  {
    id: 'web',
    name: { en: 'Web', es: 'Web' },
    offeredTo: ['owner', 'member'],
    whenSuspended: false,
    powers: ['look', 'act'],
    client: {
      id: 'test-web',
      secret: 'w'.repeat(32),
      redirectUris: ['http://127.0.0.1:1/cb'],
      statusCheck: true,
      initiateLoginUri: 'http://127.0.0.1:1/login',
      backchannelLogoutUri: 'http://127.0.0.1:1/logout',
    },
  },
  { id: 'app', name: { en: 'App', es: 'App' }, offeredTo: ['owner', 'member'], whenSuspended: false, powers: ['look'] },
]

/** The same world, whose Core tells something else of each person. */
export const withPeople = <World extends Outside>(world: World, changed: (person: Person) => Person): World => ({
  ...world,
  core: {
    ...world.core,
    person: async (userId) => {
      const told = await world.core.person(userId)
      return told.found === 'one' ? { ...told, person: changed(told.person) } : told
    },
  },
})

/** The world of an assistance on this database, with fresh keys. */
export function testOutside(fresh: Pick<FreshDatabase, 'db'>, changes: Partial<Outside> = {}): Outside {
  return {
    db: fresh.db,
    secrets: secretsFrom(randomBytes(32)),
    core: core(fresh.db),
    successions: noSuccessions,
    surfaces: testSurfaces,
    policy: presets.standard,
    rp: relyingPartyOf('https://desk.acme.test', 'Acme'),
    vendor: { name: 'Acme', phone: '+1 212 555 0100' },
    companionOrigin: 'https://help.acme.test',
    reasons: defaultReasons,
    messagesPerUserADay: undefined,
    surfacesOf: (id) => surfacesOf(fresh.db, id),
    wake: () => undefined,
    ...changes,
  }
}

let agents = 0
/** A new agent, signed in. */
export async function agentAtDesk(outside: Outside, roles: readonly string[] = ['agent:technical']): Promise<Caller> {
  agents += 1
  const id = await keepAgent(outside.db, {
    name: `Agent ${agents}`,
    email: `agent${agents}@desk.test`,
    phone: '+34600000001',
    roles,
    locale: 'en',
    password: 'not used here',
  })
  return (await openSession(outside.db, id, 'bearer')).caller
}

/** The six digits of the newest message of this purpose, as its reader would see them. */
export async function digitsSent(outside: Outside, id: AssistanceId, purpose: string): Promise<string> {
  const [row] = await outside.db.query<{ id: string; sealed: Buffer }>(
    'select id, sealed from outbox where assistance_id = $1 and purpose = $2 and sealed is not null order by created_at desc, id limit 1',
    [id, purpose],
  )
  if (!row) throw new Error(`no ${purpose} message`)
  const { content } = JSON.parse(outside.secrets.unseal(row.sealed, row.id))
  return String(content.sms).replace(/.*?(\d{3}) (\d{3}).*/s, '$1$2')
}

export const wrongFor = (digits: string): string => (digits === '111111' ? '222222' : '111111')

/** What a step answered, or the test ends with its refusal. */
export function right<T>(outcome: { ok: true; value: T } | { ok: false; refusal: string }): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`)
  return outcome.value
}

/** The word of a refusal; `right` where there is none. */
export const refusalOf = (outcome: { ok: boolean; refusal?: string }) => (outcome.ok ? 'right' : outcome.refusal)

export async function opened(outside: Outside, caller: Caller, userEmail: string): Promise<AssistanceId> {
  const { id } = right(
    await open(outside, caller, {
      kind: 'technical',
      userEmail,
      reason: { code: 'fault', line: 'Cannot see invoices' },
    }),
  )
  return known.assistance(id)
}

export async function provedAgent(outside: Outside, caller: Caller, userEmail: string): Promise<AssistanceId> {
  const id = await opened(outside, caller, userEmail)
  right(await sendAgentCode(outside, caller, id))
  right(await proveAgent(outside, caller, id, await digitsSent(outside, id, 'agent')))
  return id
}

export async function askedUser(
  outside: Outside,
  caller: Caller,
  userEmail: string,
  ecosystemId?: string,
): Promise<AssistanceId> {
  const id = await provedAgent(outside, caller, userEmail)
  if (ecosystemId !== undefined) right(await chooseEcosystem(outside, caller, id, ecosystemId))
  right(await askConsent(outside, caller, id, {}))
  return id
}

export async function activeFor(
  outside: Outside,
  caller: Caller,
  userEmail: string,
  ecosystemId?: string,
): Promise<AssistanceId> {
  const id = await askedUser(outside, caller, userEmail, ecosystemId)
  right(await proveUser(outside, caller, id, { code: await digitsSent(outside, id, 'consent') }))
  return id
}

/** The types of the events of an assistance, in their order. */
export const story = async (outside: Outside, id: AssistanceId): Promise<readonly string[]> =>
  (await outside.db.query<{ type: string }>('select type from event where assistance_id = $1 order by n', [id])).map(
    (row) => row.type,
  )

/** The user's page of an assistance, as somebody has just opened it. */
export async function pageOf(outside: Outside, id: AssistanceId) {
  const world = {
    ...outside,
    agentName: async () => '',
    reasonName: () => ({ en: '', es: '' }),
    surfaceName: () => ({ en: '', es: '' }),
    surfacesOf: async () => [],
  }
  const linked = await follow(world, linkToken(outside.secrets, id))
  if (!linked) throw new Error('no page')
  return { world, linked }
}

/** Somebody says yes on the page; the two digits it shows then. */
export async function saidYes(outside: Outside, id: AssistanceId): Promise<string> {
  const { world, linked } = await pageOf(outside, id)
  return right(await sayYes(world, linked, undefined)).digits
}
