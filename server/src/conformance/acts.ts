/** What is done under it: refused where it must be, with a reason for programs, and told where it was done. */
import { alwaysRefused, alwaysRefusedActs } from '@amparo/contract/powers'
import { type Address, allOf, fails, has, type Kit, type Point, passes, unchecked, type Verdict } from './point.ts'
import type { Answer, Visitor } from './visitor.ts'

async function refusedWith(kit: Kit, visitor: Visitor, address: Address, act: string): Promise<Verdict> {
  const where = `${address.method} ${address.path}`
  const answer = await kit.ask(visitor, address, { accept: 'application/json', origin: kit.origin })
  if (answer.status !== 403)
    return fails(
      `${where} was answered with ${answer.status}, not 403`,
      `a ${where} se respondió ${answer.status}, no 403`,
    )
  const told = fieldsOf(answer)
  if (told.code === 'power.not_granted' && told.act === act) return passes
  return fails(
    `${where} was refused without the reason for programs: code "power.not_granted", act "${act}"`,
    `${where} se rechazó sin el motivo para programas: code «power.not_granted», act «${act}»`,
  )
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
    return refusedWith(kit, visitor, change, 'change')
  },
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
    const { status } = await kit.ask(visitor, change, { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })
    return status >= 400 ? passes : fails(`it was answered with ${status}`, `se respondió ${status}`)
  },
}

const told: Point = {
  id: 'acts.told',
  holds: { en: 'what was done is told to Amparo', es: 'lo que se hizo se cuenta a Amparo' },
  look: { en: '"What was done" in the guide: POST /activity', es: '«What was done» en la guía: POST /activity' },
  async check(kit) {
    const { launch, visitor } = await kit.helped()
    await kit.page(visitor)
    return (await kit.soon(() => launch.reported > 0))
      ? passes
      : fails('no report came for the page that was opened', 'no llegó aviso de la página abierta')
  },
}

export const acts: readonly Point[] = [never, look, crossSite, told]
