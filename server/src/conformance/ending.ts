/** The ending: honoured within two seconds, by whichever way it comes, and by no other. */
import { type Launch, truth } from './launch.ts'
import { inBrowser, inView, isOver, pressableInBanner } from './looking.ts'
import { allOf, fails, has, type Kit, type Point, passes, unchecked } from './point.ts'
import type { By } from './signing.ts'
import type { Visitor } from './visitor.ts'

const end = (launch: Launch): void => {
  launch.telling = { ...launch.telling, introspection: () => 'ended' }
}
const gone = async (kit: Kit, visitor: Visitor): Promise<boolean> => !kit.shows(await kit.page(visitor))
const lasting = (kit: Kit): string => `${kit.withinMs / 1000} s`

const noStatusCheck = has(
  'the row says that the product does not introspect on each request',
  'la fila dice que el producto no consulta en cada petición',
)
const noLogout = has('the row has no backchannelLogoutUri', 'la fila no tiene backchannelLogoutUri')

const status: Point = {
  id: 'end.status',
  holds: { en: 'what introspection ends is over', es: 'lo que la consulta da por terminado, se acabó' },
  look: {
    en: 'step 5: introspect on each request; on anything but active: true show nothing',
    es: 'paso 5: consulta en cada petición; si no es active: true, no muestres nada',
  },
  async check(kit) {
    if (!kit.client.statusCheck) return noStatusCheck
    const { launch, visitor } = await kit.helped()
    await kit.page(visitor)
    end(launch)
    return (await kit.soon(() => gone(kit, visitor)))
      ? passes
      : fails(
          `${lasting(kit)} after the end the page was still shown`,
          `${lasting(kit)} después del final aún se veía la página`,
          'statusCheck',
        )
  },
}

const unconfirmed: Point = {
  id: 'end.unconfirmed',
  holds: { en: 'what nobody confirms is not shown', es: 'lo que nadie confirma no se muestra' },
  look: {
    en: 'step 5: no answer, or one of another user, client or issuer, is no yes',
    es: 'paso 5: sin respuesta, o con la de otro usuario, cliente o emisor, no es un sí',
  },
  async check(kit) {
    if (!kit.client.statusCheck) return noStatusCheck
    const answers = [
      ['no answer', 'sin respuesta', () => 'silent'],
      ['an answer of another user', 'una respuesta de otro usuario', (claims) => ({ ...claims, sub: 'somebody-else' })],
      [
        'an answer of another client',
        'una respuesta de otro cliente',
        (claims) => ({ ...claims, client_id: 'another' }),
      ],
      ['an empty answer', 'una respuesta vacía', () => ({})],
    ] as const satisfies readonly (readonly [string, string, Launch['telling']['introspection']])[]
    return allOf(answers, async ([en, es, introspection]) => {
      const { launch, visitor } = await kit.helped()
      launch.telling = { ...launch.telling, introspection }
      return (await kit.soon(() => gone(kit, visitor)))
        ? passes
        : fails(`with ${en} the page was still shown`, `${es} aún se veía la página`)
    })
  },
}

// ── Logout tokens ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What came, and after how long; status 0 where nobody answered. */
async function told(kit: Kit, token: string): Promise<{ readonly status: number; readonly ms: number }> {
  const began = performance.now()
  const uri = kit.client.backchannelLogoutUri ?? ''
  const { status: came } = await kit
    .visitor()
    .form(uri, 'POST', { logout_token: token }, { accept: '*/*' })
    .catch(() => ({ status: 0 }))
  return { status: came, ms: performance.now() - began }
}

