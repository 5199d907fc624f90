/** The doors of a user's own history: asking for its code, typing it, looking, taking a copy, saying what was not right. */
import type { Refusal } from '@amparo/contract/refusals'
import { stringify } from 'csv-stringify/sync'
import type { Context, Hono } from 'hono'
import { stream } from 'hono/streaming'
import { z } from 'zod'
import type { Taken } from '../http/limits.ts'
import { faultAt } from '../http/problem.ts'
import type { Outcome } from '../outcome.ts'
import { isNoText } from '../words.ts'
import {
  browserOf,
  chosenQuery,
  isJson,
  keepBrowser,
  refused,
  sheetOf,
  show,
  tooMany,
  unknown,
  wantsJson,
} from './answering.ts'
import { follow, type Linked, type Outside } from './companion.flow.ts'
import {
  askForHistory,
  type ExportLine,
  exportHistory,
  lookAtHistory,
  makeObjection,
  typeHistoryCode,
} from './history.flow.ts'
import { longestObjection, type PastHelp } from './history.ts'
import { historyPage, isSaid, type SaidBack } from './history-page.ts'
import { oneMoreTap } from './page.ts'
import { fromElsewhere, madeByMachine } from './person.ts'

/** Takes one of what this link and this address have; or says how long to wait. */
export type Waits = (c: Context, linked?: Linked) => Taken

const sure = z.literal('1').optional()
const formats = ['jsonl', 'csv'] as const
const codeBody = z.strictObject({ sure })
const digitsBody = z.strictObject({
  /** However people write it: spaces, hyphens and other scripts' digits are what they are. */
  digits: z
    .string()
    .max(40)
    .transform((text) => text.normalize('NFKC').replace(/[\s-]/g, ''))
    .pipe(z.string().regex(/^\d{6}$/)),
})
const copyBody = z.strictObject({ format: z.enum(formats) })
const objectionBody = z.strictObject({
  text: z
    .string()
    .max(longestObjection)
    .refine((text) => !isNoText(text))
    .optional(),
  about: z.string().max(64).optional(),
})

