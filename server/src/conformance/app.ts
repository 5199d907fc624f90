/**
 * An app on a phone: a public client, which has no secret and whose token is bound to a key. First its back end, which the
 * check asks as a phone; then the app itself, where a browser can run it.
 */
import type { Chromium, Tab } from './chromium.ts'
import { type Launch, type Telling, truth } from './launch.ts'
import { inBrowser, inView, isThere } from './looking.ts'
import { allOf, fails, has, type Kit, type Point, passes, unchecked, type Verdict } from './point.ts'
import { phoneKey, placeOf } from './proof.ts'
import type { Answer } from './visitor.ts'

// ── Its back end ────────────────────────────────────────────────────────────────────────────────────────────────────

const backEnd: Point = {
  id: 'api.opens',
  holds: {
    en: "a phone's token and its key open the user's page",
    es: 'la llave de un móvil y su prueba abren la página',
  },
  look: {
    en: '"The app\'s own back end" in the guide: introspect with dpop_proof, dpop_htm and dpop_htu',
    es: "«The app's own back end» en la guía: consulta con dpop_proof, dpop_htm y dpop_htu",
  },
  async check(kit) {
    if (kit.client.secret === undefined && kit.client.keys === undefined)
      return has(
        'the row has no secret and no keys: the app has no back end',
        'la fila no tiene secreto ni llaves: la app no tiene servidor',
      )
    if (await kit.helped().catch(() => undefined)) return passes
    const { launch, answer } = await kit.launch()
    const at = `${answer.url} ${answer.status}`
    if (launch.unproven > 0)
      return fails(
        'it asked the issuer without the proof that came, or for another address than its own',
        'preguntó al emisor sin la prueba que llegó, o para otra dirección que la suya',
      )
    if (launch.introspections === 0)
      return fails(`it never asked the issuer about the token: ${at}`, `no preguntó al emisor por la llave: ${at}`)
    const { sees, user } = kit.plan
    return fails(
      `${at}, without "${sees}". Does ${user} have an account here?`,
      `${at}, sin «${sees}». ¿Tiene ${user} cuenta aquí?`,
    )
  },
}

const proof: Point = {
  id: 'api.proof',
  holds: {
    en: 'a token without a proof of its key opens nothing',
    es: 'una llave sin la prueba del móvil no abre nada',
  },
  look: {
    en: 'dpop_htm and dpop_htu are your own address of this request, never what the proof says of itself',
    es: 'dpop_htm y dpop_htu son tu propia dirección en esta petición, nunca lo que la prueba dice de sí',
  },
  async check(kit) {
    const url = new URL(kit.plan.page, kit.origin).href
    const place = placeOf(url) ?? url
    return allOf(Object.entries(wrongly), async ([what, make]) => {
      const key = await phoneKey()
      const launch = kit.issuer.launch(truth(kit.plan.user))
      launch.key = key.thumbprint
      const right = { method: 'GET', url: place, token: launch.token }
      const ask = (headers: object): Promise<Answer> => kit.visitor().get(url, { ...headers })
      const good = await key.prove(right)
      // What follows it was let in a moment ago, with a proof that fits.
      if (!kit.shows(await ask({ authorization: `DPoP ${launch.token}`, dpop: good })))
        return fails('with a right proof it opened nothing any more', 'con una prueba correcta ya no abrió nada')
      const answer = await ask(await make({ key, right, good }))
      if (!kit.shows(answer)) return passes
      const [en, es] = names[what as keyof typeof wrongly]
      return fails(`it was let in ${en}`, `se dejó pasar ${es}`)
    })
  },
}
interface Asking {
  readonly key: Awaited<ReturnType<typeof phoneKey>>
  readonly right: { readonly method: string; readonly url: string; readonly token: string }
  readonly good: string
}
const dpop = ({ right }: Asking, made: string) => ({ authorization: `DPoP ${right.token}`, dpop: made })
const wrongly = {
  none: async ({ right }: Asking) => ({ authorization: `DPoP ${right.token}` }),
  bearer: async ({ right }: Asking) => ({ authorization: `Bearer ${right.token}` }),
  key: async (asking: Asking) => dpop(asking, await (await phoneKey()).prove(asking.right)),
  address: async (asking: Asking) =>
    dpop(asking, await asking.key.prove({ ...asking.right, url: 'https://evil.test/elsewhere' })),
  method: async (asking: Asking) => dpop(asking, await asking.key.prove({ ...asking.right, method: 'POST' })),
  token: async (asking: Asking) => dpop(asking, await asking.key.prove({ ...asking.right, token: 'another' })),
  old: async (asking: Asking) => dpop(asking, await asking.key.prove(asking.right, 600)),
  again: async (asking: Asking) => dpop(asking, asking.good),
}
const names = {
  none: ['without a proof', 'sin prueba'],
  bearer: ['as a Bearer token', 'como token Bearer'],
  key: ["with another key's proof", 'con la prueba de otra llave'],
  address: ['with a proof for another address', 'con una prueba para otra dirección'],
  method: ['with a proof for another method', 'con una prueba para otro método'],
  token: ['with a proof for another token', 'con una prueba para otra llave de acceso'],
  old: ['with a proof of ten minutes ago', 'con una prueba de hace diez minutos'],
  again: ['with a proof that was used before', 'con una prueba ya usada'],
} as const satisfies Record<keyof typeof wrongly, readonly [string, string]>

