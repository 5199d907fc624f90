/** The table of calls as an OpenAPI 3.1 document: nothing in it is written twice, so it cannot lag behind. */
import { z } from 'zod'
import { api, type Call, type Other, others, problem } from './api.ts'
import * as assistance from './assistance.ts'
import * as audit from './audit.ts'
import * as factors from './factors.ts'
import * as people from './people.ts'
import * as phone from './phone.ts'
import { refusals, sentenceOf, statusOf } from './refusals.ts'

type Json = Record<string, unknown>

export interface OpenApiOptions {
  readonly title: string
  readonly version: string
  readonly servers?: readonly { readonly url: string; readonly description?: string }[]
}

/** Shapes that deserve a name of their own in the document; every other shape is named after its call. */
const named: Record<string, z.ZodType> = {
  Assistance: assistance.assistance,
  AssistanceLine: assistance.assistanceLine,
  LookedUp: assistance.lookedUp,
  CodeSent: assistance.codeSent,
  ConsentAsked: assistance.consentAsked,
  Launched: assistance.launched,
  PhoneLaunch: phone.phoneLaunch,
  Surface: assistance.surfaceSeen,
  Act: assistance.actSeen,
  Note: assistance.noteSeen,
  Notice: assistance.noticeSeen,
  Message: assistance.messageSeen,
  AuditEvent: audit.auditEvent,
  Ecosystem: people.ecosystemSeen,
  User: people.userSeen,
  Agent: people.agentSeen,
  Me: people.me,
  SignedIn: people.signedIn,
  Factors: factors.factorsSeen,
  FreshProof: factors.freshProof,
  PasskeyAsked: factors.passkeyAsked,
  TotpBegun: factors.totpBegun,
  Problem: problem,
}

export function openapi(options: OpenApiOptions): Json {
  const answers = shapes('output', { ...named, ...ofCalls('Answer', (call) => call.output) })
  const bodies = shapes(
    'input',
    ofCalls('Body', (call) => call.input),
  )
  const paths: Record<string, Json> = {}
  for (const [name, call] of Object.entries<Call>(api)) {
    paths[call.path] = { ...paths[call.path], [call.method.toLowerCase()]: operation(name, call, answers, bodies) }
  }
  for (const [name, other] of Object.entries<Other>(others)) paths[other.path] = { get: otherOperation(name, other) }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: options.title, version: options.version, license: { name: 'MIT', identifier: 'MIT' } },
    ...(options.servers && { servers: options.servers }),
    security: [{ cookie: [] }, { bearer: [] }],
    paths,
    components: {
      schemas: { ...answers.schemas, ...bodies.schemas, RefusalWord: refusalWord() },
      responses: { Refused: refused() },
      parameters: { IdempotencyKey: idempotencyKey() },
      securitySchemes: {
        cookie: { type: 'apiKey', in: 'cookie', name: '__Host-amparo', description: "The console's own session." },
        bearer: { type: 'http', scheme: 'bearer', description: "An agent's token, for scripts." },
      },
    },
  }
}

interface Shapes {
  readonly schemas: Record<string, unknown>
  refOf(shape: z.ZodType): Json
}

const ofCalls = (ending: string, pick: (call: Call) => z.ZodType | undefined): Record<string, z.ZodType> =>
  Object.fromEntries(
    Object.entries<Call>(api).flatMap(([name, call]) => {
      const shape = pick(call)
      return shape ? [[`${name[0]?.toUpperCase()}${name.slice(1)}${ending}`, shape] as const] : []
    }),
  )

/** Turns shapes into components that refer to one another; a shape with two names keeps the first. */
function shapes(io: 'input' | 'output', wanted: Record<string, z.ZodType>): Shapes {
  const registry = z.registry<{ id: string }>()
  const idOf = new Map<z.ZodType, string>()
  for (const [id, shape] of Object.entries(wanted)) {
    if (idOf.has(shape)) continue
    idOf.set(shape, id)
    registry.add(shape, { id })
  }
  const made = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}` })
  const schemas: Record<string, unknown> = {}
  for (const [id, { $schema: _, $id: __, ...schema }] of Object.entries(made.schemas)) schemas[id] = schema
  return { schemas, refOf: (shape) => ({ $ref: `#/components/schemas/${idOf.get(shape)}` }) }
}

