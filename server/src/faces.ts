/**
 * The faces of one installation, built on one outside: the console's origin, the assisted issuer, the user's page. What
 * differs between installations (the Core, carriers, surfaces, keys) is put together here and nowhere else.
 */
import { join } from 'node:path'
import type { Bilingual } from '@amparo/contract/words'
import type { Hono } from 'hono'
import { consoleApp } from './app.ts'
import { read } from './assistance/assistance.store.ts'
import type { Outside as AssistanceOutside } from './assistance/outside.ts'
import { type Checking, whatIsOurs } from './assistance/reference.flow.ts'
import { view } from './assistance/view.ts'
import type { Bell, News } from './bell.ts'
import { companion } from './companion/companion.routes.ts'
import { type AgentsIssuer, CannotStart, type Config, version } from './config.ts'
import type { Core } from './core/core.ts'
import { successions } from './core/successions.ts'
import type { Outside as CutoffOutside } from './cutoff/cutoff.flow.ts'
import { cutoffRoutes } from './cutoff/cutoff.routes.ts'
import type { Flag } from './cutoff/flag.ts'
import type { Database } from './database/database.ts'
import { noteLoose } from './desk/note.ts'
import { actorOf, type Door } from './door.ts'
import { filesOf } from './http/files.ts'
import { buckets } from './http/limits.ts'
import { agentName, isAtWork } from './identity/identity.store.ts'
import type { Outside as IdentityOutside } from './identity/outside.ts'
import { relyingPartyOf } from './identity/passkey.ts'
import { mannersOf } from './identity/provider.ts'
import { guesses } from './identity/sign-in.flow.ts'
import type { StaffDesk } from './identity/staff.flow.ts'
import { backPath, beginPath, leavePath } from './identity/staff.routes.ts'
import { staffAt } from './identity/staff.ts'
import { type Issuer, issuer } from './issuer/issuer.ts'
import { secretsOf } from './keys.ts'
import type { Log } from './log.ts'
import { accept, refuse, tooManyNow } from './outcome.ts'
import { oversightRoutes } from './oversight/oversight.routes.ts'
import type { Telling } from './oversight/tell.ts'
import { definitionFaults, definitionWith } from './succession/definition.ts'
import { helpFrom } from './succession/help.ts'
import type { Outside as SuccessionOutside } from './succession/succession.flow.ts'
import { successionRoutes } from './succession/succession.routes.ts'
import { teller } from './succession/told.ts'
import type { Remembered } from './surfaces/remembered.ts'
import { surfacesRoutes } from './surfaces/surfaces.routes.ts'
import { closeCutSurfaces, surfacesOf } from './surfaces/surfaces.store.ts'
import { type AssistanceId, known } from './words.ts'

/** What every face and every loop stands on. */
export interface Ground {
  readonly config: Config
  readonly db: Database
  readonly theCore: Core
  readonly successionDb: Database
  readonly ring: Bell
  readonly log: Log
  /** What this machine was told to switch off. */
  readonly flag: Flag
  readonly liveness: Remembered
  recordIsWell(): boolean
}

export interface Faces {
  readonly assistance: AssistanceOutside
  readonly succession: SuccessionOutside
  readonly cutoff: CutoffOutside
  readonly issuer: Issuer
  /** Where agents sign in at their company. */
  readonly staff: StaffDesk | undefined
  readonly companion: ReturnType<typeof companion>
  /** What supervisors are told by. */
  readonly telling: Telling
  /** `dev` is what a demo adds to the console's origin. */
  console(probes: Hono, dev: Hono | undefined): ReturnType<typeof consoleApp>
}

const helpFolder = join(import.meta.dirname, '../../docs/help')
const backofficeFolder = join(import.meta.dirname, '../../backoffice/dist')

