/** What every check stands on: the issuer that it brings, and a way to be launched into the product and to look at it. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Bilingual } from '@amparo/contract/words'
import type { SurfaceClient } from '../policy/policy.ts'
import { type Chromium, chromiumAt, type Tab } from './chromium.ts'
import { castOf, type KitIssuer, type KitIssuerConfig, kitIssuer } from './issuer.ts'
import { type Launch, truth } from './launch.ts'
import { isThere, pressable } from './looking.ts'
import { phone } from './phone.ts'
import type { Address, Kit, Plan } from './point.ts'
import { phoneKey } from './proof.ts'
import { originOf, visitor } from './visitor.ts'

export interface KitConfig {
  readonly client: SurfaceClient
  readonly plan: Plan
  /** The issuer that the product is configured with: the kit takes its place. */
  readonly issuer: Pick<KitIssuerConfig, 'origin' | 'listen'>
  readonly chromium: string | undefined
  /** How long an ending may take to be honoured. */
  readonly withinMs?: number
}

/** Beside a product that opens nothing any more, everything would look refused. */
export class NothingOpens extends Error {}
export const nothingOpens: Bilingual = {
  en: 'a launch that tells the truth opened nothing any more. Does the product limit sign-ins? Lift that for the check.',
  es: 'un acceso que dice la verdad ya no abrió nada. ¿Limita el producto los accesos? Quítalo para la comprobación.',
}
/** A machine under load loses a launch now and then; a product that opens nothing loses each. */
const triesAtMost = 3

/** An app is launched otherwise than a product in the agent's browser; everything else about it is the same. */
type Ways = Pick<Kit, 'begin' | 'launch' | 'open'>
interface Ground extends Pick<Kit, 'origin' | 'issuer' | 'page' | 'ready'> {
  readonly client: SurfaceClient
  readonly plan: Plan
}

export async function kitOf(config: KitConfig): Promise<Kit & { close(): Promise<void> }> {
  const { client, plan, issuer, chromium, withinMs = 2000 } = config
  const origin = originOf(client.initiateLoginUri)
  const told = { client, ecosystem: plan.ecosystem, cast: castOf() }
  const ours = await kitIssuer({ ...issuer, ...told })
  const foreign = await kitIssuer({ origin: '', listen: { host: '127.0.0.1', port: 0 }, ...told })
  const soon: Kit['soon'] = (holds) => within(withinMs, holds)
  const ready: Kit['ready'] = (holds) => within(Math.max(withinMs, patienceMs), holds)
  let opened: Promise<Chromium> | undefined
  const browser: Kit['browser'] = () => {
    if (chromium !== undefined) opened ??= chromiumAt(chromium)
    return opened
  }
  const page: Kit['page'] = (who) => who.get(new URL(plan.page, origin).href)
  const shows: Kit['shows'] = ({ status, text }) => status < 300 && text.includes(plan.sees)
  const ways = (client.clientAuth === 'none' ? onPhone : inTab)({ client, plan, origin, issuer: ours, page, ready })
  return {
    plan,
    cast: told.cast,
    client,
    origin,
    issuer: ours,
    foreign,
    browser,
    withinMs,
    visitor,
    ...ways,
    async helped(telling, who) {
      for (let tries = 0; tries < triesAtMost; tries += 1) {
        const launched = await ways.launch(telling, who)
        if (shows(await page(launched.visitor))) return launched
      }
      throw new NothingOpens()
    },
    page,
    ask: (who, address, headers) => asked(who, new URL(address.path, origin).href, address, headers),
    shows,
    stays: (who) => soon(async () => shows(await page(who))),
    soon,
    ready,
    async close() {
      await (await opened)?.close()
      await Promise.all([ours.close(), foreign.close()])
    },
  }
}

/** For what nothing was promised of: a page that loads, on whatever machine looks at it. */
const patienceMs = 15_000

async function within(ms: number, holds: () => Promise<boolean> | boolean): Promise<boolean> {
  const until = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > until) return false
    await pause(50)
  }
  return true
}

const asked = (who: ReturnType<typeof visitor>, url: string, { method }: Address, headers = {}) =>
  method === 'GET' ? who.get(url, headers) : who.form(url, method, {}, headers)

const newLaunch = (issuer: KitIssuer, plan: Plan, telling = {}): Launch =>
  issuer.launch({ ...truth(plan.user), ...telling })

// ── In the agent's browser ──────────────────────────────────────────────────────────────────────────────────────────

function inTab({ client, plan, origin, issuer, ready }: Ground): Ways {
  const initiation = (launch: Launch, more = {}): string => {
    const url = new URL(client.initiateLoginUri)
    const target = new URL(plan.page, origin).href
    const fields = { iss: issuer.origin, login_hint: launch.hint, target_link_uri: target, ...more }
    url.search = new URLSearchParams(fields).toString()
    return url.href
  }
  const begin: Kit['begin'] = (who, launch, more) => who.get(initiation(launch, more))
  return {
    begin,
    async launch(telling, who = visitor(), more = {}) {
      const launch = newLaunch(issuer, plan, telling)
      const begun = await begin(who, launch, more)
      const rest = begun.location === undefined ? [] : await follow(who, begun.location, [origin, issuer.origin])
      const passed = [begun, ...rest]
      return { launch, visitor: who, passed, answer: passed.at(-1) ?? begun }
    },
    async open(browser, launch) {
      const tab = await browser.tab()
      await tab.open(initiation(launch))
      await ready(() => isThere(tab, origin))
      return tab
    },
  }
}

const follow = (who: ReturnType<typeof visitor>, url: string, origins: readonly string[]) =>
  origins.includes(originOf(url)) ? who.follow(url, origins) : Promise.resolve([])

// ── On a phone ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Its back end is asked by a phone that holds the token already; the app itself is opened by the address of a code. */
function onPhone({ client, plan, origin, issuer, page, ready }: Ground): Ways {
  return {
    begin: (who, launch) => who.get(`${client.initiateLoginUri}/${launch.hint}`),
    async launch(telling) {
      const [launch, key] = [newLaunch(issuer, plan, telling), await phoneKey()]
      launch.key = key.thumbprint
      const holder = phone(launch, key)
      const answer = await page(holder)
      return { launch, visitor: holder, passed: [answer], answer }
    },
    async open(browser, launch) {
      const tab = await browser.tab()
      await tab.open(`${client.initiateLoginUri}/${launch.hint}`)
      await ready(() => isThere(tab, origin))
      await pressed(tab, String(plan.press), launch, ready)
      return tab
    },
  }
}

/** Once, as a person does; again only where that led nowhere, because the page's script was not there yet. */
async function pressed(tab: Tab, selector: string, launch: Launch, ready: Kit['ready']): Promise<void> {
  const begun = () => launch.asked !== undefined || launch.client !== undefined
  for (let presses = 0; presses < pressesAtMost && !begun(); presses += 1) {
    await ready(async () => {
      if (begun()) return true
      const at = await tab.tell<{ x: number; y: number } | null>(pressable(selector)).catch(() => null)
      if (at) await tab.press(at)
      return at !== null
    })
    await ready(begun)
  }
}
const pressesAtMost = 2
