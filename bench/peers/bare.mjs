/** The limit: node:http, a form read, JSON answered, and nothing else. It prints its port when it listens. */
import { createServer } from 'node:http'

const answer = JSON.parse(process.env.PEER_ANSWER)
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const token = new URLSearchParams(body).get('token')
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...answer, sid: token }))
}).listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
