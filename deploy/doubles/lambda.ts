/**
 * A host of Lambda functions: the Invoke API in front, the real Runtime API behind, and each instance of a function a
 * process of its own that runs the very bundle that would be deployed. Cold and warm starts, time-outs, crashes and
 * throttling are what they are at AWS; an instance takes one call at a time, and a new one is started while there is room.
 * A payload over 6 MB is refused.
 *
 * What it does not do: queues and retries of asynchronous calls, versions and aliases (every one is `$LATEST`), layers,
 * limits of memory, frozen instances between calls, streaming answers, extensions, IAM.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Faults, type Reply, read, reply, startService } from './service.ts'

export interface FunctionSettings {
  /** The folder of its bundle. */
  readonly root: string
  /** `index.handler`: the file without its ending, and what it exports. */
  readonly handler: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  /** Instances at the most; a call beyond them is throttled. */
  readonly concurrency?: number
}

export interface HostSettings {
  readonly port?: number
  readonly functions: Readonly<Record<string, FunctionSettings>>
  /** Hears each line of a function's log, its own and those of the runtime. */
  log?(name: string, line: string): void
}

export interface Host extends Faults {
  readonly url: string
  /** Every line so far. */
  readonly lines: readonly { readonly name: string; readonly line: string }[]
  /** How many instances were ever started of it: each is a cold start. */
  coldStarts(name: string): number
  /** Kills what runs of this function, as a lack of memory would. */
  crash(name: string): void
  close(): Promise<void>
}

interface Invocation {
  readonly id: string
  readonly payload: Buffer
  done(answer: { readonly payload: Buffer; readonly error?: string }): void
}
interface Instance {
  readonly key: string
  readonly child: ChildProcess
  /** Waits for something to do. */
  idle: ServerResponse | undefined
  /** Has asked for a call at least once. */
  ready: boolean
  current: Invocation | undefined
  timer: NodeJS.Timeout | undefined
  /** Said why it cannot begin. */
  unfit: Buffer | undefined
}
interface Func extends FunctionSettings {
  readonly name: string
  readonly instances: Set<Instance>
  readonly waiting: Invocation[]
  starts: number
}

const account = '000000000000'
const largest = 6 * 1024 * 1024

