/**
 * `amparo agents`: the people at the desk. The first administrator comes in here: `invite` prints a link that works once.
 * Exit codes as everywhere: 2 wrong use, 3 no database, 4 refused because there is no such agent, or nothing to do.
 */
import { roles as allRoles, type Role } from '@amparo/contract/words'
import type { Command } from 'commander'
import { Cannot } from '../cannot.ts'
import type { Database } from '../database/database.ts'
import { settleAgent } from '../desk/endings.ts'
import {
  addAgent,
  agentBy,
  agentLines,
  disableAgent,
  enableAgent,
  forgetFactors,
  setRoles,
  signOutAgent,
  vouchForAgent,
} from '../identity/agents.store.ts'
import { firstFactorMinutes as vouchMinutes } from '../identity/first-factor.store.ts'
import { isRole, openSession } from '../identity/identity.store.ts'
import { invite } from '../identity/invite.store.ts'
import { environment } from '../settings.ts'
import { known, system } from '../words.ts'
import { onDatabase } from './settings.ts'
import type { Register, Terminal } from './terminal.ts'

interface Json {
  readonly json?: boolean
}

export const agentsCommand: Register = (program, terminal) => {
  const agents = program
    .command('agents')
    .description(terminal.words({ en: 'the people at the desk', es: 'quienes atienden' }))
  inviting(agents, terminal)
  listing(agents, terminal)
  changing(agents, terminal)
  vouching(agents, terminal)
  token(agents, terminal)
}

// ── A link that works once ──────────────────────────────────────────────────────────────────────────────────────────

interface Inviting extends Json {
  readonly name?: string
  readonly role?: readonly string[]
  readonly phone?: string
  readonly language: string
}

function inviting(agents: Command, terminal: Terminal): void {
  agents
    .command('invite <email>')
    .description(
      terminal.words({
        en: 'print a sign-in link, for a new agent or one who cannot get in: one use, a day',
        es: 'muestra un enlace de acceso, para un agente nuevo o que no puede entrar: un uso, un día',
      }),
    )
    .option('--name <name>', terminal.words({ en: 'of a new agent', es: 'del agente nuevo' }))
    .option('--role <role...>', `${allRoles.join(', ')}`)
    .option('--phone <number>', 'E.164')
    .option('--language <language>', 'en, es', 'en')
    .option('--json')
    .action(async (email: string, options: Inviting) => {
      const origin = consoleOrigin()
      const made = await onDatabase(async (db) => {
        const id = (await agentBy(db, email))?.id ?? (await newAgent(db, email, options))
        return invite(db, id, { type: 'agent.invited', actor: system('operator'), data: { agent: id } })
      })
      const link = `${origin}/welcome#${made.token}`
      terminal.answer(options.json, { email, link, expiresAt: made.expiresAt.toISOString() }, () => [
        link,
        {
          en: `It works once, until ${made.expiresAt.toISOString()}. Give it to ${email} and to nobody else.`,
          es: `Sirve una vez, hasta ${made.expiresAt.toISOString()}. Dáselo a ${email} y a nadie más.`,
        },
      ])
    })
}

function consoleOrigin(): string {
  const url = environment().AMPARO_CONSOLE_URL ?? ''
  if (environment().AMPARO_AGENTS_ISSUER)
    throw new Cannot(4, [
      {
        en: 'Agents sign in at AMPARO_AGENTS_ISSUER here. Add them there, in a group that your table names.',
        es: 'Aquí los agentes entran por AMPARO_AGENTS_ISSUER. Añádelos allí, en un grupo de tu tabla.',
      },
    ])
  if (URL.canParse(url)) return new URL(url).origin
  throw new Cannot(2, [
    {
      en: 'AMPARO_CONSOLE_URL is missing. It is the console as agents open it, e.g. https://desk.acme.com.',
      es: 'Falta AMPARO_CONSOLE_URL. Es la consola como la abren los agentes, p. ej. https://desk.acme.com.',
    },
  ])
}

