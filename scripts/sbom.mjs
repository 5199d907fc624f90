/**
 * `npm run sbom -- [file]`: the bill of materials of what runs, as CycloneDX, made by npm itself from the lock file. It is
 * made at each release and goes with it. A package without its digest or its licence is told, and nothing is written.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, root } from './ground.mjs'

ensureDependencies()
const { version, workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const file = process.argv[2] ?? join(root, `amparo-${version}.cdx.json`)
const { status, stdout, stderr } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
if (status !== 0) {
  console.error(stderr)
  process.exit(2)
}
const bill = JSON.parse(stdout)
// npm's own `--omit dev` leaves out what runs, where some workspace has it for development too: the lock file knows better.
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const runs = new Set(
  Object.entries(packages)
    .filter(([, one]) => one.dev !== true)
    .map(
      ([path, { version: which }]) =>
        `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${which}`,
    ),
)
const stays = ({ name, version: which }) => runs.has(`${name}@${which}`)
bill.components = bill.components.filter((one) => workspaces.includes(one.name) || stays(one))
const refs = new Set([bill.metadata.component['bom-ref'], ...bill.components.map((one) => one['bom-ref'])])
bill.dependencies = bill.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }))
bill.metadata.component.name = 'amparo'
const ours = ({ name }) => workspaces.includes(name)
/** Packages of which only a file of theirs says under what they are: read in exactly these versions. */
const licencesRead = { 'png-js@2.0.0': 'MIT', 'dejavu-fonts-ttf@2.37.3': 'Bitstream-Vera' }
for (const one of bill.components) {
  const id = licencesRead[`${one.name}@${one.version}`]
  if (id && !(one.licenses?.length > 0)) one.licenses = [{ license: { id } }]
}
const bare = bill.components.filter(
  (one) => !ours(one) && (one.hashes?.length !== 1 || !one.purl || !(one.licenses?.length > 0)),
)
if (bare.length > 0) {
  console.error(`Without digest, address or licence: ${bare.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}
writeFileSync(file, `${JSON.stringify(bill, null, 1)}\n`)
console.log(`${bill.components.length} packages: ${file}`)