export async function startLambda({ port = 0, functions, log }: HostSettings): Promise<Host> {
  const all = new Map<string, Func>(
    Object.entries(functions).map(([name, one]) => [
      name,
      { ...one, name, instances: new Set(), waiting: [], starts: 0 },
    ]),
  )
  const byKey = new Map<string, { readonly func: Func; readonly instance: Instance }>()
  const lines: { name: string; line: string }[] = []
  const say = (name: string, line: string) => {
    lines.push({ name, line })
    log?.(name, line)
  }
  const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:${account}:function:${name}`

  // ── The Runtime API ───────────────────────────────────────────────────────────────────────────────────────────────

  const runtime = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => runtime.listen(0, '127.0.0.1', resolve))
  const runtimeAt = `127.0.0.1:${(runtime.address() as AddressInfo).port}`

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const [, key = '', step = '', , kind] =
      /^\/([0-9a-f-]+)\/2018-06-01\/runtime\/(invocation\/next|init\/error|invocation\/([\w-]+)\/(response|error))$/.exec(
        request.url ?? '',
      ) ?? []
    const known = byKey.get(key)
    if (!known) return reply(response, { status: 404 })
    const { func, instance } = known
    if (step === 'invocation/next') {
      instance.idle = response
      instance.ready = true
      return pump(func)
    }
    const { body } = await read(request)
    reply(response, { status: 202, headers: { 'content-type': 'application/json' }, body: '{"status":"OK"}' })
    if (step === 'init/error') instance.unfit = body
    else over(func, instance, kind === 'error' ? { payload: body, error: 'Unhandled' } : { payload: body })
  }

  function begin(func: Func): void {
    const key = randomUUID()
    func.starts += 1
    const child = spawn(process.execPath, [join(import.meta.dirname, 'bootstrap.mjs')], {
      // Nothing of ours: a function has the environment that it was given, and what its host gives every one.
      env: {
        PATH: process.env.PATH,
        AWS_LAMBDA_RUNTIME_API: `${runtimeAt}/${key}`,
        AWS_LAMBDA_FUNCTION_NAME: func.name,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'AKIADOUBLE',
        AWS_SECRET_ACCESS_KEY: 'of-a-double',
        _HANDLER: func.handler,
        LAMBDA_TASK_ROOT: func.root,
        NODE_NO_WARNINGS: '1',
        ...func.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const instance: Instance = {
      key,
      child,
      idle: undefined,
      ready: false,
      current: undefined,
      timer: undefined,
      unfit: undefined,
    }
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => say(func.name, line))
    func.instances.add(instance)
    byKey.set(key, { func, instance })
    child.once('exit', () => {
      func.instances.delete(instance)
      byKey.delete(key)
      const said = instance.unfit ?? errorOf('Runtime.ExitError', 'Error: Runtime exited without providing a reason')
      over(func, instance, { payload: said, error: 'Unhandled' })
      // It never began: whoever waits for it learns why.
      if (!instance.ready) for (const one of func.waiting.splice(0)) one.done({ payload: said, error: 'Unhandled' })
      else if (func.waiting.length > func.instances.size) begin(func)
    })
  }

  function pump(func: Func): void {
    for (const instance of func.instances) {
      const { idle } = instance
      const call = idle && func.waiting.shift()
      if (!idle || !call) continue
      instance.idle = undefined
      instance.current = call
      const deadline = Date.now() + func.timeoutSeconds * 1000
      say(func.name, `START RequestId: ${call.id} Version: $LATEST`)
      instance.timer = setTimeout(() => {
        const text = `${new Date().toISOString()} ${call.id} Task timed out after ${func.timeoutSeconds.toFixed(2)} seconds`
        say(func.name, text)
        over(func, instance, { payload: Buffer.from(JSON.stringify({ errorMessage: text })), error: 'Unhandled' })
        instance.child.kill('SIGKILL')
      }, func.timeoutSeconds * 1000)
      idle.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': call.id,
        'lambda-runtime-deadline-ms': String(deadline),
        'lambda-runtime-invoked-function-arn': arnOf(func.name),
      })
      idle.end(call.payload)
    }
  }

  /** The call of this instance is over, once; another may come. */
  function over(func: Func, instance: Instance, answer: { payload: Buffer; error?: string }): void {
    const { current } = instance
    clearTimeout(instance.timer)
    instance.current = undefined
    if (!current) return
    say(func.name, `END RequestId: ${current.id}`)
    current.done(answer)
  }

  // ── The Invoke API ────────────────────────────────────────────────────────────────────────────────────────────────

  const says = (status: number, word: string, message: string): Reply => ({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': word },
    body: JSON.stringify({ Type: 'User', Message: message, message }),
  })

  const front = await startService(port, {
    service: 'lambda',
    throttled: 'TooManyRequestsException',
    says,
    spared: ({ headers }) => headers['x-amz-invocation-type'] === 'DryRun',
    async answer({ method, path, headers, body }): Promise<Reply> {
      const [, named = ''] =
        /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(decodeURIComponent(path.split('?')[0] ?? '')) ?? []
      const [, name = ''] = /^(?:arn:aws:lambda:[^:]*:\d*:function:)?([\w-]+)(?::[\w$-]+)?$/.exec(named) ?? []
      const func = all.get(name)
      if (method !== 'POST' || !func)
        return says(404, 'ResourceNotFoundException', `Function not found: ${arnOf(name)}`)
      if (headers['x-amz-invocation-type'] === 'DryRun') return { status: 204 }
      if (body.length > largest)
        return says(413, 'RequestTooLargeException', 'Request must be smaller than 6291456 bytes')
      if (!isJson(body)) return says(400, 'InvalidRequestContentException', 'Could not parse request body into json')
      const busy = [...func.instances].filter(({ current }) => current).length + func.waiting.length
      if (busy >= (func.concurrency ?? 10)) return says(429, 'TooManyRequestsException', 'Rate Exceeded.')
      const { payload, error } = await new Promise<{ payload: Buffer; error?: string }>((done) => {
        func.waiting.push({ id: randomUUID(), payload: body.length > 0 ? body : Buffer.from('{}'), done })
        const free = [...func.instances].filter(({ current }) => !current).length
        if (free < func.waiting.length) begin(func)
        pump(func)
      })
      return {
        status: 200,
        headers: {
          'x-amz-executed-version': '$LATEST',
          ...(error === undefined ? {} : { 'x-amz-function-error': error }),
        },
        body: payload,
      }
    },
  })

  const endAll = () => {
    for (const { instances } of all.values()) for (const { child } of instances) child.kill('SIGKILL')
  }
  return {
    url: front.url,
    plan: front.plan,
    clear: front.clear,
    left: front.left,
    lines,
    coldStarts: (name) => all.get(name)?.starts ?? 0,
    crash(name) {
      for (const { child } of all.get(name)?.instances ?? []) child.kill('SIGKILL')
    },
    async close() {
      endAll()
      await front.close()
      await new Promise<void>((resolve) => {
        runtime.close(() => resolve())
        runtime.closeAllConnections()
      })
    },
  }
}

const errorOf = (errorType: string, errorMessage: string) => Buffer.from(JSON.stringify({ errorType, errorMessage }))

function isJson(body: Buffer): boolean {
  if (body.length === 0) return true
  try {
    JSON.parse(body.toString('utf8'))
    return true
  } catch {
    return false
  }
}
