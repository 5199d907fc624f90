/** Where what was measured is read. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const results = join(import.meta.dirname, 'results')

/** Prints a page of results, and writes it to its place in `bench/results/`. */
export async function publish(name: string, page: string): Promise<void> {
  console.log(page)
  await mkdir(results, { recursive: true })
  await writeFile(join(results, `${name}.md`), `${page}\n`)
}
