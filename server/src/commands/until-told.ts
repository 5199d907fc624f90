/**
 * Runs until it is told to stop. The first SIGTERM or Ctrl+C finishes what was begun, also when it comes in the middle of
 * a start; the second does not wait.
 */
export interface Stoppable {
  stop(): Promise<void>
}

export async function untilTold(start: () => Promise<Stoppable>): Promise<void> {
  let told = false
  let running: Stoppable | undefined
  const leave = () => {
    // Leaving at once still ends the built-in database: it does so at the process's exit.
    if (told) process.exit(1)
    told = true
    if (running) void end(running)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, leave)
  running = await start()
  if (told) await end(running)
}

async function end(running: Stoppable): Promise<void> {
  await running.stop()
  process.exit(0)
}