function operation(name: string, call: Call, answers: Shapes, bodies: Shapes): Json {
  const parameters = [...pathParameters(call), ...queryParameters(call), ...keyParameter(call)]
  return {
    operationId: name,
    summary: call.does,
    ...(call.open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(call.input && {
      requestBody: { required: true, content: { 'application/json': { schema: bodies.refOf(call.input) } } },
    }),
    responses: {
      [call.status]: {
        description: 'Done.',
        content: { 'application/json': { schema: answers.refOf(call.output) } },
      },
      default: { $ref: '#/components/responses/Refused' },
    },
  }
}

function otherOperation(name: string, other: Other): Json {
  const parameters = [...pathParameters(other), ...queryParameters(other), ...(other.resumes ? [lastEventId()] : [])]
  const body = (type: string) => ({ schema: { type: type === 'application/json' ? 'object' : 'string' } })
  return {
    operationId: name,
    summary: other.does,
    ...(other.open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    responses: {
      200: { description: 'Done.', content: Object.fromEntries(other.types.map((type) => [type, body(type)])) },
      default: { $ref: '#/components/responses/Refused' },
    },
  }
}

const lastEventId = (): Json => ({
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The `id` of the last event that was heard.',
  schema: { type: 'string' },
})

const pathParameters = (call: Pick<Call, 'path'>): Json[] =>
  [...call.path.matchAll(/\{(\w+)\}/g)].map(([, part]) => ({
    name: part,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

function queryParameters(call: Pick<Call, 'query'>): Json[] {
  if (!(call.query instanceof z.ZodObject)) return []
  const fields: Record<string, unknown> = z.toJSONSchema(call.query, { io: 'input' }).properties ?? {}
  return Object.entries(fields).map(([field, schema]) => ({ name: field, in: 'query', required: false, schema }))
}

const keyParameter = (call: Call): Json[] =>
  call.method === 'POST' || call.method === 'PUT' ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []

const idempotencyKey = (): Json => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Optional: nothing that must not happen twice depends on it. The same key with the same request gives the same answer for a day (draft-ietf-httpapi-idempotency-key-header): 400 where it is no key, 409 while the first request is under way, 422 with another request. Bare, or in quotation marks.',
  schema: { type: 'string', minLength: 8, maxLength: 260 },
})

const refusalWord = (): Json => ({
  type: 'string',
  enum: refusals,
  description: refusals.map((word) => `- \`${word}\` ${statusOf(word)}: ${sentenceOf(word).en}`).join('\n'),
})

const refused = (): Json => ({
  description: 'Refused: an RFC 9457 problem whose `code` is one of RefusalWord.',
  content: {
    'application/problem+json': {
      schema: {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          { type: 'object', properties: { code: { $ref: '#/components/schemas/RefusalWord' }, ...carried } },
        ],
      },
    },
  },
})

/** What a refusal carries beside its word, where it has such a thing. */
const anInstant = { type: 'string', format: 'date-time' }
const carried: Json = {
  errors: {
    description: 'Of `request.invalid`, always: what is wrong, and where.',
    type: 'array',
    items: {
      type: 'object',
      properties: { path: { type: 'string' }, message: { type: 'string' } },
      required: ['path', 'message'],
    },
  },
  attemptsLeft: { description: 'Of `code.wrong` and `match.wrong`: tries that are left.', type: 'integer' },
  resendAt: { description: 'Of `code.too_soon` and `launch.sent`: when it can be sent again.', ...anInstant },
  retryAt: { description: 'Of `rate.limited`: when there is room again.', ...anInstant },
  until: { description: 'Of `pair.locked` and `agent.locked`: until when.', ...anInstant },
  id: { description: 'Of `agent.busy`: the assistance that is in the way.', type: 'string' },
  approval: { description: 'Of `approval.needed`: what waits for its answer.', type: 'string' },
  because: { description: 'Of `assistance.closed`: how it ended.', type: 'string' },
  why: { description: 'A word of its own where one refusal has several causes.', type: 'string' },
}
