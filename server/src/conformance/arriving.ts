/** The way back from the issuer: what has to be refused there, each with a launch that tells one thing that is not so. */
import { freshInEach, ours } from './entry.ts'
import { type Launch, type Telling, truth } from './launch.ts'
import { allOf, fails, type Kit, type Point, passes, type Verdict } from './point.ts'
import type { Visitor } from './visitor.ts'

/** Signed in as this user, by the text that is theirs or by the banner. */
const isIn = async (kit: Kit, visitor: Visitor): Promise<boolean> => {
  const page = await kit.page(visitor)
  return kit.shows(page) || page.text.includes(kit.cast.agent.name)
}

/** A launch that tells this has to open nothing. */
async function opensNothing(kit: Kit, telling: Partial<Telling>, en: string, es: string): Promise<Verdict> {
  const { visitor, launch } = await kit.launch(telling)
  const opened = await isIn(kit, visitor)
  // The issuer would say no by now; only what was opened in spite of the answer counts here.
  launch.telling = { ...launch.telling, introspection: (claims) => claims }
  if (opened || (await isIn(kit, visitor))) return fails(en, es)
  await kit.helped()
  return passes
}

const state: Point = {
  id: 'entry.state',
  holds: { en: 'a wrong or absent state opens nothing', es: 'un state ausente o ajeno no abre nada' },
  look: {
    en: 'steps 2 and 3: state from a good random source, kept in this browser, compared at the callback',
    es: 'pasos 2 y 3: state de una buena fuente aleatoria, guardado en este navegador, comparado a la vuelta',
  },
  async check(kit) {
    const fresh = await freshInEach(kit, 'state')
    if (fresh.result !== 'pass') return fresh
    const absent = await opensNothing(
      kit,
      { callback: ({ state: _state, ...rest }) => rest },
      'an answer without state was taken',
      'se aceptó una respuesta sin state',
    )
    if (absent.result !== 'pass') return absent
    const other = ({ state: sent = '', ...rest }: Readonly<Record<string, string>>) => ({
      ...rest,
      state: `${sent.slice(0, -4)}AAAA`,
    })
    return opensNothing(kit, { callback: other }, 'an answer with another state was taken', 'se aceptó otro state')
  },
}

const anotherBrowser: Point = {
  id: 'entry.browser',
  holds: {
    en: 'a code injected in another browser opens nothing',
    es: 'un código inyectado en otro navegador no abre nada',
  },
  look: {
    en: 'step 3: what the callback is compared with lies in a cookie of the browser that began, not at the server alone',
    es: 'paso 3: lo que se compara a la vuelta está en una cookie del navegador que empezó, no solo en el servidor',
  },
  async check(kit) {
    await kit.helped()
    const bare = kit.visitor()
    const busy = kit.visitor()
    await kit.begin(busy, kit.issuer.launch(truth(kit.plan.user)))
    return allOf([bare, busy], async (victim) => {
      const callback = await callbackOf(kit, kit.issuer.launch(truth(kit.plan.user)))
      await victim.follow(callback, ours(kit))
      return (await isIn(kit, victim))
        ? fails('the callback of one browser signed in another', 'la vuelta de un navegador abrió en otro')
        : passes
    })
  },
}

/** The address that the issuer sends the first browser to, which never goes there. */
async function callbackOf(kit: Kit, launch: Launch): Promise<string> {
  const first = kit.visitor()
  const begun = await kit.begin(first, launch)
  const answers = await first.follow(begun.location ?? kit.origin, [kit.issuer.origin])
  return answers.at(-1)?.location ?? kit.origin
}

const nonce: Point = {
  id: 'entry.nonce',
  holds: { en: 'a wrong or absent nonce opens nothing', es: 'un nonce ausente o ajeno no abre nada' },
  look: {
    en: 'steps 2 and 3: nonce fresh for each launch, compared with the ID token',
    es: 'pasos 2 y 3: nonce nuevo en cada acceso, comparado con el token de identidad',
  },
  async check(kit) {
    const fresh = await freshInEach(kit, 'nonce')
    if (fresh.result !== 'pass') return fresh
    const absent = await opensNothing(
      kit,
      { idToken: ({ nonce: _nonce, ...rest }) => rest },
      'an ID token without nonce was taken',
      'se aceptó un token de identidad sin nonce',
    )
    if (absent.result !== 'pass') return absent
    return opensNothing(
      kit,
      { idToken: (claims) => ({ ...claims, nonce: 'of-another-launch' }) },
      'an ID token with the nonce of another launch was taken',
      'se aceptó el nonce de otro acceso',
    )
  },
}

