/** How the vendor's products answer: a page for people, a problem (RFC 9457) for programs. */
import type { Context } from 'hono'
import type { Env, Html, Outside, Visit } from './outside.ts'
import { refusalPage } from './pages.ts'
import { type Language, type Refusal, refusals, words } from './words.ts'

export const sentenceOf = (code: Refusal, language: Language): string => refusals[code][language]

export function wantsJson(c: Context<Env>): boolean {
  const accept = c.req.header('accept') ?? ''
  return accept.includes('json') && !accept.includes('text/html')
}

/** The first of the browser's languages that we speak. */
export function languageOf(acceptLanguage: string | undefined): Language {
  for (const range of (acceptLanguage ?? '').split(',')) {
    const language = range.trim().slice(0, 2).toLowerCase()
    if (language === 'en' || language === 'es') return language
  }
  return 'en'
}

interface Page {
  readonly title: string
  readonly here?: string
  readonly status?: (typeof refusals)[Refusal]['status']
}

export function show(c: Context<Env>, { product }: Outside, { title, here, status }: Page, content: Html) {
  const frame = { language: c.get('language'), title, here, visit: c.get('visit'), assisted: !!c.get('assistance') }
  return c.html(product.page(frame, content), status ?? 200)
}

/** `Amparo-Refusal` is for programs. */
export function refuse(c: Context<Env>, outside: Outside, code: Refusal, requestId?: string) {
  const language = c.get('language')
  const { status } = refusals[code]
  const detail = sentenceOf(code, language)
  c.header('Amparo-Refusal', code)
  if (wantsJson(c)) {
    const body = { type: 'about:blank', title: detail, status, code, detail, ...(requestId && { requestId }) }
    return c.body(JSON.stringify(body), status, { 'Content-Type': 'application/problem+json' })
  }
  const title = words(language)('failed')
  const back = { href: outside.product.home, text: words(language)('toHome') }
  return show(c, outside, { title, status }, refusalPage({ language, title, sentence: detail, back }, requestId))
}

/** A page for whoever is in a clinic; without one, the sentence of the home page is all there is. */
export function inClinic(c: Context<Env>) {
  const visit = c.get('visit')
  return visit?.clinic ? { visit, clinic: visit.clinic } : undefined
}

/** What was done a moment ago, as the address says it, if that is one of the sentences of this page. */
export function saidIn(c: Context<Env>, language: Language, known: readonly ('saved' | 'invited' | 'ordered')[]) {
  const text = known.find((each) => each === c.req.query('said'))
  return text === undefined ? undefined : words(language)(text)
}

/** For scripts: who one is here, and who helps. */
export function meAsJson(c: Context<Env>, outside: Outside) {
  const visit = c.get('visit')
  if (!visit) return refuse(c, outside, 'sign_in.first')
  const { person, clinic, assistance } = visit
  return c.json({
    user: { id: person.id, name: person.name, email: person.email },
    ecosystem: clinic ? { id: clinic.id, name: clinic.name, role: clinic.isOwner ? 'owner' : 'member' } : null,
    assistedBy: assistance ? { ...assistance.agent, powers: assistance.powers } : null,
  })
}

/** Whose act a change is: the agent's where somebody is helped, else the person's own. */
export const doerOf = ({ person, assistance }: Visit) => ({ personId: person.id, agent: assistance?.agent ?? null })