export function historyRoutes(app: Hono, outside: Outside, waits: Waits): void {
  /** A post of a person on our own page, to a link that works, with a body of this shape. */
  const post = <Body>(
    act: string,
    shape: z.ZodType<Body>,
    work: (c: Context, linked: Linked, body: Body) => Promise<Response>,
  ) =>
    app.post(`/c/:token/${act}`, async (c) => {
      const linked = await follow(outside, c.req.param('token'))
      if (!linked) return unknown(c, outside, waits(c))
      const taken = waits(c, linked)
      if (!taken.ok) return tooMany(c, outside, taken.waitMs, linked)
      if (fromElsewhere({ header: (name) => c.req.header(name) }, outside.companionOrigin))
        return refused(c, outside, 'request.cross_site', {}, linked)
      const body = shape.safeParse(await fieldsOf(c))
      if (body.success) return work(c, linked, body.data)
      const [more = {}] = body.error.issues.map(faultAt)
      return act === 'history'
        ? told(c, { ok: false, refusal: 'request.invalid', more }, linked)
        : refused(c, outside, 'request.invalid', more, linked)
    })

  /** To a script the outcome; to a form the page again, with what became of it. */
  const told = async (c: Context, outcome: Outcome<object, Refusal>, linked: Linked, done?: SaidBack) => {
    if (!wantsJson(c)) return toHistory(c, outcome.ok ? done : saidOf(outcome.refusal))
    return outcome.ok ? c.json(outcome.value) : refused(c, outside, outcome.refusal, outcome.more, linked)
  }

  app.get('/c/:token/history', async (c) => {
    const linked = await follow(outside, c.req.param('token'))
    if (!linked) return unknown(c, outside, waits(c))
    const door = await lookAtHistory(outside, linked, browserOf(c), c.req.query('from'))
    if (!door) return wantsJson(c) ? refused(c, outside, 'link.out_of_order', {}, linked) : c.redirect(pathOf(c), 303)
    if (wantsJson(c)) return c.json(door)
    const said = c.req.query('said')
    return show(
      c,
      200,
      historyPage(door, isSaid(said) ? said : undefined, { ...sheetOf(c, outside, linked), at: 'history' }),
    )
  })

  post('history-code', codeBody, async (c, linked, body) => {
    if (madeByMachine({ header: (name) => c.req.header(name) }, body.sure !== undefined)) {
      if (wantsJson(c)) return refused(c, outside, 'request.cross_site', {}, linked)
      return show(c, 200, oneMoreTap('history-code', sheetOf(c, outside, linked), undefined))
    }
    return told(c, await askForHistory(outside, linked), linked, 'sent')
  })

  post('history', digitsBody, async (c, linked, { digits }) => {
    const typed = await typeHistoryCode(outside, linked, browserOf(c), digits)
    if (typed.ok) keepBrowser(c, typed.value.browserToken)
    return told(c, typed.ok ? { ok: true, value: {} } : typed, linked)
  })

  post('history-copy', copyBody, async (c, linked, { format }) => {
    const copy = await exportHistory(outside, linked, browserOf(c))
    if (!copy.ok) return told(c, copy, linked)
    c.header('Content-Type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8')
    c.header('Content-Disposition', `attachment; filename="history.${format}"`)
    return stream(c, async (out) => {
      if (format === 'csv') await out.write(stringify([columns]))
      for await (const line of copy.value.lines) {
        if (format === 'jsonl') await out.write(`${JSON.stringify(line)}\n`)
        else if ('help' in line) await out.write(rowOf(line))
      }
    })
  })

  post('objection', objectionBody, async (c, linked, body) => {
    const made = await makeObjection(outside, linked, browserOf(c), body)
    if (wantsJson(c) || body.about !== undefined) return told(c, made, linked, 'objected')
    return c.redirect(`${pathOf(c)}${chosenQuery(c, undefined)}`, 303)
  })
}

const columns = [
  'opened',
  'agent',
  'reason',
  'line',
  'came',
  'ecosystem',
  'surfaces',
  'powers',
  'consent',
  'consent_by',
  'ended',
  'because',
  'acts',
  'said',
]

/** A table for people: what a spreadsheet would take for a formula stands in quotes of its own. */
function rowOf({ help }: Extract<ExportLine, { help: PastHelp }>): string {
  const row = [
    help.openedAt.toISOString(),
    help.agent,
    help.reason.en,
    help.line,
    help.came,
    help.ecosystem,
    help.surfaces.map(({ en }) => en).join('; '),
    help.powers,
    help.consent?.at.toISOString(),
    help.consent?.provedBy,
    help.ended?.at.toISOString(),
    help.ended?.because,
    help.acts.map(({ at, what, count }) => `${at.toISOString()} ${what.en} (${count})`).join('; '),
    help.said.map(({ about, at }) => `${at.toISOString()} ${about}`).join('; '),
  ]
  return stringify([row], { escape_formulas: true })
}

/** What was sent, as a form or as JSON; undefined where it is neither. */
async function fieldsOf(c: Context): Promise<unknown> {
  const text = await c.req.text()
  try {
    if (isJson(c)) return text.trim() === '' ? {} : JSON.parse(text)
    return Object.fromEntries(new URLSearchParams(text))
  } catch {
    return undefined
  }
}

const pathOf = (c: Context): string => `/c/${c.req.param('token')}`

/** 303: a reload of what comes next sends nothing twice. */
function toHistory(c: Context, said: SaidBack | undefined): Response {
  const chosen = chosenQuery(c, undefined)
  const more = said ? `${chosen === '' ? '?' : '&'}said=${said}` : ''
  return c.redirect(`${pathOf(c)}/history${chosen}${more}`, 303)
}

/** What the page says of a refusal. */
function saidOf(refusal: Refusal): SaidBack {
  const word = refusal.replace('.', '_')
  return isSaid(word) ? word : 'failed'
}
