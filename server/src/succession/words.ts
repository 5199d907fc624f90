/**
 * The sentences of a succession, in both languages and for each reader: the agent reads of *the successor*, the
 * successor reads *you* (usted). `{o}` the owner, `{s}` the successor, `{v}` the vendor, `{e}` the ecosystem.
 */
import type { SupportAct, Tone } from '@amparo/contract/succession'
import type { Bilingual } from '@amparo/contract/words'
import type { ActorKind, Phase } from './definition.ts'
import type { CaseState, EntryType, NoRelease } from './succession.ts'

export type Viewer = 'agent' | 'owner' | 'successor'

/** One sentence, and how it is said to the person it is about. */
export interface Said {
  readonly all: Bilingual
  readonly owner?: Bilingual
  readonly successor?: Bilingual
}
const said = (en: string, es: string, more: Omit<Said, 'all'> = {}): Said => ({ all: { en, es }, ...more })
const pair = (en: string, es: string): Bilingual => ({ en, es })

export const to = (viewer: Viewer, what: Said): Bilingual =>
  viewer === 'agent' ? what.all : (what[viewer] ?? what.all)

/** What each step is called once it is done, and once it was refused. */
export const steps: Readonly<Record<string, { readonly done: Said; readonly rejected: Said; readonly waits: Said }>> = {
  successor_named: {
    done: said('The owner named {s} as successor', 'El titular designó a {s}', {
      owner: pair('You named {s} as your successor', 'Usted designó a {s}'),
      successor: pair('{o} named you as successor', '{o} le designó a usted'),
    }),
    rejected: said('The designation was not accepted', 'La designación no se aceptó'),
    waits: said('The owner has to name a successor', 'El titular tiene que designar a su sucesor', {
      owner: pair('You have to name a successor', 'Usted tiene que designar a su sucesor'),
    }),
  },
  eligibility_check: {
    done: said('The successor fulfils the requirements', 'El sucesor cumple los requisitos', {
      successor: pair('You fulfil the requirements', 'Usted cumple los requisitos'),
    }),
    rejected: said('The successor does not fulfil every requirement', 'El sucesor no cumple todos los requisitos', {
      successor: pair('You do not fulfil every requirement yet', 'Usted todavía no cumple todos los requisitos'),
    }),
    waits: said('The requirements are being checked', 'Se están comprobando los requisitos'),
  },
  invitation_sent: {
    done: said('The invitation was sent to the successor', 'Se envió la invitación al sucesor', {
      successor: pair('The invitation was sent to you', 'Se le envió la invitación'),
    }),
    rejected: said('The invitation could not be delivered', 'No se pudo entregar la invitación'),
    waits: said('The invitation is being sent', 'Se está enviando la invitación'),
  },
  invitation_answered: {
    done: said('The successor accepted', 'El sucesor aceptó', { successor: pair('You accepted', 'Usted aceptó') }),
    rejected: said('The successor declined', 'El sucesor rechazó la designación', {
      successor: pair('You declined', 'Usted rechazó la designación'),
    }),
    waits: said('The successor has to accept or decline', 'El sucesor tiene que aceptar o rechazar', {
      successor: pair('You have to accept or decline', 'Usted tiene que aceptar o rechazar'),
    }),
  },
  successor_activated: {
    done: said('The successor activated the designation', 'El sucesor activó su designación', {
      successor: pair('You activated your designation', 'Usted activó su designación'),
    }),
    rejected: said('The activation did not work', 'La activación no funcionó'),
    waits: said('The successor has to activate the designation', 'El sucesor tiene que activar su designación', {
      successor: pair('You have to activate your designation', 'Usted tiene que activar su designación'),
    }),
  },
  claim_opened: {
    done: said('A change of owner was requested', 'Se solicitó el cambio de titular'),
    rejected: said(
      'The request for a change of owner was not accepted',
      'No se aceptó la solicitud de cambio de titular',
    ),
    waits: said('A change of owner has to be requested', 'Hay que solicitar el cambio de titular'),
  },
  evidence_submitted: {
    done: said('The supporting documents were submitted', 'Se presentaron los documentos de respaldo', {
      successor: pair('You submitted the supporting documents', 'Usted presentó los documentos de respaldo'),
    }),
    rejected: said('The supporting documents were not accepted', 'No se aceptaron los documentos de respaldo'),
    waits: said('The successor has to submit documents', 'El sucesor tiene que presentar documentos', {
      successor: pair('You have to submit documents', 'Usted tiene que presentar documentos'),
    }),
  },
  identity_verified: {
    done: said('The identity of the successor was verified', 'Se verificó la identidad del sucesor', {
      successor: pair('Your identity was verified', 'Se verificó su identidad'),
    }),
    rejected: said(
      'The identity of the successor could not be verified',
      'No se pudo verificar la identidad del sucesor',
      {
        successor: pair('Your identity could not be verified', 'No se pudo verificar su identidad'),
      },
    ),
    waits: said('The successor has to verify their identity', 'El sucesor tiene que verificar su identidad', {
      successor: pair('You have to verify your identity', 'Usted tiene que verificar su identidad'),
    }),
  },
  validation_review: {
    done: said('The request was approved', 'La solicitud fue aprobada'),
    rejected: said(
      'The validation process for the successor was rejected by {v}',
      'El proceso de validación del sucesor fue rechazado por {v}',
      {
        successor: pair(
          'Your validation process was rejected by {v}',
          'Su proceso de validación fue rechazado por {v}',
        ),
      },
    ),
    waits: said('The request is being reviewed', 'Se está revisando la solicitud'),
  },
  objection_window: {
    done: said('The time to object passed without an objection', 'Pasó el plazo y nadie se opuso'),
    rejected: said('The owner objected', 'El titular se opuso', { owner: pair('You objected', 'Usted se opuso') }),
    waits: said('The owner may object', 'El titular puede oponerse', {
      owner: pair('You may object', 'Usted puede oponerse'),
    }),
  },
  duties_confirmed: {
    done: said('The successor confirmed taking over', 'El sucesor confirmó que asume la titularidad', {
      successor: pair('You confirmed taking over', 'Usted confirmó que asume la titularidad'),
    }),
    rejected: said('The successor did not take over', 'El sucesor no asumió la titularidad', {
      successor: pair('You did not take over', 'Usted no asumió la titularidad'),
    }),
    waits: said('The successor has to confirm taking over', 'El sucesor tiene que confirmar que asume la titularidad', {
      successor: pair('You have to confirm taking over', 'Usted tiene que confirmar que asume la titularidad'),
    }),
  },
  ownership_applied: {
    done: said('{s} is the owner now', '{s} es ahora el titular', {
      successor: pair('You are the owner now', 'Usted es ahora el titular'),
    }),
    rejected: said('The change of owner did not go through', 'El cambio de titular no se pudo aplicar'),
    waits: said('Ownership is about to change hands', 'La titularidad está por cambiar'),
  },
  billing_restored: {
    done: said('A new payment method was registered', 'Se registró un nuevo medio de pago'),
    rejected: said('The payment method was not accepted', 'No se aceptó el medio de pago'),
    waits: said(
      'The new owner has to register a payment method',
      'El nuevo titular tiene que registrar un medio de pago',
      {
        successor: pair('You have to register a payment method', 'Usted tiene que registrar un medio de pago'),
      },
    ),
  },
  parties_informed: {
    done: said('Everyone concerned was informed', 'Se informó a todas las personas afectadas'),
    rejected: said('Not everyone could be informed', 'No se pudo informar a todas las personas'),
    waits: said('Everyone concerned is being informed', 'Se está informando a todas las personas afectadas'),
  },
  custodian_confirmed: {
    done: said('The custodian of the records was confirmed', 'Se confirmó el custodio de los registros'),
    rejected: said('The custodian of the records was not confirmed', 'No se confirmó el custodio de los registros'),
    waits: said('The custodian of the records has to confirm', 'El custodio de los registros tiene que confirmar'),
  },
  patients_notified: {
    done: said('The patients were told', 'Se avisó a los pacientes'),
    rejected: said('The notice to the patients was not accepted', 'No se aceptó el aviso a los pacientes'),
    waits: said('The successor has to tell the patients', 'El sucesor tiene que avisar a los pacientes', {
      successor: pair('You have to tell the patients', 'Usted tiene que avisar a los pacientes'),
    }),
  },
}

