/** The records of decisions: one for every direct dependency, and each in the same short form. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '..')
const folder = join(import.meta.dirname, 'decisions')
const text = (path: string) => readFileSync(path, 'utf8')
const records = readdirSync(folder).sort()

interface Packages {
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
const packagesOf = (workspace: string): Packages => JSON.parse(text(join(project, workspace, 'package.json')))

test('every direct dependency has a line', () => {
  const wanted = ['.', ...(packagesOf('.').workspaces ?? [])].flatMap((workspace) => {
    const { dependencies, devDependencies, optionalDependencies } = packagesOf(workspace)
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([name]) => !name.startsWith('@amparo/'))
      .map(([name, version]) => `${name} ${version}`)
  })
  const record = records.find((name) => name.endsWith('-dependencies.md')) ?? ''
  const listed = [...text(join(folder, record)).matchAll(/^\| `([^`]+)` \| ([^ |]+) \| (.{10,}) \|$/gm)].map(
    (match) => `${match[1]} ${match[2]}`,
  )
  expect([...listed].sort()).toEqual([...new Set(wanted)].sort())
})

interface Locked {
  readonly version?: string
  readonly link?: true
  readonly resolved?: string
  readonly integrity?: string
  readonly dependencies?: Readonly<Record<string, string>>
}
const lock: Readonly<Record<string, Locked>> = JSON.parse(text(join(project, 'package-lock.json'))).packages

test('every package comes with its digest and from no host that the lock file names', () => {
  const packages = Object.entries(lock).filter(([path, { link }]) => path.includes('node_modules/') && !link)
  expect(packages.length).toBeGreaterThan(100)
  expect(packages.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ''))).toEqual([])
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})

/** Where a package that `from` asks for stands: beside it, or beside one of those around it. */
function placeOf(name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/')))) {
    const place = `${at}${at === '' || at.endsWith('/') ? '' : '/'}node_modules/${name}`
    if (lock[place]) return place
    if (at === '') return undefined
  }
}

test('the server runs with at most a hundred and fifty packages', () => {
  const seen = new Set<string>()
  const visit = (place: string) => {
    for (const name of Object.keys(lock[place]?.dependencies ?? {})) {
      const found = placeOf(name, place)
      if (found === undefined || seen.has(found)) continue
      seen.add(found)
      visit(lock[found]?.link ? (lock[found]?.resolved ?? '') : found)
    }
  }
  visit('server')
  expect(seen.size).toBeGreaterThan(20)
  expect(seen.size).toBeLessThanOrEqual(150)
})

test('the bill of materials has every package that runs, each with its digest, its address and its licence', () => {
  const at = mkdtempSync(join(tmpdir(), 'amparo-bill-'))
  const file = join(at, 'bill.cdx.json')
  const { status, stderr } = spawnSync(process.execPath, [join(project, 'scripts/sbom.mjs'), file], {
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  const bill = JSON.parse(text(file))
  expect([bill.bomFormat, bill.metadata.component.name]).toEqual(['CycloneDX', 'amparo'])
  const names: readonly string[] = bill.components.map((one: { name: string }) => one.name)
  for (const name of Object.keys(packagesOf('server').dependencies ?? {}).filter((one) => !one.startsWith('@amparo/')))
    expect(names).toContain(name)
  for (const name of ['vitest', 'typescript', '@biomejs/biome']) expect(names).not.toContain(name)
  rmSync(at, { recursive: true })
}, 180_000)

test('records are numbered without a gap and say what, why and what we would regret', () => {
  expect(records.map((name) => name.slice(0, 4))).toEqual(records.map((_, index) => String(index + 1).padStart(4, '0')))
  for (const name of records) {
    const record = text(join(folder, name))
    expect(record, name).toMatch(new RegExp(`^# ${name.slice(0, 4)} `))
    for (const part of ['What', 'Why', 'What we would regret']) expect(record, name).toContain(`\n**${part}.** `)
  }
})