const logout: Point = {
  id: 'end.logout',
  holds: {
    en: 'a logout token ends its session, and that one',
    es: 'un aviso de cierre termina su sesión, y solo esa',
  },
  look: {
    en: '"The ending" in the guide: verify the token, end the session of its sid, answer 200 or 204',
    es: '«The ending» en la guía: comprueba el aviso, termina la sesión de su sid, responde 200 o 204',
  },
  async check(kit) {
    if (kit.client.backchannelLogoutUri === undefined) return noLogout
    const [one, other] = [await kit.helped(), await kit.helped()]
    const { status: came, ms } = await told(kit, await kit.issuer.logoutToken(one.launch))
    if (came !== 200 && came !== 204)
      return fails(
        `${kit.client.backchannelLogoutUri} answered ${came || 'nothing'}`,
        `${kit.client.backchannelLogoutUri} respondió ${came || 'nada'}`,
        'backchannelLogoutUri',
      )
    if (ms > kit.withinMs)
      return fails(`it took ${Math.round(ms)} ms to acknowledge`, `tardó ${Math.round(ms)} ms en confirmar`)
    if (!(await kit.soon(() => gone(kit, one.visitor))))
      return fails('it was acknowledged, and the page was still shown', 'se confirmó, y aún se veía la página')
    return (await kit.stays(other.visitor))
      ? passes
      : fails('another session of the same user ended with it', 'con ella terminó otra sesión del mismo usuario')
  },
}

const forged: Point = {
  id: 'end.forged',
  holds: { en: 'a forged logout token ends nothing', es: 'un aviso de cierre falso no termina nada' },
  look: {
    en: '"The ending" in the guide: signature by a key of /jwks, iss, aud, events, no nonce',
    es: '«The ending» en la guía: firma con una clave de /jwks, iss, aud, events, sin nonce',
  },
  async check(kit) {
    if (kit.client.backchannelLogoutUri === undefined) return noLogout
    const { launch, visitor } = await kit.helped()
    const token = (wrong: object, by?: By) => kit.issuer.logoutToken(launch, (claims) => ({ ...claims, ...wrong }), by)
    const forgeries = [
      ['signed with another key', 'firmado con otra clave', await token({}, 'another key')],
      ['without a signature', 'sin firma', await token({}, 'none')],
      [
        'signed with the public key as a secret',
        'firmado con la clave pública',
        await token({}, 'our public key as a secret'),
      ],
      ['for another client', 'para otro cliente', await token({ aud: 'another-client' })],
      ['of another issuer', 'de otro emisor', await token({ iss: kit.foreign.origin })],
      ['without its event', 'sin su evento', await token({ events: {} })],
      ['with a nonce, so an ID token', 'con nonce, o sea de identidad', await token({ nonce: 'n' })],
    ] as const
    return allOf(forgeries, async ([en, es, forgery]) => {
      await told(kit, forgery)
      return (await kit.stays(visitor)) ? passes : fails(`a logout token ${en} was believed`, `se creyó un aviso ${es}`)
    })
  },
}

const early: Point = {
  id: 'end.early',
  holds: { en: 'a logout that comes before the session wins', es: 'un cierre que llega antes que la sesión gana' },
  look: {
    en: '"The ending" in the guide: remember a sid that ended, for a minute',
    es: '«The ending» en la guía: recuerda un minuto el sid que terminó',
  },
  async check(kit) {
    if (kit.client.backchannelLogoutUri === undefined) return noLogout
    let once: Promise<unknown> | undefined
    const beforeAnswer = (launch: Launch): Promise<unknown> => {
      once ??= kit.issuer.logoutToken(launch).then((token) => told(kit, token))
      return once
    }
    await kit.helped()
    const { visitor } = await kit.launch({ beforeAnswer })
    if (once === undefined) return fails('the product never introspected the token', 'el producto no consultó la llave')
    return (await gone(kit, visitor))
      ? passes
      : fails('the session was opened after its own end', 'la sesión se abrió después de su propio final')
  },
}