/** What the other entries say. `step.*` come from the step, `note` from the vendor. `{t}` the step's title. */
export const entries: Readonly<Record<Exclude<EntryType, 'step.done' | 'step.rejected' | 'note'>, Said>> = {
  'case.opened': said('The succession of {e} began', 'Empezó la sucesión de {e}'),
  'step.opened': said('Began: {t}', 'Empezó: {t}'),
  'step.expired': said('The time ran out: {t}', 'Se acabó el plazo: {t}'),
  'step.cancelled': said('Cancelled: {t}', 'Cancelado: {t}'),
  'step.skipped': said('Not needed: {t}', 'No hace falta: {t}'),
  'reminder.sent': said('A reminder was sent: {t}', 'Se envió un recordatorio: {t}'),
  'owner.alive': said('The owner was active', 'El titular estuvo activo', {
    owner: pair('You were active', 'Usted estuvo activo'),
  }),
  'owner.objected': said('The owner objected', 'El titular se opuso', {
    owner: pair('You objected', 'Usted se opuso'),
  }),
  'hold.placed': said('The process was put on hold', 'El proceso quedó en espera'),
  'hold.lifted': said('The process goes on', 'El proceso continúa'),
  'support.released': said('Support released the process', 'Soporte desbloqueó el proceso'),
  'case.closed': said('The succession was closed', 'La sucesión se cerró'),
}

