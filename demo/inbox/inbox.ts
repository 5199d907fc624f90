/**
 * The demo's inbox: a real mail server on this machine that keeps what it is sent and sends nothing on. Mail and SMS are
 * shown on a page and in `/dev/inbox.json`. For development and tests only.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Hono } from 'hono'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { type Entry, type Kept, keptFrom, sentTo } from './entry.ts'
import { fatesOver } from './fates.ts'
import { answer, type Fault, faultPlan } from './faults.ts'
import { inboxApp } from './page.ts'

export type { Entry } from './entry.ts'

export interface Inbox {
  readonly smtpUrl: string
  /** Serves `/inbox` and `/dev/inbox.json`; mount it at `/`. */
  readonly app: Hono
  /** Newest first; those of one recipient where one is given. */
  entries(to?: string): readonly Entry[]
  /** Calls back for each new message; the answer ends that. */
  onNew(call: (entry: Entry) => void): () => void
  /** From now on messages to this address or phone number meet a fault; the answer takes it back. */
  fail(to: string, fault: Fault): () => void
  clear(): void
  close(): Promise<void>
}

const host = '127.0.0.1'
const most = 1000
const largestBytes = 256 * 1024

export async function startInbox({ smtpPort = 0 }: { readonly smtpPort?: number } = {}): Promise<Inbox> {
  let kept: Kept[] = []
  const callbacks = new Set<(entry: Entry) => void>()
  const faults = faultPlan()

  const keep = (one: Kept) => {
    if (kept.some(({ entry }) => entry.id === one.entry.id && entry.to === one.entry.to)) return
    kept = [one, ...kept].slice(0, most)
    for (const call of callbacks) call(one.entry)
  }
  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession) => {
    const raw = await whole(stream)
    if (stream.sizeExceeded) throw answer({ code: 552, message: 'Too large for this inbox' })
    const { mailFrom, rcptTo } = session.envelope
    const from = mailFrom ? mailFrom.address : ''
    const fallbackId = randomUUID()
    for (const { address } of rcptTo) keep(await keptFrom(raw, { from, to: address }, fallbackId))
    for (const { address } of rcptTo) await faults.meet(address, true)
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 500,
    size: largestBytes,
    onRcptTo: ({ address }, _session, done) => settle(faults.meet(address, false), done),
    onData: (stream, session, done) => settle(receive(stream, session), done),
  })
  server.on('error', () => {})
  const listening = server.listen(smtpPort, host)
  await once(listening, 'listening')
  const address = listening.address()
  const port = typeof address === 'object' && address ? address.port : smtpPort

  return {
    smtpUrl: `smtp://${host}:${port}`,
    app: inboxApp(() => kept, fatesOver(faults.plan)),
    entries: (to) => sentTo(kept, to).map(({ entry }) => entry),
    onNew(call) {
      callbacks.add(call)
      return () => callbacks.delete(call)
    },
    fail: faults.plan,
    clear() {
      kept = []
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function settle(work: Promise<void>, done: (error?: Error) => void): void {
  work.then(
    () => done(),
    (error: unknown) => done(error instanceof Error ? error : new Error('failed')),
  )
}

async function whole(stream: SMTPServerDataStream): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream) {
    bytes += part.length
    if (bytes <= largestBytes) parts.push(part)
  }
  return Buffer.concat(parts)
}
