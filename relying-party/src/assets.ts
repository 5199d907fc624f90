/** The two files that a surface serves for the banner, at the addresses of its `BannerPlaces`. */
import { readFileSync } from 'node:fs'

const read = (file: string): string => readFileSync(new URL(`./banner/${file}`, import.meta.url), 'utf8')

export function bannerAssets(): { readonly script: string; readonly style: string } {
  return { script: read('banner.js'), style: read('banner.css') }
}