export const noteOf = pair('A note of {v}', 'Una nota de {v}')

export const look: Readonly<Record<EntryType, { readonly tone: Tone; readonly word: Bilingual }>> = {
  'case.opened': { tone: 'info', word: pair('Begun', 'Iniciado') },
  'step.opened': { tone: 'waiting', word: pair('Begun', 'Iniciado') },
  'step.done': { tone: 'done', word: pair('Done', 'Hecho') },
  'step.rejected': { tone: 'problem', word: pair('Rejected', 'Rechazado') },
  'step.expired': { tone: 'problem', word: pair('Expired', 'Vencido') },
  'step.cancelled': { tone: 'problem', word: pair('Cancelled', 'Cancelado') },
  'step.skipped': { tone: 'info', word: pair('Not needed', 'No hace falta') },
  'reminder.sent': { tone: 'info', word: pair('Reminder', 'Recordatorio') },
  'owner.alive': { tone: 'paused', word: pair('Owner active', 'Titular activo') },
  'owner.objected': { tone: 'problem', word: pair('Objection', 'Oposición') },
  'hold.placed': { tone: 'paused', word: pair('On hold', 'En espera') },
  'hold.lifted': { tone: 'info', word: pair('Goes on', 'Continúa') },
  'support.released': { tone: 'support', word: pair('Released', 'Desbloqueado') },
  'case.closed': { tone: 'info', word: pair('Closed', 'Cerrado') },
  note: { tone: 'info', word: pair('Note', 'Nota') },
}
export const onHold = { tone: 'paused', word: pair('On hold', 'En espera') } as const
export const underReview = { tone: 'paused', word: pair('In review', 'En revisión') } as const
export const aheadLook = {
  now: { tone: 'waiting', word: pair('Now', 'Ahora') },
  blocked: { tone: 'problem', word: pair('Blocked', 'Bloqueado') },
  later: { tone: 'info', word: pair('To come', 'Por venir') },
} as const satisfies Readonly<Record<string, { readonly tone: Tone; readonly word: Bilingual }>>