export const api: readonly [Point, ...Point[]] = [backEnd, proof]

// ── The app itself ──────────────────────────────────────────────────────────────────────────────────────────────────

const fresh = (kit: Kit, telling: Partial<Telling> = {}): Launch =>
  kit.issuer.launch({ ...truth(kit.plan.user), ...telling })

/** A whole sign-in in a context of its own, until the user's text is in view. */
async function signedIn(kit: Kit, browser: Chromium): Promise<{ readonly launch: Launch; readonly tab: Tab }> {
  const launch = fresh(kit)
  const tab = await kit.open(browser, launch)
  if (!(await kit.ready(() => inView(tab, kit.plan.sees)))) throw new Error(`"${kit.plan.sees}" did not come into view`)
  return { launch, tab }
}

const opens: Point = {
  id: 'app.opens',
  holds: { en: "a scanned code leads to the user's page", es: 'un código escaneado lleva a la página del usuario' },
  look: {
    en: '"The way in" in the guide, and "press" in --with: what somebody presses who followed the code',
    es: '«The way in» en la guía, y «press» en --with: lo que pulsa quien siguió el código',
  },
  async check(kit) {
    if (kit.plan.press === undefined)
      return unchecked(
        'nobody told what starts the sign-in: "press" in --with, a CSS selector, or false where no browser runs the app',
        'nadie dijo qué empieza el acceso: «press» en --with, un selector CSS, o false si ningún navegador abre la app',
      )
    if (kit.plan.press === false) return has('no browser runs the app', 'ningún navegador abre la app')
    return inBrowser(kit, async (browser) => {
      const launch = fresh(kit)
      const tab = await kit.open(browser, launch)
      await kit.ready(async () => launch.client === 'wrong id' || (await inView(tab, kit.plan.sees)))
      return (await inView(tab, kit.plan.sees)) ? passes : whyNot(kit, launch)
    })
  },
}

function whyNot(kit: Kit, launch: Launch): Verdict {
  const { initiateLoginUri, id } = kit.client
  if (launch.client === 'wrong id')
    return fails(
      `the app shows itself with another client id than "${id}"`,
      `la app se presenta con otro cliente que «${id}»`,
      'clientId',
    )
  if (!launch.asked)
    return fails(
      `${initiateLoginUri}/…, and pressing ${kit.plan.press}, did not lead to ${kit.issuer.origin}/authorize`,
      `${initiateLoginUri}/…, y pulsar ${kit.plan.press}, no llevó a ${kit.issuer.origin}/authorize`,
      'initiateLoginUri',
    )
  if (!launch.redeemed) return fails('the code was never exchanged for a token', 'el código no se cambió por una llave')
  return fails(
    `the token came, and "${kit.plan.sees}" did not come into view`,
    `llegó la llave, y «${kit.plan.sees}» no se vio`,
  )
}

