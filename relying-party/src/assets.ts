/** The two files that a surface serves for the banner, at the addresses of its `BannerPlaces`. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Not `new URL(…, import.meta.url)`: bundlers take that for a file of theirs.
const folder = join(dirname(fileURLToPath(import.meta.url)), 'banner')
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')

export function bannerAssets(): { readonly script: string; readonly style: string } {
  return { script: read('banner.js'), style: read('banner.css') }
}
