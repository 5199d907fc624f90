/**
 * The table of calls: name → method, path, what goes in, what comes out. The server mounts from it, the typed client
 * and the OpenAPI document are made from it, so the three cannot disagree.
 */
import { z } from 'zod'
import {
  agentProofInput,
  askPowerInput,
  assistance,
  assistanceLine,
  closureInput,
  closureReasonInput,
  codeSent,
  consentAsked,
  consentCodeInput,
  consentInput,
  ecosystemInput,
  launched,
  launchInput,
  lookedUp,
  noteInput,
  noticeInput,
  noticeSeen,
  offered,
  offerInput,
  openInput,
  powerInput,
  presenceInput,
  surfaceSeen,
  userInput,
} from './assistance.ts'
import {
  auditEvent,
  checkpointSeen,
  exportFormats,
  exportPath,
  figures,
  inclusionSeen,
  mostSuggested,
  suggested,
  suggestion,
  verification,
} from './audit.ts'
import { cutoffInput, cutoffsSeen, liftingInput } from './cutoff.ts'
import {
  freshProof,
  newPassword,
  passkeyAsked,
  passkeyMade,
  passkeyName,
  passkeyToMake,
  placeProof,
  sixDigits,
  totpBegun,
} from './factors.ts'
import {
  alertSeen,
  approvalInput,
  approvalSeen,
  approvalWaiting,
  glassInput,
  oversightSeen,
  reviewInput,
  reviewSeen,
  secondProofs,
} from './oversight.ts'
import { me, meElsewhere, signedIn } from './people.ts'
import { digitsInput, phoneLaunch, phoneLinkSent } from './phone.ts'
import { longestSearch } from './search.ts'
import {
  actDone,
  actInput,
  askReleaseInput,
  detailsSeen,
  releaseAsked,
  releaseInput,
  successionQuery,
  timelineSeen,
} from './succession.ts'
import { surfaceSetUp } from './surfaces.ts'
import { bilingual, instant, languages, oursWords, reasonCode, states } from './words.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path with `{name}` parts. */
  readonly path: string
  readonly does: string
  readonly status: 200 | 201 | 202
  readonly input?: z.ZodType
  readonly query?: z.ZodType
  readonly output: z.ZodType
  /** True where nobody needs to be signed in. */
  readonly open?: true
}

const one = '/api/v1/assistances/{id}'
const nothing = z.strictObject({})
const pageOf = <T extends z.ZodType>(row: T) =>
  z.strictObject({ items: z.array(row), nextCursor: z.string().optional() })
const limit = z.coerce.number().int().min(1).max(200).default(50)

