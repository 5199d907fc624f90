/** An ear at the database: LISTEN on a connection of its own that comes back by itself. */
import { setTimeout as pause } from 'node:timers/promises'
import { Client, type ClientConfig, escapeIdentifier } from 'pg'

export interface Listening {
  close(): Promise<void>
}

/** Hears a channel; see `Database.listen`. */
export async function listen(
  config: ClientConfig,
  channel: string,
  onPayload: (payload: string) => void,
  onReconnect: () => void,
  onLost: () => void,
): Promise<Listening> {
  const over = new AbortController()
  let ear = await openEar(config, channel, onPayload)
  onReconnect()

  const stayOpen = async () => {
    while (!over.signal.aborted) {
      await lost(ear, over.signal)
      onLost()
      const next = over.signal.aborted ? undefined : await reopen(config, channel, onPayload, over.signal)
      if (!next) return
      ear = next
      onReconnect()
    }
  }
  const ended = stayOpen()
  return {
    async close() {
      over.abort()
      await ear.end()
      await ended
    },
  }
}

async function openEar(config: ClientConfig, channel: string, onPayload: (payload: string) => void): Promise<Client> {
  const ear = new Client(config)
  ear.on('error', forget)
  ear.on('notification', ({ payload }) => onPayload(payload ?? ''))
  try {
    await ear.connect()
    await ear.query(`listen ${escapeIdentifier(channel)}`)
    return ear
  } catch (error) {
    await ear.end().catch(forget)
    throw error
  }
}

const firstPauseMs = 50
const longestPauseMs = 1_000

async function reopen(
  config: ClientConfig,
  channel: string,
  onPayload: (payload: string) => void,
  over: AbortSignal,
): Promise<Client | undefined> {
  for (let pauseMs = firstPauseMs; !over.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const ear = await openEar(config, channel, onPayload).catch(() => undefined)
    if (ear && over.aborted) await ear.end()
    else if (ear) return ear
    else await pause(pauseMs, undefined, { signal: over }).catch(forget)
  }
  return undefined
}

const pingEveryMs = 2_000

/** Waits until the connection has ended, or no longer answers: a network that swallows everything reports no end. */
async function lost(ear: Client, over: AbortSignal): Promise<void> {
  const gone = new AbortController()
  const either = AbortSignal.any([gone.signal, over])
  ear.once('end', () => gone.abort())
  while (!either.aborted) {
    await pause(pingEveryMs, undefined, { signal: either, ref: false }).catch(forget)
    if (either.aborted) return
    const ping = { text: 'select 1', query_timeout: pingEveryMs }
    await ear.query(ping).catch(() => ear.end())
  }
}

/** An emitted error without a listener ends the process; whoever uses the connection is told by its own query. */
export function forget(): void {}
