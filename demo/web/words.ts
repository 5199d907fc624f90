/** What the Web alone says, in both languages. To its people: *usted*. */
import { type Both, wordsOf } from '../vendor/words.ts'

const texts = {
  product: { en: 'My Ecosystem', es: 'Mi ecosistema' },
  home: { en: 'Home', es: 'Inicio' },
  members: { en: 'Members', es: 'Miembros' },
  invoices: { en: 'Invoices', es: 'Facturas' },
  profile: { en: 'Profile', es: 'Perfil' },
  hello: { en: 'Hello,', es: 'Hola,' },
  yourRole: { en: 'Your role', es: 'Su función' },
  plan: { en: 'Plan', es: 'Plan' },
  city: { en: 'City', es: 'Ciudad' },
  name: { en: 'Name', es: 'Nombre' },
  seePlan: { en: 'See plan details', es: 'Ver detalles del plan' },
  edit: { en: 'Edit ecosystem', es: 'Editar ecosistema' },
  back: { en: 'Back', es: 'Volver' },
  seeAll: { en: 'See all', es: 'Ver todo' },
  number: { en: 'Number', es: 'Número' },
  date: { en: 'Date', es: 'Fecha' },
  amount: { en: 'Amount', es: 'Importe' },
  state: { en: 'State', es: 'Estado' },
  activity: { en: 'Recent activity', es: 'Actividad reciente' },
  planIncludes: { en: 'Your plan includes', es: 'Su plan incluye' },
  changeEmail: { en: 'Change e-mail', es: 'Cambiar correo' },
  newEmail: { en: 'New e-mail', es: 'Correo nuevo' },
  changePassword: { en: 'Change password', es: 'Cambiar contraseña' },
  currentPassword: { en: 'Current password', es: 'Contraseña actual' },
  newPassword: { en: 'New password', es: 'Contraseña nueva' },
  suspended: {
    en: 'This ecosystem is suspended. Pay what is overdue to go on working.',
    es: 'Este ecosistema está suspendido. Pague lo vencido para seguir trabajando.',
  },
  ownerEdits: { en: 'Only the owner can edit this.', es: 'Solo el titular puede editarlo.' },
} as const satisfies Record<string, Both>

export const words = wordsOf(texts)
