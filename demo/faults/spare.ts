/** A server that has everything loaded and begins when a line is said to it: what a kill need not wait for. */
import { once } from 'node:events'
import { begin } from '../start.ts'

await once(process.stdin, 'data')
await begin()