/** Every room, built on one outside. */
export async function facesOf({
  config,
  db,
  theCore,
  successionDb,
  ring,
  log,
  flag,
  liveness,
  recordIsWell,
}: Ground): Promise<Faces> {
  const secrets = secretsOf(config.keys)
  /** Whoever is told here that help has ended finds it ended here, although nobody was told yet by the database. */
  const wake = (news?: readonly News[]) => {
    if (!news || news.includes('ending')) liveness.doubt()
    ring.ring(news)
  }
  const rp = relyingPartyOf(config.consoleOrigin, config.vendor.name)
  const provider = config.agents
  const nameOf = ({ provider: kind, issuer: at }: AgentsIssuer) => mannersOf(kind).called(at, config.vendor.name)
  const identity: IdentityOutside = {
    db,
    secrets,
    vendor: config.vendor,
    rp,
    guesses: guesses(),
    ...(provider ? { issuer: { name: nameOf(provider), url: beginPath, signOut: leavePath } } : {}),
    wake,
  }
  const staff = provider && {
    outside: identity,
    staff: staffAt({
      ...provider,
      redirectUri: `${config.consoleOrigin}${backPath}`,
      signedOutUri: `${config.consoleOrigin}/`,
    }),
    groups: provider.groups,
  }
  const definition = definitionWith(config.successionPacks)
  const theSuccessions = successions(successionDb, undefined, definition)
  await theSuccessions.check()
  const help = helpFrom(helpFolder)
  const unfit = definitionFaults(definition, help.has)
  if (unfit.length > 0) throw new CannotStart(unfit)
  if (!theSuccessions.isSetUp()) log.info({}, 'Ecosystem Admin is not set up: there are no views of successions')
  else for (const why of theSuccessions.off()) log.warn({ why }, 'Ecosystem Admin is off')
  const assistance: AssistanceOutside = {
    db,
    secrets,
    rp,
    policy: config.policy,
    core: theCore,
    successions: theSuccessions,
    surfaces: config.surfaces,
    vendor: config.vendor,
    companionOrigin: config.companionOrigin,
    reasons: config.reasons,
    ticketUrl: config.ticketUrl,
    messagesPerUserADay: config.policy.quotas.messagesPerUserADay ?? undefined,
    surfacesOf: (id) => surfacesOf(db, id),
    wake,
  }
  const succession: SuccessionOutside = {
    ...assistance,
    consoleOrigin: config.consoleOrigin,
    webhook: config.releaseWebhook,
    definition,
    helpTitle: help.title,
  }
  const cutoff: CutoffOutside = { db, identity, endCutSurfaces: () => closeCutSurfaces(db), wake }
  const reasonName = (code: string): Bilingual =>
    config.reasons.find((one) => one.code === code)?.name ?? { en: code, es: code }
  const oidc = issuer({
    db,
    surfaces: config.surfaces,
    secrets,
    vendor: config.vendor,
    bell: ring,
    liveness,
    issuerOrigin: config.issuerOrigin,
    consoleOrigin: config.consoleOrigin,
    proxies: config.proxies,
    jwks: { keys: [config.keys.signing, ...formerKeys(config)] },
    fetch: (url, options) => fetch(url, options),
    wake,
    stops: flag.stops,
    stopsAnything: () => flag.waiting().length > 0,
    recordIsWell,
    policy: config.policy,
    isAtWork: (deskSessionId) => isAtWork(db, deskSessionId),
    reasonText: ({ code, name, line }, locale) => [(name ?? reasonName(code))[locale], line].filter(Boolean).join(': '),
    log: (message, about) => log.warn(about, message),
  })
  const checking = { db, secrets, vendor: config.vendor, mailFrom: config.mailFrom }
  const page = companion({
    db,
    secrets,
    vendor: config.vendor,
    companionOrigin: config.companionOrigin,
    proxies: config.proxies,
    agentName: (id) => agentName(db, id),
    reasonName,
    surfaceName: (id) => config.surfaces.find((surface) => surface.id === id)?.name ?? { en: id, es: id },
    surfacesOf: async (id) =>
      (await surfacesOf(db, known.assistance(id)))
        .filter((one) => one.tokenAt)
        .map((one) => ({
          surface: one.surface,
          openedAt: one.openedAt,
          closedAt: one.closedAt,
          // For the user it is closed once nothing of it can be open, whether or not the product ever says so.
          acknowledgedAt: one.ackedAt ?? one.deadAt,
          error: one.error,
          device: one.device,
        })),
    stepsOf: teller(succession),
    receipts: config.keys.record,
    core: theCore,
    policy: config.policy,
    messagesPerUserADay: assistance.messagesPerUserADay,
    helpPage: help.page,
    whatIsOurs: (text) => whatIsOurs(checking, text),
    wake,
    broke: (error, requestId) =>
      log.error({ requestId, error: error instanceof Error ? error.stack : String(error) }, 'companion page failed'),
  })
  const files = await filesOf(backofficeFolder)
  const consoleOf = (probes: Hono, dev: Hono | undefined) =>
    consoleApp({
      db,
      secrets,
      consoleOrigin: config.consoleOrigin,
      issuerOrigin: config.issuerOrigin,
      proxies: config.proxies,
      placesBy: config.policy.agentPlaces,
      files,
      bell: ring,
      log,
      version,
      bearerMayAct: config.mode === 'demo',
      assistance,
      identity,
      staff,
      audit: { db, record: config.keys.record },
      endings: { settled: (id, ms) => settled(db, ring, id, ms) },
      probes,
      dev,
      rooms: [
        (door) => successionRoutes(door, succession),
        (door) => cutoffRoutes(door, cutoff),
        (door) => oursRoute(door, checking),
        (door) => oversightRoutes(door, { db, policy: config.policy, identity, reasonName, wake }),
        (door) =>
          surfacesRoutes(door, {
            db,
            secrets,
            core: theCore,
            surfaces: config.surfaces,
            policy: config.policy,
            issuerOrigin: config.issuerOrigin,
            vendor: config.vendor,
            wake,
            view: async (id, caller) => {
              const found = await read(db, id)
              ring.ring()
              return found?.assistance.agentId === caller.agentId
                ? accept(await view(assistance, found))
                : refuse('assistance.unknown')
            },
          }),
      ],
    })
  const telling = { db, secrets, vendor: config.vendor, consoleOrigin: config.consoleOrigin }
  return { staff, telling, assistance, succession, cutoff, issuer: oidc, companion: page, console: consoleOf }
}

/** The agents' box: the same answer as the public page's, and as few tries as a person needs. */
function oursRoute(door: Door, checking: Checking): void {
  const tries = buckets(20, 0.2)
  door('ours', async ({ caller, body }) => {
    const taken = tries.take(caller.agentId)
    if (!taken.ok) return tooManyNow(taken.waitMs)
    await noteLoose(checking.db, { type: 'reference.checked', actor: actorOf(caller) })
    return accept({ ours: await whatIsOurs(checking, body.text) })
  })
}

/** The first key signs; those after it are still published, for what they have signed. */
const formerKeys = ({ keys }: Config) =>
  keys.former.filter((one) => Date.parse(one.until) > Date.now()).map((one) => one.key)

/** Waits until every surface of an ended assistance has acknowledged, at most `withinMs`. */
async function settled(db: Database, ring: Bell, id: AssistanceId, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs
  const waiter = ring.waiter()
  try {
    while (performance.now() < until) {
      const open = (await surfacesOf(db, id)).filter((one) => one.tokenAt !== undefined && one.ackedAt === undefined)
      if (open.length === 0) return
      await waiter.wait(Math.min(50, until - performance.now()))
    }
  } finally {
    waiter.close()
  }
}
