/** For journeys over HTTP: what a script that knows only the contract does, step by step. It shares nothing with the server. */
import { type Answer, type Browser, type Stage, until } from './stage.ts'

export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a script reads JSON as it comes.
  readonly body: any
}
export interface Letter {
  readonly id: string
  readonly to: string
  readonly channel: string
  readonly subject: string
  readonly text: string
  readonly codes: readonly string[]
  readonly links: readonly string[]
}
export interface Script {
  readonly email: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
}
interface People {
  readonly agents: readonly {
    readonly name: string
    readonly email: string
    readonly bearer: string
    readonly signIn: { readonly email: string; readonly password: string }
    readonly totpSecret?: string
  }[]
  readonly users: readonly { readonly email: string; readonly ecosystems: readonly { readonly id: string }[] }[]
}

// biome-ignore lint/suspicious/noExplicitAny: a script reads JSON as it comes.
const jsonOf = async (answer: Response): Promise<any> => answer.json()

/** What was asked for, and not news of something else. */
export const hasCode = ({ codes }: Pick<Letter, 'codes'>): boolean => codes.length > 0

export type Play = Awaited<ReturnType<typeof playing>>

/** A stage with its people. `letters` reads the messages somewhere else than in the stage's own inbox. */
export async function playing(stage: Stage, letters?: () => Promise<readonly Letter[]>) {
  const desk = `http://127.0.0.1:${stage.port}`
  const people: People = await jsonOf(await fetch(`${desk}/dev/people.json`))
  const bearer = (email: string) => people.agents.find((agent) => agent.email === email)?.bearer ?? ''
  const inbox = letters ?? (async (): Promise<readonly Letter[]> => jsonOf(await fetch(`${desk}/dev/inbox.json`)))
  const lettersTo = async (to: string) => (await inbox()).filter((letter) => letter.to === to)

  /**
   * The newest message to somebody that was not there before, of those that are `wanted`: with a code, unless something else
   * is waited for. News may come in between, of an earlier help that ended or of a passkey that was added.
   */
  async function newLetter(to: string, seen: number, wanted: (letter: Letter) => boolean = hasCode): Promise<Letter> {
    const [newest] = await until(
      async () => {
        const all = await lettersTo(to)
        return all.slice(0, all.length - seen).filter(wanted)
      },
      (all) => all.length > 0,
      `a letter to ${to}`,
    )
    if (!newest) throw new Error('no letter')
    return newest
  }

  /** One agent's script, with the session that all of it share unless it has one of its own. */
  const scriptOf = (name: string, session = bearer(`${name}@acme.test`)): Script => ({
    email: `${name}@acme.test`,
    async call(method, path, body, headers = {}) {
      const answer = await fetch(`${desk}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${session}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: await answer.json() }
    },
  })

  const must = async (reply: Promise<Reply>, status: number): Promise<Reply['body']> => {
    const { status: came, body } = await reply
    if (came !== status) throw new Error(`${came}, not ${status}: ${JSON.stringify(body)}`)
    return body
  }

  /** An assistance whose agent is still to be proved. */
  async function opened(agent: Script, userEmail: string): Promise<string> {
    const reason = { code: 'fault', line: 'Cannot see invoices' }
    return (await must(agent.call('POST', '/assistances', { kind: 'technical', userEmail, reason }), 201)).id
  }

  async function agentCode(agent: Script, id: string): Promise<string> {
    const seen = (await lettersTo(agent.email)).length
    await must(agent.call('POST', `/assistances/${id}/agent-code`), 202)
    return (await newLetter(agent.email, seen)).codes[0] ?? ''
  }

  async function proved(agent: Script, userEmail: string): Promise<string> {
    const id = await opened(agent, userEmail)
    const code = await agentCode(agent, id)
    await must(agent.call('PUT', `/assistances/${id}/agent-proof`, { method: 'code', code }), 200)
    return id
  }

  async function asked(agent: Script, userEmail: string, ecosystemId: string) {
    const id = await proved(agent, userEmail)
    await must(agent.call('PUT', `/assistances/${id}/ecosystem`, { ecosystemId }), 200)
    const seen = (await lettersTo(userEmail)).length
    const { sayFirst } = await must(agent.call('POST', `/assistances/${id}/consent-code`, {}), 202)
    const letter = await newLetter(userEmail, seen, (one) => hasCode(one) && one.links.length > 0)
    const link = letter.links.find((one) => one.includes('/c/')) ?? ''
    return { id, letter, link, code: letter.codes[0] ?? '', sayFirst: String(sayFirst) }
  }

  async function active(agent: Script, userEmail: string, ecosystemId: string) {
    const ready = await asked(agent, userEmail, ecosystemId)
    await must(agent.call('PUT', `/assistances/${ready.id}/consent`, { code: ready.code }), 200)
    return ready
  }

  /** Opens a surface as the contract says; where the browser ends up. */
  async function launched(agent: Script, id: string, browser: Browser, surface = 'web'): Promise<Answer> {
    const { url, ticket } = await must(agent.call('POST', `/assistances/${id}/launches`, { surface }), 201)
    return browser.follow(await browser.form(url, { ticket }, { origin: stage.console }))
  }

  /** What the user's page is told when somebody taps a button there. */
  const tapped = async (phone: Browser, link: string, act: string): Promise<Reply> => {
    const headers = { accept: 'application/json', 'content-type': 'application/json' }
    const { status, text } = await phone.ask(`${link}/${act}`, { method: 'POST', headers, body: '{}' })
    return { status, body: JSON.parse(text) }
  }

  async function advance(ms: number): Promise<void> {
    await must(
      fetch(`${desk}/dev/clock`, { method: 'POST', body: JSON.stringify({ advanceMs: ms }) }).then(async (answer) => ({
        status: answer.status,
        body: await answer.json(),
      })),
      200,
    )
  }

  return {
    people,
    bearer,
    inbox,
    lettersTo,
    newLetter,
    scriptOf,
    opened,
    agentCode,
    proved,
    asked,
    active,
    launched,
    tapped,
    advance,
    must,
    storeHome: `http://store.localhost:${stage.port + 10}/`,
    webHome: `http://web.localhost:${stage.port + 11}/`,
  }
}
