/** A phone with an app on it: the code of the guide *Connect an app* word for word, and a browser of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { allowInsecureRequests } from 'openid-client'
import { type Answer, Browser, type Stage } from './stage.ts'

const project = join(import.meta.dirname, '../..')

interface Installed {
  readonly config: unknown
  readonly key: unknown
}
interface Flow {
  readonly state: string
}
interface Began {
  readonly url: URL
  readonly flow: Flow
}
/** What the guide's module says. */
interface Guide {
  install(issuer: string, clientId: string, options: object): Promise<Installed>
  begin(app: Installed, from: { scanned: string; ours: string; redirectUri: string; device: string }): Promise<Began>
  finish(app: Installed, back: string, flow: Flow): Promise<string>
  alive(app: Installed, token: string, wait?: number): Promise<Readonly<Record<string, unknown>> & { active: boolean }>
}

/** The module of the guide, as a file in which what it imports is found. */
async function guide(): Promise<Guide> {
  const text = readFileSync(join(project, 'docs/guide/connect-an-app.md'), 'utf8')
  const code = /^```js phone\.mjs\n(.*?)^```/ms.exec(text)?.[1]
  if (!code) throw new Error('the guide has lost its phone')
  mkdirSync(join(project, 'docs/test-results'), { recursive: true })
  const folder = mkdtempSync(join(project, 'docs/test-results/phone-'))
  try {
    writeFileSync(join(folder, 'phone.mjs'), code)
    return await import(pathToFileURL(join(folder, 'phone.mjs')).href)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface Phone {
  readonly browser: Browser
  /** Scans or types: the issuer's page with the digits, or what it says instead. */
  scan(scanned: string): Promise<Answer>
  digits(page: Answer): string
  /** The page goes on after the digits were typed; the app has its token then. */
  goOn(page: Answer): Promise<string>
  alive(token: string, wait?: number): Promise<{ active: boolean }>
}

/** A phone on which the demo's app was just installed. */
export async function phoneOf(stage: Stage, device = 'Pixel 8'): Promise<Phone> {
  const app = await guide()
  const ours = `http://app.localhost:${stage.port + 12}/q`
  const redirectUri = `http://app.localhost:${stage.port + 12}/assisted/callback`
  const installed = await app.install(`http://127.0.0.1:${stage.port + 1}`, 'demo-app', {
    execute: [allowInsecureRequests],
  })
  const browser = new Browser()
  let flow: Flow | undefined
  /** Redirects, up to the app's own address: there a telephone opens the app. */
  const follow = async (first: Answer): Promise<Answer> => {
    let answer = first
    for (;;) {
      const next = answer.headers.get('location')
      if (!next) return answer
      const url = new URL(next, answer.url).href
      if (url.startsWith(redirectUri)) return { ...answer, url, text: '' }
      answer = await browser.ask(url)
    }
  }
  return {
    browser,
    async scan(scanned) {
      const began = await app.begin(installed, { scanned, ours, redirectUri, device })
      flow = began.flow
      return follow(await browser.ask(began.url.href))
    },
    digits: ({ text }) => /<strong>(\d\d)<\/strong>/.exec(text)?.[1] ?? '',
    async goOn(page) {
      const back = await follow(await browser.ask(page.url))
      if (!back.url.startsWith(redirectUri) || !flow) throw new Error(`the phone stays at ${back.url}: ${back.text}`)
      return app.finish(installed, back.url, flow)
    },
    alive: (token, wait) => app.alive(installed, token, wait),
  }
}
