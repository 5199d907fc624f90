/**
 * The reason codes of a succession, as data: what each means, how far it lets go on, and what helps. The remedy speaks
 * to the user (*usted*); an agent reads it aloud. A reason of kind `fraud` is never shown to who is helped nor to who
 * helps: `explain` puts `neutral` in its place.
 */
import type { Bilingual } from '@amparo/contract/words'

export type ReasonKind = 'retry' | 'final' | 'info' | 'fraud'

export interface Reason {
  readonly kind: ReasonKind
  readonly title: Bilingual
  /** Missing where nothing can be done from here. */
  readonly remedy?: Bilingual
}

const reason = (kind: ReasonKind, en: string, es: string, remedyEn?: string, remedyEs?: string): Reason => ({
  kind,
  title: { en, es },
  ...(remedyEn === undefined || remedyEs === undefined ? {} : { remedy: { en: remedyEn, es: remedyEs } }),
})

/** What stands where the true reason may not be shown. */
export const neutral: Reason = reason(
  'info',
  'The review team is looking into this',
  'El equipo de revisión está viendo este caso',
  'Wait for the review team: they write to the contact on file.',
  'Espere al equipo de revisión: le escribirá al contacto que consta.',
)

export const reasons: Readonly<Record<string, Reason>> = {
  'designation.not_member': reason(
    'retry',
    'Not a member of the ecosystem',
    'No es miembro del ecosistema',
    'Invite this person as a member first, then name them again.',
    'Invite primero a esta persona como miembro y vuelva a designarla.',
  ),
  'designation.self': reason(
    'retry',
    'Owner named themself',
    'El titular se designó a sí mismo',
    'Choose another person.',
    'Elija a otra persona.',
  ),
  'designation.already_live': reason(
    'retry',
    'Another designation is live',
    'Ya hay una designación activa',
    'Revoke the other designation, or name this person as the next in line.',
    'Revoque la otra designación, o designe a esta persona como la siguiente.',
  ),
  'designation.none': reason(
    'info',
    'No designation on file',
    'No consta designación',
    'Ask for the procedure for heirs: two reviewers look at it.',
    'Pida el trámite para herederos: lo revisan dos personas.',
  ),
  'designation.forbidden': reason(
    'final',
    'Owner forbade claims',
    'El titular prohibió el traspaso',
    'Only the legal channel remains.',
    'Solo queda la vía legal.',
  ),
  'owner.mfa_off': reason(
    'retry',
    'Owner has no second factor',
    'El titular no tiene segundo factor',
    'The owner turns on the second factor in their own settings, then tries again.',
    'El titular activa el segundo factor en sus propios ajustes y lo intenta otra vez.',
  ),
  'eligibility.mfa_off': reason(
    'retry',
    'Successor has no second factor',
    'El sucesor no tiene segundo factor',
    'The successor turns on the second factor in their own settings; the check runs again.',
    'El sucesor activa el segundo factor en sus propios ajustes; la comprobación se repite.',
  ),
  'eligibility.inactive_over_30d': reason(
    'retry',
    'No activity for more than 30 days',
    'Sin actividad por más de 30 días',
    'The successor signs in once to their own account; the check runs again.',
    'El sucesor entra una vez en su propia cuenta; la comprobación se repite.',
  ),
  'eligibility.account_inactive': reason(
    'retry',
    'Account is not active',
    'La cuenta no está activa',
    'Have the licence of the account reactivated; the check runs again.',
    'Pida que se reactive la licencia de la cuenta; la comprobación se repite.',
  ),
  'eligibility.payment_overdue': reason(
    'retry',
    'Membership is overdue',
    'La membresía presenta mora',
    'Settle the membership; the check runs again.',
    'Ponga al día la membresía; la comprobación se repite.',
  ),
  'eligibility.email_unverified': reason(
    'retry',
    'E-mail not verified',
    'Correo sin verificar',
    'The successor verifies their e-mail with the link in their own settings.',
    'El sucesor verifica su correo con el enlace de sus propios ajustes.',
  ),
  'message.bounced': reason(
    'retry',
    'Message bounced',
    'El mensaje fue devuelto',
    'Correct the address; the owner has to agree to the new one.',
    'Corrija la dirección; el titular tiene que estar de acuerdo con la nueva.',
  ),
  'message.blocked': reason(
    'retry',
    'Provider refused it',
    'El proveedor lo bloqueó',
    'Use another way to reach this person.',
    'Use otra vía para llegar a esta persona.',
  ),
  'message.not_opened': reason(
    'info',
    'Delivered, link not used',
    'Entregado, enlace sin usar',
    'Look for the message, also in the spam folder, or ask for it to be sent again.',
    'Busque el mensaje, también en la carpeta de no deseados, o pida que se envíe otra vez.',
  ),
  'invitation.declined': reason(
    'final',
    'Declined by the successor',
    'Rechazada por el sucesor',
    'The owner names another person.',
    'El titular designa a otra persona.',
  ),
  'invitation.no_answer': reason(
    'retry',
    'No answer in time',
    'Sin respuesta a tiempo',
    'Ask for the invitation to be sent again, and answer it within its time.',
    'Pida que se envíe otra vez la invitación y respóndala dentro del plazo.',
  ),
  'invitation.revoked': reason('final', 'Revoked by the owner', 'Revocada por el titular'),
  'activation.link_expired': reason(
    'retry',
    'Link or QR expired',
    'Enlace o QR vencido',
    'Ask for a new link, and open it within half an hour.',
    'Pida un enlace nuevo y ábralo antes de media hora.',
  ),
  'activation.other_account': reason(
    'retry',
    'Opened from another account',
    'Abierto desde otra cuenta',
    'Sign in with the account that was invited, then open the link again.',
    'Entre con la cuenta invitada y abra otra vez el enlace.',
  ),
  'activation.code_wrong': reason(
    'retry',
    'Wrong code too often',
    'Código incorrecto varias veces',
    'Wait 15 minutes, then try again.',
    'Espere 15 minutos e inténtelo otra vez.',
  ),
  'claim.withdrawn': reason(
    'info',
    'Withdrawn by the successor',
    'Retirada por el sucesor',
    'The successor may ask again when they want to.',
    'El sucesor puede volver a pedirlo cuando quiera.',
  ),
  'claim.other_live': reason(
    'retry',
    'Another claim is live',
    'Hay otra reclamación en curso',
    'Wait until the other claim is decided.',
    'Espere a que se decida la otra reclamación.',
  ),
  'evidence.missing': reason(
    'retry',
    'A required document is missing',
    'Falta un documento obligatorio',
    'Upload the missing document in your own account.',
    'Suba el documento que falta desde su propia cuenta.',
  ),
  'evidence.illegible': reason(
    'retry',
    'Document cannot be read',
    'Documento ilegible',
    'Scan it again: whole page, flat, with light.',
    'Escanéelo de nuevo: página completa, plana y con luz.',
  ),
  'evidence.wrong_person': reason(
    'retry',
    'Names another person',
    'Corresponde a otra persona',
    'Check the name; where it changed, add the document that proves it.',
    'Compruebe el nombre; si cambió, añada el documento que lo acredita.',
  ),
  'evidence.expired': reason(
    'retry',
    'Document out of date',
    'Documento vencido',
    'Upload a newer copy.',
    'Suba una copia más reciente.',
  ),
  'evidence.unsigned': reason(
    'retry',
    'Not signed by the right person',
    'Sin la firma requerida',
    'Have it signed by the person named in the instructions, never by the successor.',
    'Pida que lo firme la persona indicada en las instrucciones, nunca el sucesor.',
  ),
  'evidence.not_attested': reason(
    'retry',
    'Declaration of truth not given',
    'Falta la declaración de veracidad',
    'Accept the declaration under the document, then send it again.',
    'Acepte la declaración que está bajo el documento y envíelo otra vez.',
  ),
  'evidence.malware': reason(
    'final',
    'File refused by the scanner',
    'Archivo rechazado por el antivirus',
    'Prepare a clean copy; it can be uploaded once the process is released.',
    'Prepare una copia limpia; podrá subirla cuando se desbloquee el proceso.',
  ),
  'evidence.forged': reason('fraud', 'Suspected false document', 'Documento presuntamente falso'),
  'identity.mismatch': reason(
    'retry',
    'ID does not match the profile',
    'La identidad no coincide con el perfil',
    'Correct your profile so that it says what your document says, then try again.',
    'Corrija su perfil para que diga lo mismo que su documento e inténtelo otra vez.',
  ),
  'identity.document_rejected': reason(
    'retry',
    'ID document refused',
    'Documento de identidad rechazado',
    'Use another identity document.',
    'Use otro documento de identidad.',
  ),
  'identity.provider_down': reason(
    'retry',
    'Provider unavailable',
    'Proveedor no disponible',
    'Nothing to do: it is tried again by itself, and the time limit waits.',
    'No tiene que hacer nada: se reintenta solo y el plazo espera.',
  ),
  'identity.impersonation': reason('fraud', 'Suspected impersonation', 'Presunta suplantación'),
  'review.rejected': reason(
    'retry',
    'The validation process was rejected',
    'El proceso de validación fue rechazado',
    'Mend what failed below, then ask support to release the process.',
    'Resuelva lo que falló abajo y pida a soporte que desbloquee el proceso.',
  ),
  'review.rejected_final': reason(
    'final',
    'Rejected, no further attempt',
    'Rechazado definitivamente',
    'You may appeal: the address is in the letter of the decision.',
    'Puede recurrir: la dirección está en la carta de la decisión.',
  ),
  'review.more_information': reason(
    'retry',
    'More information is needed',
    'Se necesita más información',
    'Answer the questions of the review in your own account.',
    'Responda las preguntas de la revisión desde su propia cuenta.',
  ),
  'review.timeout': reason(
    'info',
    'Not decided in time',
    'Sin decisión en plazo',
    'It has gone to a person in charge. You need to do nothing.',
    'Ha pasado a una persona responsable. Usted no tiene que hacer nada.',
  ),
  'owner.alive': reason(
    'info',
    'The owner is active',
    'El titular está activo',
    'The process waits: the owner decides.',
    'El proceso espera: decide el titular.',
  ),
  'owner.objected': reason('final', 'The owner objected', 'El titular se opuso'),
  'transfer.precheck_failed': reason(
    'retry',
    'Conditions changed before transfer',
    'Cambiaron las condiciones',
    'The checks of the successor run again; mend what fails there.',
    'Se repiten las comprobaciones del sucesor; resuelva lo que falle allí.',
  ),
  'transfer.adopter_error': reason(
    'retry',
    'The core system refused the change',
    'El sistema principal rechazó el cambio',
    'An engineer looks into it and tries again. You need to do nothing.',
    'Una persona técnica lo revisa y lo reintenta. Usted no tiene que hacer nada.',
  ),
  'billing.not_registered': reason(
    'info',
    'No payment method yet',
    'Aún sin medio de pago',
    'The new owner registers a payment method; until then the service stays on.',
    'El nuevo titular registra un medio de pago; mientras tanto el servicio sigue activo.',
  ),
  'process.hold_dispute': reason(
    'info',
    'On hold: dispute',
    'En espera: disputa',
    'The lead of the review decides. Nothing moves until then.',
    'Decide la persona responsable de la revisión. Hasta entonces no se mueve nada.',
  ),
  'process.not_required': reason('info', 'Not required for this reason', 'No se requiere en este caso'),
  'review.unspecified': reason(
    'info',
    'Cause not recorded by the core system',
    'El sistema principal no registró la causa',
    'Ask the reviewer for the cause.',
    'Pida la causa a quien lo revisó.',
  ),
}

/** Why support acted: the five codes that an act of an agent may carry. */
export const supportReasons = {
  'support.user_asked': reason('info', 'The user asked for it', 'Lo pidió la persona'),
  'support.user_hung_up': reason('info', 'The user hung up', 'La persona colgó'),
  'support.no_longer_needed': reason('info', 'No longer needed', 'Ya no hace falta'),
  'support.technical_fault': reason('info', 'Technical failure', 'Fallo técnico'),
  'support.other': reason('info', 'Another reason', 'Otro motivo'),
} as const satisfies Readonly<Record<string, Reason>>

/** The reason of a code as anybody may read it, or undefined for a code that is none of ours. */
export function reasonOf(code: string): Reason | undefined {
  if (Object.hasOwn(reasons, code)) return reasons[code]
  return Object.entries(supportReasons).find(([known]) => known === code)?.[1]
}

/** Codes that no screen of this module ever shows. */
export const isHidden = (code: string | undefined): boolean => code !== undefined && reasonOf(code)?.kind === 'fraud'