const streams: Point = {
  id: 'end.streams',
  holds: { en: 'open streams are closed', es: 'lo que estaba en curso se cierra' },
  look: {
    en: '"The ending" in the guide: close WebSockets and streams of the session that ended',
    es: '«The ending» en la guía: cierra los WebSocket y flujos de la sesión que terminó',
  },
  async check(kit) {
    const { stream } = kit.plan
    if (stream === undefined)
      return unchecked(
        'nobody told of a stream or WebSocket: "stream" in --with, or false',
        'nadie habló de un flujo o WebSocket: «stream» en --with, o false',
      )
    if (stream === false) return has('the product has none', 'el producto no tiene')
    const [{ launch, visitor }, other] = [await kit.helped(), await kit.helped()]
    const [held, lasts] = [await visitor.hold(streamUrl(kit, stream)), await other.visitor.hold(streamUrl(kit, stream))]
    if (!held || !lasts)
      return fails(`${stream} could not be opened under assistance`, `${stream} no se pudo abrir con la ayuda`)
    end(launch)
    if (kit.client.backchannelLogoutUri !== undefined) await told(kit, await kit.issuer.logoutToken(launch))
    const closed = await kit.soon(() => !held.open())
    const lasted = lasts.open()
    for (const one of [held, lasts]) one.close()
    if (closed && !lasted)
      return fails(`${stream} of another help was closed with it`, `con él se cerró ${stream} de otra ayuda`)
    return closed
      ? passes
      : fails(
          `${lasting(kit)} after the end ${stream} was still open`,
          `${lasting(kit)} después del final ${stream} seguía abierto`,
        )
  },
}

/** `ws:/live` is a WebSocket of the product's own host; `/live` a stream. */
function streamUrl({ origin }: Kit, stream: string): string {
  const [, path] = /^ws:(\/.*)$/.exec(stream) ?? []
  return path === undefined ? new URL(stream, origin).href : `${origin.replace(/^http/, 'ws')}${path}`
}

const leftovers: Point = {
  id: 'end.leftovers',
  holds: {
    en: 'the page after the end leaves nothing, and takes no cookie',
    es: 'la página del final no deja nada, ni quita cookies',
  },
  look: {
    en: '"The ending" in the guide: no-store, and Clear-Site-Data: "cache", "storage", never "cookies"',
    es: '«The ending» en la guía: no-store, y Clear-Site-Data: "cache", "storage", nunca "cookies"',
  },
  async check(kit) {
    const { launch, visitor } = await kit.helped()
    end(launch)
    if (kit.client.backchannelLogoutUri !== undefined) await told(kit, await kit.issuer.logoutToken(launch))
    await kit.soon(() => gone(kit, visitor))
    const after = await kit.page(visitor)
    const cleared = after.header('clear-site-data')
    if (/cookies|\*/.test(cleared))
      return fails(`it sends Clear-Site-Data: ${cleared}`, `envía Clear-Site-Data: ${cleared}`)
    return /\bno-store\b/.test(after.header('cache-control'))
      ? passes
      : fails('it comes without Cache-Control: no-store', 'viene sin Cache-Control: no-store')
  },
}

const labels = ['End now', 'Terminar ahora']
const now: Point = {
  id: 'end.now',
  holds: { en: "the banner's End now ends the whole help", es: '«Terminar ahora», en la banda, termina toda la ayuda' },
  look: {
    en: 'the button in the banner: end this session at once, and POST /end with its token; /revoke ends this product alone',
    es: 'el botón de la banda: termina esta sesión al momento y POST /end con su llave; /revoke termina solo este producto',
  },
  check: (kit) =>
    inBrowser(kit, async (browser) => {
      const launch = kit.issuer.launch(truth(kit.plan.user))
      const tab = await kit.open(browser, launch)
      if (!(await kit.ready(() => inView(tab, kit.plan.sees, kit.cast.agent.name))))
        return unchecked('there was no page with a banner', 'no había página con banda')
      const names = kit.plan.end === undefined ? labels : [kit.plan.end]
      const place = await tab.tell<{ x: number; y: number } | null>(pressableInBanner(kit.cast.agent.name, names))
      const asked = names.map((name) => `"${name}"`).join(' / ')
      if (place === null)
        return fails(
          `no button ${asked} is in view in the banner; if yours says something else: "end" in --with`,
          `en la banda no se ve ningún botón ${asked}; si el tuyo dice otra cosa: «end» en --with`,
        )
      await tab.press(place)
      if (!(await kit.soon(() => launch.over !== undefined)))
        return fails('it was pressed, and Amparo heard of no end', 'se pulsó, y Amparo no supo de ningún final')
      return launch.over === 'end'
        ? isOver(kit, tab)
        : fails('it ended this product alone: POST /revoke', 'terminó solo este producto: POST /revoke')
    }),
}

export const ending: readonly Point[] = [status, unconfirmed, logout, forged, early, streams, leftovers, now]
