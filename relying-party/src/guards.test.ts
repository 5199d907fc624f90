import { expect, test } from 'vitest'
import type { Asked } from './asked.ts'
import { guard, judgedAsAny, mayDo, type Need, neverUnderAssistance } from './guards.ts'
import { isAct, isPart } from './surface.ts'

test('the acts that are refused always are those that the user was promised', () => {
  expect([...neverUnderAssistance].sort()).toEqual(
    [
      'api_keys',
      'connected_apps',
      'deletion',
      'document',
      'email',
      'export',
      'invitations',
      'new_devices',
      'own_sign_in',
      'password',
      'payment_method',
      'phone',
      'second_factor',
      'sharing',
      'successor',
      'webhooks',
    ].sort(),
  )
})

test.each(neverUnderAssistance)('%s is refused with every power', (act) => {
  for (const powers of ['look', 'act'] as const)
    expect(mayDo({ powers }, act)).toMatchObject({ ok: false, refusal: { code: 'power.not_granted', act } })
})

test.each(neverUnderAssistance)('%s granted by itself is allowed alone, and never the user’s own sign-in', (act) => {
  for (const powers of ['look', 'act'] as const) {
    expect(mayDo({ powers, granted: [act] }, act).ok).toBe(act !== 'own_sign_in')
    for (const other of neverUnderAssistance.filter((one) => one !== act))
      expect(mayDo({ powers, granted: [act] }, other).ok).toBe(false)
  }
  expect(mayDo({ powers: 'look', granted: [act] }, 'act').ok).toBe(false)
})

test.each([
  ['look', 'look', true],
  ['act', 'look', true],
  ['look', 'act', false],
  ['act', 'act', true],
] as const)('with the power %s, what needs %s is allowed: %s', (powers, need, allowed) => {
  expect(mayDo({ powers }, need).ok).toBe(allowed)
})

test('looking refuses a change with its name and a sentence in both languages', () => {
  const refusal = { code: 'power.not_granted', act: 'change', en: expect.any(String), es: expect.any(String) }
  expect(mayDo({ powers: 'look' }, 'act')).toEqual({ ok: false, refusal })
})

const judge = guard({
  'GET /': 'look',
  'POST /note': { needs: 'act', what: { en: 'changed the note', es: 'cambió la nota' } },
  'POST /orders/:id': 'act',
  'POST /orders/delete': 'deletion',
  'GET /invoices/:id/pdf': 'document',
  'DELETE /account': 'deletion',
})
const verdict = (address: string, powers: 'look' | 'act' = 'act') => {
  const [method = '', path = ''] = address.split(' ')
  const { permission } = judge({ method, path }, { powers })
  return permission.ok ? 'allowed' : permission.refusal.act
}

test.each([
  ['GET /', 'allowed'],
  ['GET /anything', 'allowed'],
  ['HEAD /anything', 'allowed'],
  ['POST /note', 'allowed'],
  ['POST /NOTE/', 'allowed'],
  ['POST /orders/7', 'allowed'],
  ['POST /note/7', 'undeclared'],
  ['PUT /note', 'undeclared'],
  ['POST /', 'undeclared'],
  ['DELETE /anything', 'undeclared'],
  ['QUERY /anything', 'undeclared'],
  ['post /note', 'undeclared'],
  ['DELETE /account', 'deletion'],
  ['DELETE //account', 'deletion'],
  ['GET /invoices/7/pdf', 'document'],
  ['HEAD /invoices/7/pdf', 'document'],
  ['GET /Invoices/7/PDF/?x=1', 'document'],
  ['GET /invoices/7/%70df', 'document'],
  ['GET /invoices/a%2Fb/pdf', 'document'],
  ['GET /invoices%2F7%2Fpdf', 'document'],
  ['GET /invoices/%E0%A4%A/pdf', 'document'],
  ['GET /invoices/7/pdf;x=1', 'document'],
  ['GET /invoices/7/pdf;/and/more', 'document'],
  ['GET /invoices;v=1/7/pdf', 'document'],
  ['GET /invoices/7/%70df%3Bx', 'document'],
  ['GET /a/../invoices/7/./pdf', 'document'],
  ['GET /a/%2e%2e/invoices/7/pdf', 'document'],
  ['POST /orders/delete;x', 'deletion'],
  ['POST /orders/7/../delete', 'undeclared'],
  ['POST /note;x', 'undeclared'],
  ['POST /a/../note', 'undeclared'],
])('what is not declared is refused, however it is written: %s is %s', (address, expected) => {
  expect(verdict(address)).toBe(expected)
})