async function newAgent(db: Database, email: string, { name, role, phone, language }: Inviting): Promise<string> {
  if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(email))
    throw new Cannot(2, [{ en: `${email} is no e-mail address.`, es: `${email} no es un correo.` }])
  if (!name)
    throw new Cannot(2, [
      {
        en: `Nobody has the e-mail ${email} yet. Name the new agent: --name "Ana Robles".`,
        es: `Nadie tiene aún el correo ${email}. Da su nombre: --name "Ana Robles".`,
      },
    ])
  const id = await addAgent(db, {
    name,
    email,
    phone,
    locale: language === 'es' ? 'es' : 'en',
    roles: rolesFrom(role ?? ['agent:technical']),
  })
  if (id) return id
  throw new Cannot(4, [{ en: `Somebody has the e-mail ${email}.`, es: `Alguien tiene el correo ${email}.` }])
}

function rolesFrom(words: readonly string[]): Role[] {
  const strangers = words.filter((word) => !isRole(word))
  if (strangers.length === 0) return words.filter(isRole)
  const list = allRoles.join(', ')
  throw new Cannot(2, [
    {
      en: `${strangers.join(', ')}: there is no such role. Roles are ${list}.`,
      es: `${strangers.join(', ')}: no existe esa función. Hay estas: ${list}.`,
    },
  ])
}

// ── Who there is ────────────────────────────────────────────────────────────────────────────────────────────────────

function listing(agents: Command, terminal: Terminal): void {
  agents
    .command('list')
    .description(
      terminal.words({ en: 'every agent, with roles and factors', es: 'los agentes, con funciones y llaves' }),
    )
    .option('--json')
    .action(async ({ json }: Json) => {
      const lines = await onDatabase(agentLines)
      const words = { active: 'active', invited: 'invited', disabled: 'disabled' }
      const palabras = { active: 'activo', invited: 'invitado', disabled: 'desactivado' }
      terminal.answer(json, { agents: lines }, () =>
        lines.length === 0
          ? [
              {
                en: 'Nobody yet. Begin with: amparo agents invite you@acme.com --name "Your Name" --role admin',
                es: 'Nadie todavía. Empieza con: amparo agents invite tu@acme.com --name "Tu Nombre" --role admin',
              },
            ]
          : lines.map((one) => {
              const row = (state: string) =>
                [
                  one.email.padEnd(32),
                  state.padEnd(12),
                  one.roles.join(' ').padEnd(32),
                  [...(one.passkeys > 0 ? [`passkey×${one.passkeys}`] : []), ...(one.totp ? ['totp'] : [])].join(' '),
                ]
                  .join(' ')
                  .trimEnd()
              return { en: row(words[one.state]), es: row(palabras[one.state]) }
            }),
      )
    })
}

// ── What they may do ────────────────────────────────────────────────────────────────────────────────────────────────

type Work = (db: Database, id: string) => Promise<number | boolean>

function changing(agents: Command, terminal: Terminal): void {
  const named = (name: string, does: { en: string; es: string }, work: Work, done: { en: string; es: string }) =>
    agents
      .command(`${name} <email>`)
      .description(terminal.words(does))
      .option('--json')
      .action(async (email: string, { json }: Json) => {
        const changed = await onDatabase((db) => doneTo(db, email, work))
        terminal.answer(json, { email, changed: Number(changed) }, () => [
          changed ? done : { en: 'There was nothing to do.', es: 'No había nada que hacer.' },
        ])
      })
  named(
    'disable',
    {
      en: 'sign them out, end what they have under way, and let them in no more',
      es: 'cierra sus sesiones y asistencias, y no les deja entrar',
    },
    disableAgent,
    { en: 'Disabled. What they had under way has ended.', es: 'Desactivado. Lo que tenía en marcha terminó.' },
  )
  named('enable', { en: 'let them in again', es: 'les deja entrar de nuevo' }, enableAgent, {
    en: 'Enabled.',
    es: 'Activado.',
  })
  named('sign-out', { en: 'end their sessions', es: 'cierra sus sesiones' }, signOutAgent, {
    en: 'Signed out.',
    es: 'Sesiones cerradas.',
  })
  named(
    'forget-factors',
    {
      en: 'remove passkeys and app of somebody who lost them',
      es: 'quita las llaves y la aplicación de quien las perdió',
    },
    forgetFactors,
    { en: 'Removed. They prove who they are by message again.', es: 'Quitadas. Volverá a usar el código por mensaje.' },
  )
  agents
    .command('roles <email> [roles...]')
    .description(
      terminal.words({
        en: 'set their roles; without any they may do nothing',
        es: 'fija sus funciones; sin ninguna no puede nada',
      }),
    )
    .option('--json')
    .action(async (email: string, words: readonly string[], { json }: Json) => {
      const roles = rolesFrom(words)
      await onDatabase((db) => doneTo(db, email, async (_db, id) => (await setRoles(db, id, roles)).length))
      terminal.answer(json, { email, roles }, () => [
        { en: `Roles: ${roles.join(', ') || 'none'}.`, es: `Funciones: ${roles.join(', ') || 'ninguna'}.` },
      ])
    })
}

