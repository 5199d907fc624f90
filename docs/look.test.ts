/** One table of colours: no face of ours has a colour of its own. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { banner, dark, light } from '../contract/src/look.ts'

const project = join(import.meta.dirname, '..')
const table = new Set<string>([...Object.values(light), ...Object.values(dark), ...Object.values(banner)])
/** `#fff` is `#ffffff`. */
const whole = (colour: string): string =>
  colour.length === 4 ? `#${[...colour.slice(1)].map((digit) => digit + digit).join('')}` : colour

test.each([
  'server/src/companion/companion.css',
  'server/src/messages/letter.ts',
  'relying-party/src/banner/banner.css',
  'demo/inbox/style.css',
  'backoffice/src/look/base.css',
  'backoffice/src/look/frame.css',
  'backoffice/src/look/case.css',
  'backoffice/src/look/parts.css',
  'backoffice/src/look/lists.css',
])('every colour of %s stands in the table', (file) => {
  const used = readFileSync(join(project, file), 'utf8').match(/(?<![&\w])#[0-9a-f]{3}(?:[0-9a-f]{3})?\b/gi) ?? []
  expect(used.map((colour) => whole(colour.toLowerCase())).filter((colour) => !table.has(colour))).toEqual([])
})

/** WCAG 2.2: relative luminance, and the contrast of two colours. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

test.each([
  ['light', light],
  ['dark', dark],
] as const)('in the %s theme what is written can be read on what it stands on', (_name, look) => {
  for (const ground of [look.paper, look.page]) {
    expect(contrast(look.ink, ground)).toBeGreaterThanOrEqual(7)
    for (const word of ['ink-soft', 'accent', 'agent-ink', 'user-ink', 'live', 'ended', 'refused'] as const)
      expect(contrast(look[word], ground), word).toBeGreaterThanOrEqual(4.5)
    expect(contrast(look['field-line'], ground)).toBeGreaterThanOrEqual(3)
  }
  for (const name of ['agent', 'user'] as const) {
    expect(contrast(look.ink, look[`${name}-paper`])).toBeGreaterThanOrEqual(7)
    expect(contrast(look[`${name}-ink`], look[`${name}-paper`])).toBeGreaterThanOrEqual(4.5)
  }
  for (const [ink, paper] of [
    ['accent', 'accent-paper'],
    ['live', 'live-paper'],
    ['refused', 'refused-paper'],
  ] as const)
    expect(contrast(look[ink], look[paper]), ink).toBeGreaterThanOrEqual(4.5)
  expect(contrast(banner.ink, banner.paper)).toBeGreaterThanOrEqual(7)
})