export const acts: Readonly<Record<SupportAct | 'release', { readonly word: Bilingual; readonly said: Said }>> = {
  release: {
    word: pair('Release', 'Desbloqueo'),
    said: said('Support asked for the process to be released', 'Soporte pidió desbloquear el proceso'),
  },
  resend_message: {
    word: pair('Sent again', 'Reenvío'),
    said: said('Support had the message sent again', 'Soporte hizo reenviar el mensaje'),
  },
  send_help_link: {
    word: pair('Help sent', 'Ayuda enviada'),
    said: said('Support sent the help page', 'Soporte envió la página de ayuda'),
  },
  add_note: { word: pair('Note', 'Nota'), said: said('Support left a note', 'Soporte dejó una nota') },
  escalate: {
    word: pair('Escalated', 'Escalado'),
    said: said('Support told a supervisor', 'Soporte avisó a una persona responsable'),
  },
}
export const results: Readonly<Record<'pending' | 'done' | 'refused', Bilingual>> = {
  pending: pair(
    '{v} has not answered yet; it is asked again by itself.',
    '{v} todavía no respondió; se le vuelve a pedir solo.',
  ),
  done: pair('{v} accepted it.', '{v} lo aceptó.'),
  refused: pair('{v} did not accept it: {w}', '{v} no lo aceptó: {w}'),
}

export const actors: Readonly<Record<ActorKind, Said>> = {
  owner: said('The owner', 'El titular', { owner: pair('You', 'Usted') }),
  successor: said('The successor', 'El sucesor', { successor: pair('You', 'Usted') }),
  system: said('{v}, automatically', '{v}, de forma automática'),
  reviewer: said('A reviewer of {v}', 'Una persona revisora de {v}'),
  agent: said('Support', 'Soporte'),
  custodian: said('The custodian of the records', 'El custodio de los registros'),
  adopter: said('The system of {v}', 'El sistema de {v}'),
}

export const phases: Readonly<Record<Phase, Bilingual>> = {
  designation: pair('Designation', 'Designación'),
  claim: pair('Request', 'Solicitud'),
  transfer: pair('Change of owner', 'Cambio de titular'),
  aftercare: pair('Afterwards', 'Después'),
}

/** Where a whole case stands when no single step says it. */
export const standings: Readonly<Record<CaseState, Said>> = {
  designation: said('A successor is being named.', 'Se está designando a un sucesor.'),
  dormant: said(
    '{s} is the named successor. Nothing happens until a change of owner is requested.',
    '{s} es el sucesor designado. No pasa nada hasta que se solicite un cambio de titular.',
    {
      successor: pair(
        'You are the named successor. Nothing happens until a change of owner is requested.',
        'Usted es el sucesor designado. No pasa nada hasta que se solicite un cambio de titular.',
      ),
    },
  ),
  claim: said('A change of owner is under way.', 'Hay un cambio de titular en curso.'),
  transfer: said('Ownership is changing hands.', 'La titularidad está cambiando.'),
  aftercare: said('Ownership has changed; a few things remain.', 'La titularidad ya cambió; quedan algunas cosas.'),
  transferred: said('Completed: {s} is the owner.', 'Completada: {s} es el titular.', {
    successor: pair('Completed: you are the owner.', 'Completada: usted es el titular.'),
  }),
  declined: said('Closed: the successor declined.', 'Cerrada: el sucesor rechazó.', {
    successor: pair('Closed: you declined.', 'Cerrada: usted rechazó.'),
  }),
  revoked: said('Closed: the owner revoked it.', 'Cerrada: el titular la revocó.', {
    owner: pair('Closed: you revoked it.', 'Cerrada: usted la revocó.'),
  }),
  rejected: said('Closed: the request was rejected for good.', 'Cerrada: la solicitud se rechazó definitivamente.'),
  expired: said('Closed: the time ran out.', 'Cerrada: se acabó el plazo.'),
  withdrawn: said('Closed: the successor withdrew the request.', 'Cerrada: el sucesor retiró la solicitud.', {
    successor: pair('Closed: you withdrew the request.', 'Cerrada: usted retiró la solicitud.'),
  }),
}