export const api = {
  about: {
    method: 'GET',
    path: '/api/v1/about',
    status: 200,
    open: true,
    does: 'What runs here: its version, and whether it is a demo with an inbox of its own.',
    output: z.strictObject({ version: z.string(), inbox: z.boolean() }),
  },
  signIn: {
    method: 'POST',
    path: '/api/v1/session',
    status: 201,
    open: true,
    does: "Signs an agent in with an embedded account and sets the console's session cookie.",
    input: z.strictObject({ email: z.string().min(3).max(254), password: z.string().min(1).max(256) }),
    output: signedIn,
  },
  whoAmI: {
    method: 'GET',
    path: '/api/v1/session',
    status: 200,
    does: 'Who is signed in; or, where this session was not proven yet, that it takes a proof, and which (`elsewhere`).',
    output: z.union([me, meElsewhere]),
  },
  signOut: {
    method: 'DELETE',
    path: '/api/v1/session',
    status: 200,
    output: nothing,
    does: 'Signs out; what this session had under way ends as agent_signed_out.',
  },
  signInWays: {
    method: 'GET',
    path: '/api/v1/session/ways',
    status: 200,
    open: true,
    does: 'How agents sign in here: with a password, or at an identity provider; then where to go for it, and to sign out there too.',
    output: z.strictObject({
      password: z.boolean(),
      issuer: z.strictObject({ name: z.string(), url: z.string(), signOut: z.string() }).optional(),
    }),
  },
  sendPlaceCode: {
    method: 'POST',
    path: '/api/v1/session/place/code',
    status: 202,
    input: nothing,
    output: z.strictObject({ maskedTo: z.string(), resendAt: instant }),
    does: 'Sends the agent a code, to show in this place that it is them. Not for those who have something stronger.',
  },
  showPlace: {
    method: 'PUT',
    path: '/api/v1/session/place',
    status: 200,
    input: placeProof,
    output: me,
    does: 'Shows that it is the agent who uses their session from here (by `freshChallenge`, where it is a passkey). It gets a new cookie; what is open in it goes on.',
  },
  changePassword: {
    method: 'PUT',
    path: '/api/v1/session/password',
    status: 200,
    input: z.strictObject({ password: z.string().min(1).max(256), next: newPassword }),
    output: me,
    does: 'Changes the own password. Every other session of this agent ends.',
  },
  lookAtInvite: {
    method: 'POST',
    path: '/api/v1/invites/look',
    status: 200,
    open: true,
    input: z.strictObject({ token: z.string().min(1).max(128) }),
    output: z.strictObject({ name: z.string(), email: z.string(), expiresAt: instant }),
    does: 'Whom a sign-in link is for; uses nothing up.',
  },
  acceptInvite: {
    method: 'POST',
    path: '/api/v1/invites',
    status: 201,
    open: true,
    input: z.strictObject({ token: z.string().min(1).max(128), password: newPassword }),
    output: signedIn,
    does: 'Uses a sign-in link: sets the password and signs in. Once.',
  },
  freshChallenge: {
    method: 'POST',
    path: '/api/v1/factors/challenge',
    status: 200,
    input: nothing,
    output: passkeyAsked,
    does: 'Passkey options to show again who one is, before factors are changed.',
  },
  sendFactorCode: {
    method: 'POST',
    path: '/api/v1/factors/code',
    status: 202,
    input: z.strictObject({ fresh: freshProof }),
    output: z.strictObject({ maskedTo: z.string(), resendAt: instant }),
    does: "Sends a code to the agent's own address, which their first passkey or app takes besides (`fresh.mailbox`).",
  },
  showFactorCode: {
    method: 'PUT',
    path: '/api/v1/factors/code',
    status: 200,
    input: z.strictObject({ code: sixDigits }),
    output: nothing,
    does: 'Shows by that code that the address is theirs. For ten minutes this session may add the first factor.',
  },
  beginPasskey: {
    method: 'POST',
    path: '/api/v1/factors/passkeys/options',
    status: 200,
    input: z.strictObject({ fresh: freshProof }),
    output: passkeyToMake,
    does: 'Options to make a passkey with.',
  },
  keepPasskey: {
    method: 'POST',
    path: '/api/v1/factors/passkeys',
    status: 201,
    input: z.strictObject({ name: passkeyName, response: passkeyMade }),
    output: me,
    does: 'Keeps the passkey that was made; the agent is told by mail.',
  },
  renamePasskey: {
    method: 'PUT',
    path: '/api/v1/factors/passkeys/{passkeyId}',
    status: 200,
    input: z.strictObject({ name: passkeyName }),
    output: me,
    does: 'Gives a passkey another name.',
  },
  removePasskey: {
    method: 'POST',
    path: '/api/v1/factors/passkeys/{passkeyId}/removal',
    status: 200,
    input: z.strictObject({ fresh: freshProof }),
    output: me,
    does: 'Removes a passkey; the agent is told by mail.',
  },
  answerPasskeyOffer: {
    method: 'PUT',
    path: '/api/v1/factors/passkey-offer',
    status: 200,
    input: z.strictObject({ answer: z.literal('later') }),
    output: me,
    does: 'Not now: a passkey is offered again in two weeks.',
  },
  beginTotp: {
    method: 'POST',
    path: '/api/v1/factors/totp',
    status: 201,
    input: z.strictObject({ fresh: freshProof }),
    output: totpBegun,
    does: 'A new secret for an authenticator app. It counts once a code of it was typed.',
  },
  keepTotp: {
    method: 'PUT',
    path: '/api/v1/factors/totp',
    status: 200,
    input: z.strictObject({ code: sixDigits }),
    output: me,
    does: 'Keeps the secret that was begun, proved by a code of it; the agent is told by mail.',
  },
  removeTotp: {
    method: 'POST',
    path: '/api/v1/factors/totp/removal',
    status: 200,
    input: z.strictObject({ fresh: freshProof }),
    output: me,
    does: 'Removes the authenticator app; the agent is told by mail.',
  },
  reasons: {
    method: 'GET',
    path: '/api/v1/reasons',
    status: 200,
    does: "The vendor's reasons for an assistance, in both languages.",
    output: z.strictObject({ reasons: z.array(z.strictObject({ code: reasonCode, name: bilingual })) }),
  },
  notice: {
    method: 'GET',
    path: '/api/v1/notice',
    status: 200,
    does: "The supervisor's notice, for everybody at the desk; nothing where there is none.",
    output: z.strictObject({ notice: noticeSeen.optional() }),
  },
  setNotice: {
    method: 'PUT',
    path: '/api/v1/notice',
    status: 200,
    input: noticeInput,
    output: z.strictObject({ notice: noticeSeen.optional() }),
    does: 'Says something to everybody at the desk, or with an empty text takes it back. Supervisors only.',
  },
  open: {
    method: 'POST',
    path: '/api/v1/assistances',
    status: 201,
    input: openInput,
    output: assistance,
    does: 'Opens an assistance. Reveals nothing about the user and sends nothing.',
  },
  list: {
    method: 'GET',
    path: '/api/v1/assistances',
    status: 200,
    output: pageOf(assistanceLine).extend({ now: instant }),
    does: "An agent's own assistances, newest first; all of them for a supervisor.",
    query: z.strictObject({
      state: z.enum([...states, 'live']).optional(),
      agent: z.string().max(128).optional(),
      user: z.string().max(254).optional(),
      /** Only what was opened in the last so many hours. */
      openedWithinHours: z.coerce.number().int().min(1).max(8784).optional(),
      cursor: z.string().max(256).optional(),
      limit,
    }),
  },
  get: {
    method: 'GET',
    path: one,
    status: 200,
    does: 'The whole truth about one assistance, also when closed.',
    output: assistance,
  },
  sendAgentCode: {
    method: 'POST',
    path: `${one}/agent-code`,
    status: 202,
    input: nothing,
    output: codeSent,
    does: "Sends (or resends) the agent's own code.",
  },
  challengeAgent: {
    method: 'POST',
    path: `${one}/agent-challenge`,
    status: 200,
    input: nothing,
    output: passkeyAsked,
    does: "Passkey options for the agent's fresh proof: for this assistance, one use, two minutes.",
  },
  proveAgent: {
    method: 'PUT',
    path: `${one}/agent-proof`,
    status: 200,
    input: agentProofInput,
    output: lookedUp,
    does: 'Proves the agent and looks the user up.',
  },
  correctUser: {
    method: 'PUT',
    path: `${one}/user`,
    status: 200,
    input: userInput,
    output: lookedUp,
    does: "Corrects the user's e-mail and looks up again.",
  },
  chooseEcosystem: {
    method: 'PUT',
    path: `${one}/ecosystem`,
    status: 200,
    input: ecosystemInput,
    output: assistance,
    does: 'Chooses the ecosystem; voids a message sent for another one.',
  },
  askConsent: {
    method: 'POST',
    path: `${one}/consent-code`,
    status: 202,
    input: consentCodeInput,
    output: consentAsked,
    does: "Sends (or resends) the user's message.",
  },
  proveUser: {
    method: 'PUT',
    path: `${one}/consent`,
    status: 200,
    input: consentInput,
    output: z.strictObject({ state: z.enum(states), surfaces: z.array(surfaceSeen) }),
    does: 'What the user read out: the six digits of the message, or the two digits of the page.',
  },
  askPresence: {
    method: 'POST',
    path: `${one}/presence-code`,
    status: 202,
    input: nothing,
    output: z.strictObject({ channels: consentAsked.shape.channels, expiresAt: instant, resendAt: instant }),
    does: 'Asks whether the user is still there: a code goes to them, to be read out.',
  },
  provePresence: {
    method: 'PUT',
    path: `${one}/presence`,
    status: 200,
    input: presenceInput,
    output: assistance,
    does: 'The presence code that the user read out; restarts the 15 minutes.',
  },
  launch: {
    method: 'POST',
    path: `${one}/launches`,
    status: 201,
    input: launchInput,
    output: z.union([launched, phoneLaunch]),
    does: "Opens one surface. In a tab: one ticket, 60 seconds, one use, this browser; POST it as a form to `url` with the console's Origin. On a phone: a QR code; asked again, a new one that voids the one before.",
  },
  phoneLaunch: {
    method: 'GET',
    path: `${one}/launches/{launchId}`,
    status: 200,
    output: phoneLaunch,
    does: 'The QR code of a launch on a phone as it is now, and the phone that scanned it.',
  },
  matchPhone: {
    method: 'PUT',
    path: `${one}/launches/{launchId}/match`,
    status: 200,
    input: digitsInput,
    output: phoneLaunch,
    does: 'The two digits that the phone shows: one try. Wrong ones close that code and that phone.',
  },
  closePhone: {
    method: 'DELETE',
    path: `${one}/launches/{launchId}`,
    status: 200,
    output: phoneLaunch,
    does: 'Closes this code, and the phone that it opened; the assistance goes on.',
  },
  sendPhoneLink: {
    method: 'POST',
    path: `${one}/launches/{launchId}/link`,
    status: 202,
    input: z.strictObject({}),
    output: phoneLinkSent,
    does: "Sends the link of this code to the agent's own number and mail, and to nobody else's.",
  },
  succession: {
    method: 'GET',
    path: `${one}/succession`,
    status: 200,
    query: successionQuery,
    output: timelineSeen,
    does: 'The succession of the chosen ecosystem: where it stands, what happened, what is to come. Only in Ecosystem Admin, only while it is active.',
  },
  successionStep: {
    method: 'GET',
    path: `${one}/succession/steps/{stepId}`,
    status: 200,
    query: successionQuery,
    output: detailsSeen,
    does: '*See details* of one entry, or of one step to come.',
  },
  askRelease: {
    method: 'POST',
    path: `${one}/succession/release-code`,
    status: 202,
    input: askReleaseInput,
    output: releaseAsked,
    does: 'Sends (or resends) the third code: it releases this one rejected process and nothing else.',
  },
  release: {
    method: 'PUT',
    path: `${one}/succession/release`,
    status: 200,
    input: releaseInput,
    output: actDone,
    does: 'Hands the release to the vendor, with the code that the user read out or the two digits of their page, a reason and a note.',
  },
  act: {
    method: 'POST',
    path: `${one}/succession/acts`,
    status: 200,
    input: actInput,
    output: actDone,
    does: 'Sends a message again, sends help, leaves a note or tells a supervisor. What support never does is refused here.',
  },
  askPower: {
    method: 'POST',
    path: `${one}/powers`,
    status: 202,
    input: askPowerInput,
    output: z.strictObject({ channels: consentAsked.shape.channels, expiresAt: instant, resendAt: instant }),
    does: 'Asks the user for one sensitive power, with a message and a code for that power only.',
  },
  grantPower: {
    method: 'PUT',
    path: `${one}/powers/{power}`,
    status: 200,
    input: powerInput,
    output: assistance,
    does: 'Grants it: the six digits of that message, or the two digits of the page.',
  },
  closeSurface: {
    method: 'PUT',
    path: `${one}/surfaces/{surface}/closure`,
    status: 200,
    input: nothing,
    output: assistance,
    does: 'Closes one surface; the others stay.',
  },
  close: {
    method: 'PUT',
    path: `${one}/closure`,
    status: 200,
    input: closureInput,
    output: assistance,
    does: 'Ends the assistance and waits at most 2 s for the surfaces to acknowledge.',
  },
  explainClosure: {
    method: 'PUT',
    path: `${one}/closure-reason`,
    status: 200,
    input: closureReasonInput,
    output: assistance,
    does: 'Says why it was ended, once, until 24 hours later.',
  },
  addNote: {
    method: 'POST',
    path: `${one}/notes`,
    status: 201,
    input: noteInput,
    output: assistance,
    does: 'Adds a note, until 24 hours after the end. For its agent or a supervisor.',
  },
  cutoffs: {
    method: 'GET',
    path: '/api/v1/cutoffs',
    status: 200,
    output: cutoffsSeen,
    does: 'What is switched off at the moment: everything, a product, an ecosystem. For everybody at the desk.',
  },
  cutOff: {
    method: 'POST',
    path: '/api/v1/cutoffs',
    status: 201,
    input: cutoffInput,
    output: cutoffsSeen,
    does: 'Switches assisted access off at once and ends what is open there. Supervisors and administrators, with a fresh proof.',
  },
  liftCutoff: {
    method: 'PUT',
    path: '/api/v1/cutoffs/{cutoffId}/lifting',
    status: 200,
    input: liftingInput,
    output: cutoffsSeen,
    does: 'Switches it on again. What it ended stays ended. Supervisors and administrators, with a fresh proof.',
  },
  decide: {
    method: 'PUT',
    path: `${one}/approvals/{approvalId}`,
    status: 200,
    input: approvalInput,
    output: approvalSeen,
    does: 'A second person answers: a supervisor, never its agent. A yes takes a fresh proof of theirs.',
  },
  offer: {
    method: 'PUT',
    path: `${one}/hand-over`,
    status: 200,
    input: offerInput,
    output: assistance,
    does: 'Offers it to colleagues, or takes the offer back. Nothing changes for the user before they say yes to somebody else.',
  },
  offers: {
    method: 'GET',
    path: '/api/v1/hand-overs',
    status: 200,
    output: z.strictObject({ items: z.array(offered) }),
    does: 'What colleagues would hand over and this agent may take.',
  },
  takeOver: {
    method: 'POST',
    path: '/api/v1/hand-overs/{assistanceId}',
    status: 201,
    input: nothing,
    output: assistance,
    does: "Begins to take over: an assistance of one's own, prefilled. With the user's yes the first ends handed_over.",
  },
  ours: {
    method: 'POST',
    path: '/api/v1/ours',
    status: 200,
    input: z.strictObject({ text: z.string().trim().min(1).max(300) }),
    output: z.strictObject({ ours: z.enum(oursWords) }),
    does: 'Whether a reference, a link, a number or a sender is ours. Nothing else is told, and guessing is not worth it.',
  },
  askGlass: {
    method: 'POST',
    path: `${one}/break-glass`,
    status: 202,
    input: glassInput,
    output: assistance,
    does: 'Asks two supervisors whether this agent may look without a consent. Only where policy names who may ask.',
  },
  breakGlass: {
    method: 'PUT',
    path: `${one}/break-glass`,
    status: 200,
    input: nothing,
    output: assistance,
    does: 'Begins what two supervisors agreed to: looking, half an hour at the most. User and owner are told at once.',
  },
  oversight: {
    method: 'GET',
    path: '/api/v1/oversight',
    status: 200,
    output: oversightSeen,
    does: 'How much waits for this supervisor, as numbers, and a mark that changes with the lists behind them.',
  },
  reviews: {
    method: 'GET',
    path: '/api/v1/reviews',
    status: 200,
    output: z.strictObject({ items: z.array(reviewSeen) }),
    does: 'What has to be looked at: help without a consent, and help that its user reports or objects to; open ones first, then those of the last thirty days. Supervisors only.',
  },
  closeReview: {
    method: 'PUT',
    path: `${one}/review`,
    status: 200,
    input: reviewInput,
    output: reviewSeen,
    does: 'Closes a review and writes down what was found: a supervisor who had no part in it, once it has ended.',
  },
  approvals: {
    method: 'GET',
    path: '/api/v1/approvals',
    status: 200,
    output: z.strictObject({ items: z.array(approvalWaiting), proofs: z.array(z.enum(secondProofs)) }),
    does: 'What waits for a second person, the oldest first, and which proofs a yes takes. Supervisors only.',
  },
  alerts: {
    method: 'GET',
    path: '/api/v1/alerts',
    status: 200,
    output: z.strictObject({ items: z.array(alertSeen) }),
    does: 'What was unusual in the last thirty days, newest first, a hundred at most. Supervisors only, and none of what concerns whoever asks.',
  },
  seeAlert: {
    method: 'PUT',
    path: '/api/v1/alerts/{alertId}/seen',
    status: 200,
    input: nothing,
    output: alertSeen,
    does: 'Says that a supervisor has seen an alert; the first who says so stands beside it. Never whom it concerns.',
  },
  surfaces: {
    method: 'GET',
    path: '/api/v1/surfaces',
    status: 200,
    output: z.strictObject({ surfaces: z.array(surfaceSetUp) }),
    does: 'The products as they are configured, and how they acknowledge endings. No address and no secret.',
  },
  auditEvents: {
    method: 'GET',
    path: '/api/v1/audit/events',
    status: 200,
    output: pageOf(auditEvent),
    does: 'The record, newest first. Auditors only.',
    query: z.strictObject({
      /** Qualifiers, as a person types them: see `search.ts`. */
      q: z.string().max(longestSearch).optional(),
      assistance: z.string().max(128).optional(),
      agent: z.string().max(128).optional(),
      user: z.string().max(128).optional(),
      type: z.string().max(64).optional(),
      cursor: z.string().max(256).optional(),
      limit,
    }),
  },
  auditFigures: {
    method: 'GET',
    path: '/api/v1/audit/figures',
    status: 200,
    output: figures,
    does: 'The record in numbers, by the days of the search and of nothing else in it: assistances by their ending, from request to consent, and what was refused. Thirty days where the search names no first one, 92 at the most. Auditors only.',
    query: z.strictObject({
      q: z.string().max(longestSearch).optional(),
      /** The zone whose days are meant, by its name of the time zone database. */
      timeZone: z.string().max(64).default('UTC'),
    }),
  },
  auditCount: {
    method: 'GET',
    path: '/api/v1/audit/count',
    status: 200,
    output: z.strictObject({ events: z.int(), more: z.boolean() }),
    does: 'How many events a search finds, counted up to ten thousand; `more` where there are more than that. Auditors only, and recorded.',
    query: z.strictObject({ q: z.string().max(longestSearch).optional() }),
  },
  auditSuggestions: {
    method: 'GET',
    path: '/api/v1/audit/suggestions',
    status: 200,
    output: z.strictObject({ items: z.array(suggestion).max(mostSuggested) }),
    does: 'What the record holds that a qualifier of a search can be given and that begins with what was typed; of kinds of events and endings what holds it anywhere. Nothing is suggested that the search itself would not show. Auditors only; what names people is recorded.',
    query: z.strictObject({ of: z.enum(suggested), text: z.string().max(128).default('') }),
  },
  auditCheckpoint: {
    method: 'GET',
    path: '/api/v1/audit/checkpoint',
    status: 200,
    output: checkpointSeen,
    does: 'How far the record has come, signed; with `since`, proof that it begins with what an older checkpoint counted. Auditors only.',
    query: z.strictObject({ since: z.coerce.number().int().min(1).optional() }),
  },
  auditProof: {
    method: 'GET',
    path: '/api/v1/audit/events/{seq}/proof',
    status: 200,
    output: inclusionSeen,
    does: 'Proof that the event in this place is in the record that was signed. Auditors only.',
  },
  verifyRecord: {
    method: 'POST',
    path: '/api/v1/audit/verification',
    status: 200,
    input: z.strictObject({
      /** Checkpoints that others kept, as signed notes. */
      witnesses: z.array(z.string().max(2000)).max(20).default([]),
    }),
    output: verification,
    does: 'Goes through the whole record, from its first event to its last, and names the first that was changed, taken out, put in or moved. Auditors only.',
  },
} as const satisfies Record<string, Call>

