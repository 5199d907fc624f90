/** What somebody is told of a request that breaks, and what the operator reads of it. */
import { expect, test } from 'vitest'
import { ownStage } from './own.ts'
import { until } from './stage.ts'

test('a request that breaks is told with its id; the log has a line of JSON with that id, the agent’s and the assistance’s, and no name or address', async () => {
  const { fresh, stage, play, close } = await ownStage()
  try {
    const ana = play.scriptOf('ana')
    const id = await play.proved(ana, 'marta@clinica-sol.test')
    await fresh.db.query('alter table amparo.user_messages rename to lost; alter table amparo.outbox rename to gone')
    const { status, body } = await ana.call('GET', `/assistances/${id}`)
    expect([status, body.code]).toEqual([500, 'system.broken'])
    expect(JSON.stringify(body)).not.toMatch(/outbox|relation|select|\.ts/)
    const said = await until(
      async () =>
        stage
          .said()
          .split('\n')
          .filter((line) => line.includes(String(body.requestId))),
      (lines) => lines.length > 0,
      'the line of the log',
    )
    expect(said).toHaveLength(1)
    const line: Record<string, unknown> = JSON.parse(said[0] ?? '')
    expect(line).toMatchObject({
      msg: 'request failed',
      requestId: body.requestId,
      assistance: id,
      agent: expect.stringMatching(/^ag_[0-9a-z]+$/),
      code: '42P01',
    })
    expect(said[0]).not.toMatch(/ana@|marta|Ana Robles|Marta|clinica-sol/)
  } finally {
    await close()
  }
}, 90_000)