// ── The first factor where no message arrives ───────────────────────────────────────────────────────────────────────

const notVouched = {
  has_factor: {
    en: 'They have a passkey or an app, and add others by it. Did they lose it? amparo agents forget-factors',
    es: 'Tiene una llave o una aplicación, y con ella añade otras. Si la perdió: amparo agents forget-factors',
  },
  signed_out: {
    en: 'They are not signed in. Ask them to sign in, and try again while they are.',
    es: 'No tiene la sesión iniciada. Pide que la inicie y repítelo mientras siga dentro.',
  },
  several: {
    en: 'They are signed in more than once, and one of them may be somebody else. End all: amparo agents sign-out. Then ask them to sign in once.',
    es: 'Tiene varias sesiones, y alguna puede ser de otra persona. Ciérralas: amparo agents sign-out. Luego pide que entre una vez.',
  },
} as const

function vouching(agents: Command, terminal: Terminal): void {
  agents
    .command('vouch <email>')
    .description(
      terminal.words({
        en: 'let them add their first factor now, without the code that does not arrive',
        es: 'le deja añadir ahora su primera llave o aplicación, sin el código que no llega',
      }),
    )
    .option('--json')
    .action(async (email: string, { json }: Json) => {
      const vouched = await onDatabase(async (db) => vouchForAgent(db, await idOf(db, email)))
      if (vouched !== 'vouched') throw new Cannot(4, [notVouched[vouched]])
      terminal.answer(json, { email, minutes: vouchMinutes }, () => [
        {
          en: `For ${vouchMinutes} minutes they may add a passkey or an app where they are signed in. Tell them in person, or by a number that you know.`,
          es: `Durante ${vouchMinutes} minutos puede añadir una llave o una aplicación donde tiene la sesión. Díselo en persona, o a un número que conozcas.`,
        },
      ])
    })
}

/** Does it, and records at once what ended with it: what is changed back in the same second revives nothing. */
async function doneTo(db: Database, email: string, work: Work): Promise<number | boolean> {
  const id = await idOf(db, email)
  const done = await work(db, id)
  await settleAgent(db, known.agent(id))
  return done
}

async function idOf(db: Database, email: string): Promise<string> {
  const agent = await agentBy(db, email)
  if (agent) return agent.id
  throw new Cannot(4, [{ en: `No agent has the e-mail ${email}.`, es: `Ningún agente tiene el correo ${email}.` }])
}

function token(agents: Command, terminal: Terminal): void {
  agents
    .command('token <email>')
    .description(
      terminal.words({
        en: 'a token for a script; in production it can only read',
        es: 'una llave para un programa; en producción solo puede leer',
      }),
    )
    .option('--json')
    .action(async (email: string, { json }: Json) => {
      const made = await onDatabase(async (db) => {
        const agent = await agentBy(db, email)
        if (!agent || agent.disabled)
          throw new Cannot(4, [
            { en: `No active agent has the e-mail ${email}.`, es: `Ningún agente activo tiene el correo ${email}.` },
          ])
        const event = { type: 'agent.token_made', actor: system('operator'), data: { agent: agent.id } } as const
        return (await openSession(db, agent.id, 'bearer', () => event)).token
      })
      terminal.answer(json, { token: made }, () => [made])
    })
}
