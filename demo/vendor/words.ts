/** What all of the vendor's products say, in both languages. To its people: *usted*. */
export type Language = 'en' | 'es'
export type Both = Readonly<Record<Language, string>>

/** A product's own sentences, looked up by their names. */
export const wordsOf =
  <Texts extends Readonly<Record<string, Both>>>(texts: Texts) =>
  (language: Language) =>
  (text: keyof Texts & string): string =>
    texts[text]?.[language] ?? text

const common = {
  skip: { en: 'Skip to content', es: 'Ir al contenido' },
  nav: { en: 'Pages', es: 'Páginas' },
  signIn: { en: 'Sign in', es: 'Iniciar sesión' },
  signOut: { en: 'Sign out', es: 'Cerrar sesión' },
  email: { en: 'E-mail', es: 'Correo electrónico' },
  password: { en: 'Password', es: 'Contraseña' },
  owner: { en: 'Owner', es: 'Titular' },
  member: { en: 'Member', es: 'Miembro' },
  ecosystem: { en: 'Ecosystem', es: 'Ecosistema' },
  switchTo: { en: 'Switch', es: 'Cambiar' },
  failed: { en: 'That did not work', es: 'No se pudo' },
  reference: { en: 'Reference', es: 'Referencia' },
  toHome: { en: 'Go to the start page', es: 'Ir a la página de inicio' },
  onBehalf: { en: 'for', es: 'en nombre de' },
  noActivity: { en: 'Nothing has been changed lately.', es: 'No ha habido cambios.' },
  open: { en: 'To pay', es: 'Por pagar' },
  paid: { en: 'Paid', es: 'Pagada' },
  overdue: { en: 'Overdue', es: 'Vencida' },
  noInvoices: { en: 'No invoices yet.', es: 'Todavía no hay facturas.' },
  noClinic: {
    en: 'You are not in an ecosystem yet. Ask its owner to invite you.',
    es: 'Todavía no está en ningún ecosistema. Pida a su titular que le invite.',
  },
  invite: { en: 'Invite member', es: 'Invitar a alguien' },
  inviteLead: { en: 'They get a message with a link to join.', es: 'Recibirá un mensaje con un enlace para unirse.' },
  invited: {
    en: 'Noted. This demo sends no invitation.',
    es: 'Anotado. Esta demostración no envía invitaciones.',
  },
  ordered: { en: 'Ordered again.', es: 'Pedido repetido.' },
  saved: { en: 'Saved.', es: 'Guardado.' },
  save: { en: 'Save', es: 'Guardar' },
  feature_agenda: { en: 'Agenda and appointments', es: 'Agenda y citas' },
  feature_billing: { en: 'Invoices to patients and insurers', es: 'Facturas a pacientes y seguros' },
  feature_telehealth: { en: 'Video visits', es: 'Consultas por vídeo' },
  feature_app: { en: 'The app for your patients', es: 'La app para sus pacientes' },
  'assisted.opened': { en: 'opened the account to help', es: 'abrió la cuenta para ayudar a' },
  'clinic.edited': { en: 'edited the ecosystem', es: 'editó el ecosistema' },
  'title.changed': { en: 'changed their title', es: 'cambió su cargo' },
  'email.changed': { en: 'changed their e-mail', es: 'cambió su correo' },
  'member.invited': { en: 'invited a member', es: 'invitó a alguien' },
  'billing.contact': { en: 'changed who gets the bills', es: 'cambió quién recibe las facturas' },
  'billing.note': { en: 'changed the delivery note', es: 'cambió la nota de entrega' },
  'support.access': { en: 'changed who may help', es: 'cambió quién puede ayudar' },
  'billing.card': { en: 'changed how is paid', es: 'cambió la forma de pago' },
  'order.again': { en: 'ordered again', es: 'repitió un pedido' },
} as const satisfies Record<string, Both>
export const words = wordsOf(common)
/** For words that come from the database. Unknown ones are shown as they are. */
export const wordOr = (language: Language, text: string): string =>
  Object.hasOwn(common, text) ? words(language)(text as keyof typeof common) : text

/** The company's support, in the middle of a sentence. */
export const supportOf = (company: string, language: Language): string =>
  ({ en: `${company} support`, es: `soporte de ${company}` })[language]

export const refusals = {
  'host.unknown': {
    status: 421,
    en: 'This server is not at that address.',
    es: 'Este servidor no está en esa dirección.',
  },
  'route.unknown': { status: 404, en: 'There is no such page.', es: 'Esa página no existe.' },
  'request.cross_site': {
    status: 403,
    en: 'This request did not come from our own pages. Nothing was done.',
    es: 'Esta petición no viene de nuestras páginas. No se hizo nada.',
  },
  'request.stale': {
    status: 403,
    en: 'This page was too old. Load it again and repeat.',
    es: 'Esta página era antigua. Cárguela de nuevo y repita.',
  },
  'request.invalid': {
    status: 400,
    en: 'Something is missing or not as expected. Look at the form again.',
    es: 'Algo falta o no es como se esperaba. Revise el formulario.',
  },
  'request.too_large': { status: 413, en: 'That is too large.', es: 'Es demasiado grande.' },
  'system.broken': {
    status: 500,
    en: 'Something failed on our side, not yours. Try again in a minute.',
    es: 'Algo falló de nuestro lado, no del suyo. Pruebe en un minuto.',
  },
  'sign_in.first': { status: 401, en: 'Sign in first.', es: 'Primero inicie sesión.' },
  'sign_in.wrong': {
    status: 401,
    en: 'That e-mail and password do not belong together.',
    es: 'Ese correo y esa contraseña no corresponden.',
  },
  'sign_in.ambiguous': {
    status: 409,
    en: 'Two people share this e-mail. Call us to sort it out.',
    es: 'Dos personas comparten este correo. Llámenos para resolverlo.',
  },
  'sign_in.inactive': {
    status: 403,
    en: 'This account is not active. Ask the owner of your ecosystem.',
    es: 'Esta cuenta no está activa. Pregunte al titular de su ecosistema.',
  },
  'clinic.unknown': { status: 404, en: 'You are not in that ecosystem.', es: 'Usted no está en ese ecosistema.' },
  'clinic.not_yours': {
    status: 403,
    en: 'Only the owner can do this, and only while the ecosystem is not suspended.',
    es: 'Solo el titular puede hacerlo, y solo si el ecosistema no está suspendido.',
  },
  'password.fixed': {
    status: 409,
    en: 'Everybody has the same password in this demo. It cannot be changed.',
    es: 'En esta demostración todos tienen la misma contraseña. No se puede cambiar.',
  },
  'password.wrong': {
    status: 422,
    en: 'The current password is not right.',
    es: 'La contraseña actual no es correcta.',
  },
  'phone.fixed': {
    status: 409,
    en: 'In this demo nobody’s phone is changed.',
    es: 'En esta demostración no se cambia el teléfono de nadie.',
  },
  'demo.no_money': {
    status: 409,
    en: 'This demo takes no cards and ends no plans. Nothing was changed.',
    es: 'Esta demostración no acepta tarjetas ni da de baja planes. No se cambió nada.',
  },
  'order.unknown': { status: 404, en: 'There is no such order here.', es: 'Aquí no hay ese pedido.' },
} as const satisfies Record<string, Both & { readonly status: number }>
export type Refusal = keyof typeof refusals
