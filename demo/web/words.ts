/** Every sentence of the product, in both languages. To its people: *usted*. */

export type Language = 'en' | 'es'
type Both = Readonly<Record<Language, string>>

const texts = {
  product: { en: 'My Ecosystem', es: 'Mi ecosistema' },
  skip: { en: 'Skip to content', es: 'Ir al contenido' },
  nav: { en: 'Pages', es: 'Páginas' },
  home: { en: 'Home', es: 'Inicio' },
  members: { en: 'Members', es: 'Miembros' },
  invoices: { en: 'Invoices', es: 'Facturas' },
  profile: { en: 'Profile', es: 'Perfil' },
  signIn: { en: 'Sign in', es: 'Iniciar sesión' },
  signOut: { en: 'Sign out', es: 'Cerrar sesión' },
  signInLead: {
    en: 'Your clinic, your team and your invoices in one place.',
    es: 'Su clínica, su equipo y sus facturas en un solo lugar.',
  },
  email: { en: 'E-mail', es: 'Correo electrónico' },
  password: { en: 'Password', es: 'Contraseña' },
  hello: { en: 'Hello,', es: 'Hola,' },
  owner: { en: 'Owner', es: 'Titular' },
  member: { en: 'Member', es: 'Miembro' },
  yourRole: { en: 'Your role', es: 'Su función' },
  plan: { en: 'Plan', es: 'Plan' },
  city: { en: 'City', es: 'Ciudad' },
  name: { en: 'Name', es: 'Nombre' },
  task: { en: 'Position', es: 'Puesto' },
  seePlan: { en: 'See plan details', es: 'Ver detalles del plan' },
  edit: { en: 'Edit ecosystem', es: 'Editar ecosistema' },
  save: { en: 'Save', es: 'Guardar' },
  back: { en: 'Back', es: 'Volver' },
  seeAll: { en: 'See all', es: 'Ver todo' },
  number: { en: 'Number', es: 'Número' },
  date: { en: 'Date', es: 'Fecha' },
  amount: { en: 'Amount', es: 'Importe' },
  state: { en: 'State', es: 'Estado' },
  open: { en: 'To pay', es: 'Por pagar' },
  paid: { en: 'Paid', es: 'Pagada' },
  overdue: { en: 'Overdue', es: 'Vencida' },
  noInvoices: { en: 'No invoices yet.', es: 'Todavía no hay facturas.' },
  activity: { en: 'Recent activity', es: 'Actividad reciente' },
  noActivity: { en: 'Nothing has been changed lately.', es: 'No ha habido cambios.' },
  onBehalf: { en: 'for', es: 'en nombre de' },
  planIncludes: { en: 'Your plan includes', es: 'Su plan incluye' },
  invite: { en: 'Invite member', es: 'Invitar a alguien' },
  inviteLead: { en: 'They get a message with a link to join.', es: 'Recibirá un mensaje con un enlace para unirse.' },
  changeEmail: { en: 'Change e-mail', es: 'Cambiar correo' },
  newEmail: { en: 'New e-mail', es: 'Correo nuevo' },
  changePassword: { en: 'Change password', es: 'Cambiar contraseña' },
  currentPassword: { en: 'Current password', es: 'Contraseña actual' },
  newPassword: { en: 'New password', es: 'Contraseña nueva' },
  ecosystem: { en: 'Ecosystem', es: 'Ecosistema' },
  switchTo: { en: 'Switch', es: 'Cambiar' },
  suspended: {
    en: 'This ecosystem is suspended. Pay what is overdue to go on working.',
    es: 'Este ecosistema está suspendido. Pague lo vencido para seguir trabajando.',
  },
  noClinic: {
    en: 'You are not in an ecosystem yet. Ask its owner to invite you.',
    es: 'Todavía no está en ningún ecosistema. Pida a su titular que le invite.',
  },
  ownerEdits: { en: 'Only the owner can edit this.', es: 'Solo el titular puede editarlo.' },
  saved: { en: 'Saved.', es: 'Guardado.' },
  invited: {
    en: 'Noted. This demo sends no invitation.',
    es: 'Anotado. Esta demostración no envía invitaciones.',
  },
  asYourself: { en: 'Sign in here as yourself', es: 'Entrar aquí con su propia cuenta' },
  sorry: { en: 'That did not work', es: 'No se pudo' },
  reference: { en: 'Reference', es: 'Referencia' },
  toHome: { en: 'Go to the start page', es: 'Ir a la página de inicio' },
  feature_agenda: { en: 'Agenda and appointments', es: 'Agenda y citas' },
  feature_billing: { en: 'Invoices to patients and insurers', es: 'Facturas a pacientes y seguros' },
  feature_telehealth: { en: 'Video visits', es: 'Consultas por vídeo' },
  feature_app: { en: 'The app for your patients', es: 'La app para sus pacientes' },
  'clinic.edited': { en: 'edited the ecosystem', es: 'editó el ecosistema' },
  'email.changed': { en: 'changed their e-mail', es: 'cambió su correo' },
  'member.invited': { en: 'invited a member', es: 'invitó a alguien' },
  'assisted.opened': { en: 'opened the account to help', es: 'abrió la cuenta para ayudar a' },
} as const satisfies Record<string, Both>

export type Text = keyof typeof texts
export type Say = (text: Text) => string
export const words =
  (language: Language): Say =>
  (text) =>
    texts[text][language]
/** For words that come from the database. Unknown ones are shown as they are. */
export const wordOr = (language: Language, text: string): string =>
  Object.hasOwn(texts, text) ? texts[text as Text][language] : text

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
    en: 'Only the owner can edit this, and only while it is not suspended.',
    es: 'Solo el titular puede editarlo, y solo si no está suspendido.',
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
  'assisted.issuer': {
    status: 400,
    en: 'We do not take sign-ins from there. Nothing was opened.',
    es: 'No aceptamos accesos desde ahí. No se abrió nada.',
  },
  'assisted.refused': {
    status: 403,
    en: 'This access can no longer be used. Press the button again in the console.',
    es: 'Este acceso ya no se puede usar. Pulse el botón de nuevo en la consola.',
  },
  'assisted.unknown_user': {
    status: 403,
    en: 'This person has no account here. Nothing was opened.',
    es: 'Esta persona no tiene cuenta aquí. No se abrió nada.',
  },
  'assisted.unconfirmed': {
    status: 503,
    en: 'Amparo does not confirm that help goes on. Nothing is shown. Try again.',
    es: 'Amparo no confirma que la ayuda sigue. No se muestra nada. Pruebe de nuevo.',
  },
  'assisted.ended': { status: 401, en: 'Help has ended.', es: 'La ayuda ha terminado.' },
} as const satisfies Record<string, Both & { readonly status: number }>
export type Refusal = keyof typeof refusals