const waits: Point = {
  id: 'app.waits',
  holds: {
    en: "following a code's address starts nothing by itself",
    es: 'seguir la dirección de un código no empieza nada',
  },
  look: {
    en: 'step 1 of "The way in": somebody presses, or whoever looks at links uses the code up',
    es: 'paso 1 de «The way in»: alguien pulsa, o quien revisa enlaces gasta el código',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      const launch = fresh(kit)
      const tab = await browser.tab()
      const begun = () => launch.asked !== undefined
      await tab.open(`${kit.client.initiateLoginUri}/${launch.hint}`)
      if (!(await kit.ready(async () => begun() || (await isThere(tab, kit.origin)))))
        return unchecked('its page did not load', 'su página no cargó')
      return (await kit.soon(begun))
        ? fails('the sign-in began before anybody pressed', 'el acceso empezó antes de que nadie pulsara')
        : passes
    }),
}

const open: Point = {
  id: 'app.public',
  holds: { en: 'it has no secret, and PKCE with S256 instead', es: 'no tiene secreto, y en su lugar PKCE con S256' },
  look: {
    en: "a public client: client_id and code_verifier at /token; a secret inside an app is everybody's",
    es: 'un cliente público: client_id y code_verifier en /token; un secreto dentro de una app es de todos',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      const [{ launch: one }, { launch: two }] = [await signedIn(kit, browser), await signedIn(kit, browser)]
      if (one.secretShown || two.secretShown)
        return fails('at /token it showed a secret', 'en /token mostró un secreto')
      if (!one.hintCame) return fails('the code did not come as login_hint', 'el código no llegó como login_hint')
      const back = one.asked?.get('redirect_uri') ?? '(none)'
      if (!kit.client.redirectUris.includes(back))
        return fails(
          `it sent ${back}, the row has ${kit.client.redirectUris.join(', ')}`,
          `envió ${back}, la fila tiene ${kit.client.redirectUris.join(', ')}`,
          'redirectUris',
        )
      if (one.asked?.get('code_challenge_method') !== 'S256')
        return fails('the method is not S256', 'el método no es S256')
      if (!one.verified) return fails('/token came without its code_verifier', '/token vino sin su code_verifier')
      return allOf(['state', 'nonce', 'code_challenge'], async (name) => {
        const [first, second] = [one.asked?.get(name), two.asked?.get(name)]
        if (!first || !second) return fails(`the request came without ${name}`, `la petición vino sin ${name}`)
        return first === second
          ? fails(`two sign-ins had the same ${name}`, `dos accesos tenían el mismo ${name}`)
          : passes
      })
    }),
}

/** Every key that this page keeps: whether it could be read out, as far as a script of the page can tell. */
const readableKeys = `(async () => {
  const done = (request) => new Promise((good, bad) => { request.onsuccess = () => good(request.result); request.onerror = () => bad(request.error) })
  const flat = (value, depth = 0) => value instanceof CryptoKey ? [value] : value && typeof value === 'object' && depth < 3 ? [value, ...Object.values(value).flatMap((one) => flat(one, depth + 1))] : []
  const readable = (one) => one instanceof CryptoKey ? one.type === 'private' && one.extractable : typeof one.d === 'string' && typeof one.kty === 'string'
  const kept = []
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name))
    for (const store of database.objectStoreNames) kept.push(...await done(database.transaction(store).objectStore(store).getAll()))
    database.close()
  }
  for (const text of [...Object.values(localStorage), ...Object.values(sessionStorage)]) try { kept.push(JSON.parse(text)) } catch {}
  return kept.flatMap((one) => flat(one)).some(readable)
})()`

const key: Point = {
  id: 'app.key',
  holds: { en: "its token is bound to this phone's own key", es: 'su llave está ligada a la clave de este móvil' },
  look: {
    en: 'steps 2, 3 and 6: a key of this installation that cannot be read out, dpop_jkt, and its proof at /token',
    es: 'pasos 2, 3 y 6: una clave de esta instalación que no se puede leer, dpop_jkt, y su prueba en /token',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      const [one, two] = [await signedIn(kit, browser), await signedIn(kit, browser)]
      const named = one.launch.asked?.get('dpop_jkt')
      if (!named) return fails('the request came without dpop_jkt', 'la petición vino sin dpop_jkt')
      if (one.launch.provenAtToken !== named)
        return fails(
          '/token came without a proof of the key that was named',
          '/token vino sin la prueba de la clave nombrada',
        )
      if (two.launch.asked?.get('dpop_jkt') === named)
        return fails('two phones had the same key', 'dos móviles tenían la misma clave')
      return (await one.tab.tell<boolean>(readableKeys))
        ? fails('the key can be read out of the browser', 'la clave se puede leer desde el navegador')
        : passes
    }),
}

