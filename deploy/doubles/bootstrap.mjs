/** What Lambda's Node runtime does: loads the handler, asks the Runtime API for the next call, answers it, and so on. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const { AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_FUNCTION_NAME, LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env
const api = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`
const post = (path, body) => fetch(`${api}${path}`, { method: 'POST', body: JSON.stringify(body) })
const told = (error) => ({
  errorType: error?.name ?? 'Error',
  errorMessage: error?.message ?? String(error),
  trace: (error?.stack ?? '').split('\n'),
})

const [file, exported] = _HANDLER.split('.')
let handler
try {
  handler = (await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${file}.mjs`)).href))[exported]
  if (typeof handler !== 'function') throw new Error(`${_HANDLER} is undefined or not exported`)
} catch (error) {
  console.error(error)
  await post('/init/error', told(error))
  process.exit(1)
}

for (;;) {
  const next = await fetch(`${api}/invocation/next`).catch(() => process.exit(0)) // The host is gone.
  const id = next.headers.get('lambda-runtime-aws-request-id')
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'))
  const context = {
    awsRequestId: id,
    functionName: AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
  try {
    const answer = await handler(await next.json(), context)
    await post(`/invocation/${id}/response`, answer ?? null)
  } catch (error) {
    console.error(error)
    await post(`/invocation/${id}/error`, told(error))
  }
}