export const noRelease: Readonly<Record<NoRelease | 'release.not_offered' | 'proof.too_weak', Bilingual>> = {
  'proof.too_weak': pair(
    'For a release a code by message is not proof enough of you. Start again with a passkey or your authenticator app.',
    'Para un desbloqueo no basta un código por mensaje. Empieza de nuevo con una llave de acceso o tu aplicación de códigos.',
  ),
  'release.not_blocked': pair(
    'Nothing is blocked now: there is nothing to release.',
    'Ahora no hay nada bloqueado que desbloquear.',
  ),
  'release.on_hold': pair(
    'The process is on hold: while the owner objects or is active, nothing can be released.',
    'El proceso está en espera: mientras el titular se oponga o esté activo, no se puede desbloquear.',
  ),
  'release.final': pair(
    'This decision cannot be released from here: the review team decides.',
    'Esta decisión no se puede desbloquear desde aquí: decide el equipo de revisión.',
  ),
  'release.pending': pair(
    'A release has been asked for and waits for its answer.',
    'Ya se pidió un desbloqueo y se espera la respuesta.',
  ),
  'release.not_offered': pair(
    'This installation takes no release requests: the vendor provides neither the function nor the address for them.',
    'Esta instalación no admite desbloqueos: el proveedor no ofrece la función ni la dirección para pedirlos.',
  ),
}

export const fates: Readonly<Record<string, { readonly tone: Tone; readonly text: Bilingual }>> = {
  queued: { tone: 'waiting', text: pair('waiting to be sent', 'en espera de envío') },
  sent: { tone: 'info', text: pair('sent', 'enviado') },
  delivered: { tone: 'done', text: pair('delivered', 'entregado') },
  bounced: { tone: 'problem', text: pair('came back', 'devuelto') },
  failed: { tone: 'problem', text: pair('could not be sent', 'no se pudo enviar') },
  opened_link: { tone: 'done', text: pair('link used', 'enlace usado') },
  pending: { tone: 'waiting', text: pair('being looked at', 'en revisión') },
  accepted: { tone: 'done', text: pair('accepted', 'aceptado') },
  rejected: { tone: 'problem', text: pair('not accepted', 'no aceptado') },
}
export const channels: Readonly<Record<string, Bilingual>> = {
  email: pair('E-mail', 'Correo'),
  sms: pair('SMS', 'SMS'),
  app: pair('App', 'App'),
  letter: pair('Letter', 'Carta'),
}
export const evidenceKinds: Readonly<Record<string, Bilingual>> = {
  death_certificate: pair('Death certificate', 'Certificado de defunción'),
  obituary: pair('Obituary', 'Esquela'),
  letters_of_administration: pair('Letters of administration', 'Declaración de herederos'),
  court_order: pair('Court order', 'Resolución judicial'),
  physician_statement: pair("Physician's statement", 'Informe médico'),
  power_of_attorney: pair('Power of attorney', 'Poder notarial'),
  signed_letter: pair('Signed letter', 'Carta firmada'),
  officer_letter: pair('Letter of a company officer', 'Carta de un cargo de la empresa'),
  contact_log: pair('Log of tries to reach the owner', 'Relación de intentos de contacto'),
  identity_document: pair('Identity document', 'Documento de identidad'),
}