/** What answers with something else than one value: streams of events, a file, and the document of it all. Each is a GET. */
export interface Other {
  readonly path: string
  readonly does: string
  readonly types: readonly [string, ...string[]]
  readonly query?: z.ZodType
  /** True where it goes on after the event that `Last-Event-ID` names. */
  readonly resumes?: true
  /** True where nobody needs to be signed in. */
  readonly open?: true
}

export const others = {
  hear: {
    path: `${one}/stream`,
    types: ['text/event-stream'],
    resumes: true,
    query: z.strictObject({ after: z.coerce.number().int().optional() }),
    does: 'What happens in one assistance, as it happens: the events `state`, `message`, `surface`, `deadline` and `note`, each with its number as `id` and `{n, type, at}` as data. It begins with the first, or after the number of `Last-Event-ID` (or `after`). For its agent or a supervisor; it ends where a request would be refused.',
  },
  hearLive: {
    path: '/api/v1/live',
    types: ['text/event-stream'],
    does: 'What is live, whole, each time that it is not as it was told before: the event `list`, with the answer of `list` as data. All of it for a supervisor, for an agent their own; it ends where a request would be refused.',
  },
  takeRecord: {
    path: exportPath,
    types: ['application/jsonl', 'text/csv', 'application/pdf'],
    query: z.strictObject({
      format: z.enum(exportFormats).default('jsonl'),
      q: z.string().max(longestSearch).optional(),
      /** The language of a PDF; that of whoever asks where it is missing. */
      lang: z.enum(languages).optional(),
    }),
    does: 'The record as a file, or the part of it that is searched for. Whole and as JSON Lines it can be verified without anything else; as a PDF it is for reading, a thousand events at the most. Auditors only.',
  },
  describe: {
    path: '/api/v1/openapi.json',
    types: ['application/json'],
    open: true,
    does: 'This document.',
  },
} as const satisfies Record<string, Other>

export type Api = typeof api
export type CallName = keyof Api
export type InputOf<Name extends CallName> = Api[Name] extends { input: infer In extends z.ZodType }
  ? z.input<In>
  : undefined
export type OutputOf<Name extends CallName> = z.output<Api[Name]['output']>

/** The body of every refusal: RFC 9457, with our refusal word as `code`. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
})
export type Problem = z.infer<typeof problem>
