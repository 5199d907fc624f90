/** What a benchmark of the hand-over asks of whoever takes part. */
export interface Contender {
  readonly name: string
  /** The process that serves. */
  readonly pid: number
  /** From nothing to being inside as the user, both codes proven. Throws where any answer is not what it has to be. */
  handOver(pair: number, thinkMs?: () => number): Promise<HandOver>
  /** Ends what the hand-overs opened and waits until nothing is left to do. Not measured. */
  settle(): Promise<void>
  stop(): Promise<void>
}
export interface HandOver {
  readonly requests: number
  readonly steps: readonly Step[]
}
/** One call and how long its answer took. */
export interface Step {
  readonly name: string
  readonly ms: number
}