export const phrases = {
  attempt: pair('Attempt {n} of {m}', 'Intento {n} de {m}'),
  attemptOnly: pair('Attempt {n}', 'Intento {n}'),
  attemptSince: pair('Attempt {n}, since {d}', 'Intento {n}, desde el {d}'),
  blocked: pair('{r}. It goes on once it is released.', '{r}. Continúa cuando se desbloquee.'),
  blockedNext: pair(
    'The user mends what failed; then support releases it with the user’s yes.',
    'La persona resuelve lo que falló; después soporte lo desbloquea con el sí de la persona.',
  ),
  blockedNextUser: pair(
    'Mend what failed; then support releases it with your yes: on your page, or by a code that only you receive.',
    'Resuelva lo que falló; después soporte lo desbloquea con su sí: en su página, o con un código que solo recibe usted.',
  ),
  hold: pair(
    'On hold: {r}. Nothing moves and no time limit runs.',
    'En espera: {r}. Nada avanza y ningún plazo corre.',
  ),
  holdNext: pair('The owner or the review team decides.', 'Decide el titular o el equipo de revisión.'),
  waits: pair('{w}.', '{w}.'),
  actsNext: pair('{a} acts next.', 'Ahora actúa: {a}.'),
  heldPlain: pair('On hold. Nothing moves and no time limit runs.', 'En espera. Nada avanza y ningún plazo corre.'),
  theirTurn: pair('{v} is working on it.', '{v} está en ello.'),
  unknownState: pair('The vendor says: {w}', 'El proveedor dice: {w}'),
  none: pair(
    'No successor has been named in this ecosystem.',
    'En este ecosistema no se ha designado a ningún sucesor.',
  ),
  noneHint: pair(
    'The owner signs in to their own account, opens the settings of the ecosystem, and names a successor with their second factor.',
    'El titular entra en su propia cuenta, abre los ajustes del ecosistema y designa a su sucesor con su segundo factor.',
  ),
  noneNext: pair('The owner acts next.', 'Ahora actúa: el titular.'),
  finished: pair('This is finished.', 'Esto está terminado.'),
  retry: pair(
    'The process waits here. Once what failed is mended, it can go on as a new attempt.',
    'El proceso espera aquí. Cuando se resuelva lo que falló, puede continuar como un intento nuevo.',
  ),
  answered: pair(
    'It was rejected then; the process has gone on since. What was found stays here.',
    'Entonces se rechazó; después el proceso siguió. Lo que se encontró queda aquí.',
  ),
  final: pair('This decision ends the process.', 'Esta decisión termina el proceso.'),
  hidden: pair(
    'The review team is looking into it. They write to the contact on file; support sees no more than this.',
    'El equipo de revisión lo está viendo. Escribirá al contacto que consta; soporte no ve más que esto.',
  ),
  expired: pair(
    'Nobody acted within the time. It can be opened again while there are attempts left.',
    'Nadie actuó dentro del plazo. Se puede abrir otra vez mientras queden intentos.',
  ),
  skipped: pair(
    'This step is not needed for this reason of change.',
    'Este paso no hace falta por el motivo del cambio.',
  ),
  began: pair('It is under way.', 'Está en curso.'),
  paused: pair(
    'While this lasts nothing moves and no time limit runs.',
    'Mientras dure, nada avanza y ningún plazo corre.',
  ),
  objected: pair('The owner’s objection stops the process.', 'La oposición del titular detiene el proceso.'),
  released: pair(
    'The rejected step begins again as a new attempt. What was rejected stays in the list with its details.',
    'El paso rechazado empieza de nuevo como otro intento. Lo rechazado queda en la lista con sus detalles.',
  ),
  noted: pair('It is kept as the vendor recorded it.', 'Se conserva como lo registró el proveedor.'),
  closed: pair('Nothing more happens in this succession.', 'En esta sucesión ya no pasa nada más.'),
  later: pair('This comes when the steps before it are finished.', 'Esto llega cuando terminen los pasos anteriores.'),
  nowOn: pair('This is the step that the process is at.', 'Este es el paso en el que está el proceso.'),
  nextStep: pair('Next: {t}. Who acts: {a}.', 'Después: {t}. Actúa: {a}.'),
  nothingNext: pair('Nothing more comes after this.', 'Después de esto no viene nada más.'),
  asOfNow: pair(
    'What was checked then was not recorded. These values are as of now.',
    'No se registró qué se comprobó entonces. Estos valores son de ahora.',
  ),
  pass: pair('passed', 'cumple'),
  fail: pair('failed', 'no cumple'),
  not_evaluated: pair('not checked', 'sin comprobar'),
  found: pair('then', 'entonces'),
  now: pair('now', 'ahora'),
  needed: pair('needed', 'se necesita'),
  canDo: pair('What is to be done now', 'Qué hay que hacer ahora'),
  until: pair('Until {d}', 'Hasta el {d}'),
  helpLink: pair('More about this', 'Más sobre esto'),
  offView: pair('{w}', '{w}'),
} as const satisfies Readonly<Record<string, Bilingual>>