const other = 'of-another-launch'
const lies = (kit: Kit): readonly (readonly [string, string, Partial<Telling>])[] => [
  ['without state', 'sin state', { callback: ({ state: _state, ...rest }) => rest }],
  ['with another state', 'con otro state', { callback: (fields) => ({ ...fields, state: other }) }],
  ['without iss', 'sin iss', { callback: ({ iss: _iss, ...rest }) => rest }],
  ['with a foreign iss', 'con un iss ajeno', { callback: (fields) => ({ ...fields, iss: kit.foreign.origin }) }],
  ['without nonce', 'sin nonce', { idToken: ({ nonce: _nonce, ...rest }) => rest }],
  ['with another nonce', 'con otro nonce', { idToken: (claims) => ({ ...claims, nonce: other }) }],
  ['for another client', 'para otro cliente', { idToken: (claims) => ({ ...claims, aud: other }) }],
  ['without an actor', 'sin quien actúa', { idToken: ({ act: _act, ...rest }) => rest }],
]

const answer: Point = {
  id: 'app.answer',
  holds: { en: 'an answer that is not its own opens nothing', es: 'una respuesta que no es la suya no abre nada' },
  look: {
    en: 'steps 5 and 6: state and iss at the redirect address; nonce, aud, iss and act in the ID token',
    es: 'pasos 5 y 6: state e iss en la dirección de vuelta; nonce, aud, iss y act en el token de identidad',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      await signedIn(kit, browser)
      const told: Told[] = []
      for (const [en, es, telling] of lies(kit)) {
        const launch = fresh(kit, telling)
        told.push({ en, es, launch, tab: await kit.open(browser, launch) })
      }
      if (!(await kit.ready(() => told.every(({ launch }) => launch.asked !== undefined))))
        return unchecked('a sign-in began no more', 'un acceso ya no empezó')
      await kit.ready(async () => (await Promise.all(told.map(({ tab }) => isBack(kit, tab)))).every((back) => back))
      const taken = async (): Promise<Told | undefined> => {
        for (const one of told) if (await isTaken(kit, one)) return one
        return undefined
      }
      await kit.soon(async () => (await taken()) !== undefined)
      const one = await taken()
      return one ? fails(`an answer ${one.en} was taken`, `se aceptó una respuesta ${one.es}`) : passes
    }),
}
interface Told {
  readonly en: string
  readonly es: string
  readonly launch: Launch
  readonly tab: Tab
}
/** From the issuer, with whatever it said. */
const isBack = async (kit: Kit, tab: Tab): Promise<boolean> =>
  (await isThere(tab, kit.origin)) &&
  !(await tab.tell<string>('location.href').catch(() => '')).startsWith(`${kit.client.initiateLoginUri}/`)

/** Nobody asks about a token that was thrown away. */
const isTaken = async (kit: Kit, { launch, tab }: Told): Promise<boolean> =>
  launch.introspections > 0 || (await inView(tab, kit.plan.sees))

const storage = `(async () => {
  const done = (request) => new Promise((good, bad) => { request.onsuccess = () => good(request.result); request.onerror = () => bad(request.error) })
  const kept = [document.cookie, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), location.href]
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name))
    for (const store of database.objectStoreNames) kept.push(JSON.stringify(await done(database.transaction(store).objectStore(store).getAll())))
    database.close()
  }
  return kept.join()
})()`

const memory: Point = {
  id: 'app.memory',
  holds: { en: 'the token is in memory alone', es: 'la llave está solo en la memoria' },
  look: {
    en: 'no storage, no cookie, no address: reloading the app ends it there',
    es: 'ni almacenamiento, ni cookie, ni dirección: recargar la app la termina ahí',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      const { launch, tab } = await signedIn(kit, browser)
      if ((await tab.tell<string>(storage)).includes(launch.token))
        return fails('the token lies in the storage of the browser', 'la llave está en el almacenamiento del navegador')
      await tab.tell('setTimeout(() => location.reload(), 0)')
      await kit.ready(async () => !(await inView(tab, kit.plan.sees)))
      return (await kit.soon(() => inView(tab, kit.plan.sees)))
        ? fails('after a reload the page was still open', 'tras recargar la página seguía abierta')
        : passes
    }),
}

export const app: readonly [Point, ...Point[]] = [opens, waits, open, key, answer, memory]