test('where several rows fit, the strictest counts', () => {
  expect(verdict('POST /orders/delete')).toBe('deletion')
  expect(verdict('POST /orders/7', 'look')).toBe('change')
})

test('what was done has the words of its row', () => {
  const words = (path: string) => judge({ method: 'POST', path }, { powers: 'act' }).what.es
  expect([words('/note'), words('/orders/7')]).toEqual(['cambió la nota', 'cambió algo'])
})

test('a request that names another method than its own, for a framework behind us, is granted as each of them or not at all', () => {
  const judged = guard({ 'POST /profile': 'act', 'DELETE /profile': 'deletion', 'GET /profile': 'look' })
  const asked = (method: string, url: string, headers: Readonly<Record<string, string>> = {}): Asked => ({
    method,
    url,
    header: (name) => headers[name],
    form: async () => new URLSearchParams(),
  })
  const codeOf = (one: Asked) => {
    const { permission } = judgedAsAny(judged, one, { powers: 'act' })
    return permission.ok ? 'granted' : permission.refusal.act
  }
  expect(codeOf(asked('POST', '/profile'))).toBe('granted')
  for (const header of ['x-http-method-override', 'x-http-method', 'x-method-override'])
    for (const value of ['DELETE', 'delete', ' Delete ', 'POST, DELETE'])
      expect([header, value, codeOf(asked('POST', '/profile', { [header]: value }))]).toEqual([
        header,
        value,
        'deletion',
      ])
  for (const query of ['_method=DELETE', 'a=b&_method=delete', '_method=POST&_method=DELETE'])
    expect([query, codeOf(asked('POST', `/profile?${query}`))]).toEqual([query, 'deletion'])
  expect(codeOf(asked('GET', '/profile?_method=PUT'))).toBe('undeclared')
  expect(codeOf(asked('POST', '/profile', { 'x-http-method-override': 'POST' }))).toBe('granted')
  const said = (one: Asked) => judgedAsAny(judged, one, { powers: 'act' }).what.en
  expect([said(asked('GET', '/profile')), said(asked('POST', '/profile'))]).toEqual([
    'opened a page',
    'changed something',
  ])
  // Whatever a framework makes of it, the record never has less than what was done.
  expect(said(asked('GET', '/profile?_method=POST'))).toBe('changed something')
  expect(said(asked('POST', '/profile?_method=GET'))).toBe('changed something')
})

test('an act is opening a page and every change, whatever it calls itself; not the pictures of a page', () => {
  const asked = (method: string, url: string, dest?: string): Asked => ({
    method,
    url,
    header: (name) => (name === 'sec-fetch-dest' ? dest : undefined),
    form: async () => new URLSearchParams(),
  })
  const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE']
  const are = (url: string, dest: string | undefined, type: string | null, need: Need = 'look') =>
    methods.filter((method) => isAct(asked(method, url, dest), need, isPart(type)))
  const [page, picture] = ['text/html; charset=utf-8', 'image/png']
  expect(are('/profile', 'document', page)).toEqual(['GET', 'POST', 'DELETE'])
  expect(are('/profile', undefined, picture)).toEqual(['GET', 'POST', 'DELETE'])
  expect(are('/logo.png', 'image', picture)).toEqual(['POST', 'DELETE'])
  expect(are('/profile?_method=POST', 'image', picture)).toEqual(methods)
  for (const claimed of ['image', 'style', 'script', 'font', 'manifest', 'audio', 'video'])
    for (const type of [
      page,
      ' TEXT/HTML',
      'application/json',
      'application/pdf',
      'text/plain',
      'x-image/png',
      '',
      null,
    ])
      expect([claimed, type, are('/profile', claimed, type)]).toEqual([claimed, type, ['GET', 'POST', 'DELETE']])
  // A document that was granted by itself is one, also as a picture.
  expect(are('/scan.png', 'image', picture, 'document')).toEqual(['GET', 'POST', 'DELETE'])
})

test('the parts of a page are known by what their answer says that they are', () => {
  const types = ['image/svg+xml', 'text/css; charset=utf-8', 'text/javascript', 'application/javascript', 'font/woff2']
  for (const type of [
    ...types,
    'Image/PNG',
    'video/mp4',
    'audio/mpeg',
    'application/manifest+json',
    'application/font-woff',
  ])
    expect([type, isPart(type)]).toEqual([type, true])
})
