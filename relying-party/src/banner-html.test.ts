import { expect, test } from 'vitest'
import { bannerHtml, bannerPlaces, clock, coverHtml, dressed } from './banner-html.ts'
import type { Assisted } from './check.ts'
import { endedHeaders } from './headers.ts'

const places = bannerPlaces('http://localhost:4000')
const session: Assisted = {
  user: { id: 'per_marta', name: 'Marta <i>Ruiz' },
  agent: { id: 'ag_ana', name: `Ana "O'Neill" & co` },
  assistanceId: 'as_1',
  ecosystem: { id: 'cli_sol', name: 'Clínica Sol' },
  reason: '</template><script>alert(1)</script>',
  powers: 'look',
  granted: [],
  sid: 'sid-1',
  acr: undefined,
  boundTo: undefined,
  locale: 'es',
  secondsLeft: 680,
}

test('the banner names both people, why, how far and how long, and can end without JavaScript', () => {
  const html = bannerHtml({ ...session, reason: 'No veo mis facturas' }, 'es', 'c-1', { places, company: 'Acme' })
  for (const part of ['soporte de Acme', 'está en la cuenta de', 'No veo mis facturas', 'solo lectura', '11:20'])
    expect(html).toContain(part)
  expect(html).toContain('role="region" aria-label="Sesión asistida"')
  expect(html).toMatch(
    /<form[^>]+method="post" action="\/assisted\/end">\s*<input type="hidden" name="csrf" value="c-1">/,
  )
})

test('no name and no reason can leave its place', () => {
  const html = bannerHtml(session, 'en', '"><x', { places, said: '<b>' })
  for (const danger of ['<script', '<i>', '<b>', '"><x']) expect(html.replaceAll('<b><bdi>', '')).not.toContain(danger)
  expect(html.match(/<\/template>/g)).toHaveLength(1)
})

test('time left stands where each language puts it', () => {
  const shown = (language: 'en' | 'es') => bannerHtml(session, language, 'c', { places }).replace(/<[^>]*>/g, '')
  expect(shown('en')).toContain('11:20 left')
  expect(shown('es')).toContain('quedan 11:20')
})

const banner = '<amparo-banner data-x="$&"></amparo-banner>'
test.each([
  ['where the page says so', '<body><a></a><amparo-banner></amparo-banner><main>', '<body><a></a>BANNER<main>'],
  [
    'first in the body',
    '<!doctype html><html><body class="a"><main>',
    '<!doctype html><html><body class="a">BANNER<main>',
  ],
  ['after the doctype of a page without body', '<!DOCTYPE html><h1>Hi', '<!DOCTYPE html>BANNER<h1>Hi'],
  ['before a page that is hardly one', 'Hi', 'BANNERHi'],
])('the banner is put %s', (_name, html, expected) => {
  expect(dressed(html, banner, places).replace(/<amparo-banner data.*?<\/script>/s, 'BANNER')).toBe(expected)
})

test('the cover says in both languages that help has ended, names nobody, and leads back', () => {
  expect(coverHtml('en', { places })).toContain('Help has ended')
  expect(coverHtml('es', { places })).toContain('La ayuda ha terminado')
  expect(coverHtml('en', { places })).toContain('href="http://localhost:4000"')
})

test('the end clears cache and storage, and never the cookies of a sibling host', () => {
  expect(endedHeaders['Clear-Site-Data']).toBe('"cache", "storage"')
})

test.each([
  [0, '0:00'],
  [9, '0:09'],
  [60, '1:00'],
  [3599, '59:59'],
  [3600, '60:00'],
])('%i seconds are shown as %s', (seconds, shown) => {
  expect(clock(seconds)).toBe(shown)
})