const answerOfIssuer: Point = {
  id: 'entry.answer',
  holds: { en: 'an answer of another issuer opens nothing', es: 'una respuesta de otro emisor no abre nada' },
  look: {
    en: 'step 3: require iss in the answer, and compare it with your issuer (RFC 9207)',
    es: 'paso 3: exige iss en la respuesta y compáralo con tu emisor (RFC 9207)',
  },
  async check(kit) {
    const absent = await opensNothing(
      kit,
      { callback: ({ iss: _iss, ...rest }) => rest },
      'an answer without iss was taken',
      'se aceptó una respuesta sin iss',
    )
    if (absent.result !== 'pass') return absent
    const other = (fields: Readonly<Record<string, string>>) => ({ ...fields, iss: kit.foreign.origin })
    return opensNothing(kit, { callback: other }, 'an answer with a foreign iss was taken', 'se aceptó un iss ajeno')
  },
}

const idToken: Point = {
  id: 'entry.token',
  holds: { en: 'an ID token for somebody else opens nothing', es: 'un token de identidad para otro no abre nada' },
  look: {
    en: 'step 3: let your library check iss, aud and exp of the ID token',
    es: 'paso 3: deja que tu biblioteca compruebe iss, aud y exp del token de identidad',
  },
  check: (kit) =>
    allOf(
      [
        ['aud', { aud: 'another-client' }],
        ['iss', { iss: kit.foreign.origin }],
        ['exp', { iat: 1_700_000_000, exp: 1_700_000_100 }],
      ] as const,
      ([what, wrong]) =>
        opensNothing(
          kit,
          { idToken: (claims) => ({ ...claims, ...wrong }) },
          `an ID token with a wrong ${what} was taken`,
          `se aceptó un token de identidad con otro ${what}`,
        ),
    ),
}

const actor: Point = {
  id: 'entry.actor',
  holds: { en: 'without an actor nothing opens', es: 'sin quien actúa no se abre nada' },
  look: {
    en: 'step 4: require act in the ID token; without it this would be an ordinary sign-in',
    es: 'paso 4: exige act en el token de identidad; sin él sería un acceso ordinario',
  },
  check: (kit) =>
    opensNothing(
      kit,
      { idToken: ({ act: _act, ...rest }) => rest },
      'an ID token without act was taken',
      'se aceptó un token de identidad sin act',
    ),
}

const confirmed: Point = {
  id: 'entry.confirmed',
  holds: { en: 'what introspection denies is not opened', es: 'lo que la consulta niega no se abre' },
  look: {
    en: 'step 4: introspect the access token before you open a session, and compare sub with the ID token',
    es: 'paso 4: consulta la llave antes de abrir la sesión, y compara sub con el token de identidad',
  },
  async check(kit) {
    const dead = await opensNothing(
      kit,
      { introspection: (claims, turn) => (turn === 1 ? 'ended' : claims) },
      'a session was opened on a token that had ended',
      'se abrió una sesión con una llave terminada',
    )
    if (dead.result !== 'pass') return dead
    return opensNothing(
      kit,
      { introspection: (claims, turn) => (turn === 1 ? { ...claims, sub: 'somebody-else' } : claims) },
      'ID token and introspection named two people, and one was opened',
      'token e introspección nombraban a dos personas, y se abrió una',
    )
  },
}

const account: Point = {
  id: 'entry.account',
  holds: { en: 'somebody without an account gets none', es: 'quien no tiene cuenta no recibe una' },
  look: {
    en: 'step 4, and the option user: never create or link anybody here',
    es: 'paso 4, y la opción user: nunca crees ni enlaces a nadie aquí',
  },
  async check(kit) {
    const { visitor, answer } = await kit.launch({ sub: `nobody-${kit.issuer.launch(truth(kit.plan.user)).hint}` })
    await kit.helped()
    const page = await kit.page(visitor)
    const inside = [answer, page].some(({ text }) => text.includes(kit.cast.agent.name))
    if (!inside && answer.status >= 400) return passes
    return fails(
      `a launch for a user who does not exist was answered with ${answer.status}`,
      `a un acceso de un usuario que no existe se respondió ${answer.status}`,
    )
  },
}

export const arriving: readonly Point[] = [
  state,
  anotherBrowser,
  nonce,
  answerOfIssuer,
  idToken,
  actor,
  confirmed,
  account,
]
