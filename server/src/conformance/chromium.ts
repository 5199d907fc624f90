/**
 * A real browser, spoken to over two pipes in its own protocol (https://chromedevtools.github.io/devtools-protocol), so
 * that the server needs no library for it: a page, an address, and questions in JavaScript.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface Tab {
  open(url: string): Promise<void>
  /** What this expression is in the page. Where it breaks off there, nobody knows: then this does too. */
  tell<T>(expression: string): Promise<T>
  /** As a person does, with the mouse. */
  press(at: { readonly x: number; readonly y: number }): Promise<void>
}
export interface Chromium {
  tab(): Promise<Tab>
  close(): Promise<void>
}

type Fields = Record<string, unknown>
const patienceMs = 20_000
const inUse = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--no-first-run',
  '--disable-background-networking',
  '--window-size=1280,800',
]

export async function chromiumAt(program: string): Promise<Chromium> {
  const folder = await mkdtemp(join(tmpdir(), 'amparo-check-'))
  // As root, in a container of somebody's pipeline, it does not start with its sandbox.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(program, [...inUse, ...asRoot, `--user-data-dir=${folder}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const command = spokenWith(child)
  return {
    async tab() {
      const { browserContextId } = await command('Target.createBrowserContext', {})
      const { targetId } = await command('Target.createTarget', { url: 'about:blank', browserContextId })
      const { sessionId } = await command('Target.attachToTarget', { targetId, flatten: true })
      const inTab = (method: string, params: Fields) => command(method, params, String(sessionId))
      return {
        async open(url) {
          await inTab('Page.navigate', { url })
        },
        async tell<T>(expression: string): Promise<T> {
          const asked = { expression, awaitPromise: true, returnByValue: true }
          const { result, exceptionDetails } = await inTab('Runtime.evaluate', asked)
          if (exceptionDetails) throw new Error(`the page does not let itself be asked: ${saidIn(exceptionDetails)}`)
          return (result as { value: T }).value
        },
        async press(at) {
          const left = { ...at, button: 'left', clickCount: 1 }
          for (const type of ['mousePressed', 'mouseReleased'])
            await inTab('Input.dispatchMouseEvent', { type, ...left })
        },
      }
    },
    async close() {
      const over = new Promise((resolve) => child.once('close', resolve))
      child.kill()
      await over
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The first line of what a script of ours threw. */
function saidIn(details: unknown): string {
  const { text, exception } = details as { text: string; exception?: { description?: string } }
  return (exception?.description ?? text).split('\n')[0] ?? text
}

/** Each message ends with a zero byte; an answer has the number of its question. */
function spokenWith(child: ChildProcess) {
  const [, , , to, from] = child.stdio as unknown as [null, null, null, Writable, Readable]
  const waiting = new Map<number, { done(answer: Fields): void; failed(error: Error): void }>()
  const lost = (error: Error): void => {
    for (const { failed } of waiting.values()) failed(error)
    waiting.clear()
  }
  child.once('error', lost)
  child.once('close', () => lost(new Error('the browser ended')))
  to.on('error', lost)
  let rest = ''
  from.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const { id, result = {}, error }: { id?: number; result?: Fields; error?: Fields } = JSON.parse(part)
      const one = waiting.get(id ?? 0)
      waiting.delete(id ?? 0)
      if (error) one?.failed(new Error(String(error.message)))
      else one?.done(result)
    }
  })
  let last = 0
  return (method: string, params: Fields, sessionId?: string): Promise<Fields> =>
    new Promise((done, failed) => {
      const id = ++last
      const late = setTimeout(() => failed(new Error(`the browser did not answer ${method}`)), patienceMs)
      const settled = () => {
        clearTimeout(late)
        waiting.delete(id)
      }
      waiting.set(id, {
        done: (answer) => {
          settled()
          done(answer)
        },
        failed: (error) => {
          settled()
          failed(error)
        },
      })
      to.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`)
    })
}
