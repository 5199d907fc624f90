/** What is done under it: refused where it must be, with a reason for programs, and told where it was done. */
import { alwaysRefused, alwaysRefusedActs } from '@amparo/contract/powers'
import { type Address, allOf, fails, has, type Kit, type Point, passes, unchecked, type Verdict } from './point.ts'
import type { Answer, Visitor } from './visitor.ts'

/** Refused to a program, with the reason, and to a person who presses the button of a page. */
async function refusedWith(kit: Kit, visitor: Visitor, address: Address, act: string): Promise<Verdict> {
  const where = `${address.method} ${address.path}`
  const answers = [await asProgram(kit, visitor, address), await kit.ask(visitor, address, { origin: kit.origin })]
  const open = answers.find(({ status }) => status !== 403)
  if (open)
    return fails(`${where} was answered with ${open.status}, not 403`, `a ${where} se respondió ${open.status}, no 403`)
  if (answers.slice(0, 1).some((answer) => notGranted(answer, act))) return passes
  return fails(
    `${where} was refused without the reason for programs: code "power.not_granted", act "${act}"`,
    `${where} se rechazó sin el motivo para programas: code «power.not_granted», act «${act}»`,
  )
}

const asProgram = (kit: Kit, visitor: Visitor, address: Address): Promise<Answer> =>
  kit.ask(visitor, address, { accept: 'application/json', origin: kit.origin })

function notGranted(answer: Answer, act: string): boolean {
  const told = fieldsOf(answer)
  return told.code === 'power.not_granted' && told.act === act
}

function fieldsOf({ text }: Answer): { readonly code?: unknown; readonly act?: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

const never: Point = {
  id: 'acts.never',
  holds: { en: 'what is refused always is refused', es: 'lo que se rechaza siempre, se rechaza' },
  look: {
    en: '"What is refused always" in the guide, and the option acts',
    es: '«What is refused always» en la guía, y la opción acts',
  },
  async check(kit) {
    const { refused, othersRefused } = kit.plan
    const { visitor } = await kit.helped({ powers: 'act' })
    const named = alwaysRefusedActs.flatMap((act) => {
      const address = refused[act]
      return address ? [{ act, address }] : []
    })
    const verdict = await allOf(named, ({ act, address }) => refusedWith(kit, visitor, address, act))
    const open = alwaysRefusedActs.filter((act) => refused[act] === undefined && othersRefused !== false)
    if (verdict.result !== 'pass') return verdict
    if (open.length > 0)
      return unchecked(
        `nobody told where to ${open.map((act) => alwaysRefused[act].en).join(', ')}: "refused" in --with (${open.join(', ')})`,
        `nadie dijo dónde ${open.map((act) => alwaysRefused[act].es).join(', ')}: «refused» en --with (${open.join(', ')})`,
      )
    return named.length > 0 ? passes : has('the product has none of these', 'el producto no tiene nada de eso')
  },
}

const look: Point = {
  id: 'acts.look',
  holds: { en: 'looking changes nothing', es: 'mirar no cambia nada' },
  look: {
    en: 'powers of the introspection, and the option acts: a change that it does not name is refused',
    es: 'powers de la consulta, y la opción acts: un cambio que no está ahí se rechaza',
  },
  async check(kit) {
    const { change } = kit.plan
    if (change === undefined) return untoldChange
    if (change === false) return noChanges
    const { visitor } = await kit.helped({ powers: 'look' })
    const refused = await refusedWith(kit, visitor, change, 'change')
    return refused.result === 'pass' ? openedBy(kit, change) : refused
  },
}

/** From another site's page: nothing is done by it, and what is refused is refused for that, not for want of the power. */
const crossing = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' } as const

/** Where a change is refused to everybody, nothing is known of who may only look. Asked so that nothing is changed. */
async function openedBy(kit: Kit, change: Address): Promise<Verdict> {
  if (kit.client.clientAuth === 'none') return passes
  const { visitor } = await kit.helped({ powers: 'act' })
  return notGranted(await kit.ask(visitor, change, { accept: 'application/json', ...crossing }), 'change')
    ? fails('it was refused to who may change things as well', 'también se rechazó a quien puede cambiar cosas')
    : passes
}
const untoldChange = unchecked(
  'nobody told what an everyday change is: "change" in --with, or false',
  'nadie dijo cuál es un cambio cotidiano: «change» en --with, o false',
)
const noChanges = has('nothing can be changed in the product', 'en el producto no se puede cambiar nada')

const crossSite: Point = {
  id: 'acts.cross_site',
  holds: {
    en: "a change from another site's page is refused",
    es: 'un cambio desde la página de otro sitio se rechaza',
  },
  look: {
    en: 'compare Origin with your own, or ask for the csrf of this session in each form',
    es: 'compara Origin con el tuyo, o pide en cada formulario el csrf de esta sesión',
  },
  async check(kit) {
    const { change } = kit.plan
    if (change === undefined) return untoldChange
    if (change === false) return noChanges
    const { visitor } = await kit.helped({ powers: 'act' })
    return allOf([crossing.origin, `${kit.origin}.evil.test`, 'null'], async (origin) => {
      const { status } = await kit.ask(visitor, change, { ...crossing, origin })
      // Where nothing is there, nothing was refused.
      return status >= 400 && status !== 404 && status !== 405
        ? passes
        : fails(`with Origin ${origin} it was answered with ${status}`, `con Origin ${origin} se respondió ${status}`)
    })
  },
}

const told: Point = {
  id: 'acts.told',
  holds: { en: 'what was done is told to Amparo', es: 'lo que se hizo se cuenta a Amparo' },
  look: { en: '"What was done" in the guide: POST /activity', es: '«What was done» en la guía: POST /activity' },
  async check(kit) {
    const { launch, visitor } = await kit.helped()
    await kit.page(visitor)
    if (await kit.soon(() => launch.reported > 0)) return passes
    return launch.unreadable === undefined
      ? fails('no report came for the page that was opened', 'no llegó aviso de la página abierta')
      : fails(`the report could not be read: ${launch.unreadable}`, `el aviso no se pudo leer: ${launch.unreadable}`)
  },
}

export const acts: readonly Point[] = [never, look, crossSite, told]
