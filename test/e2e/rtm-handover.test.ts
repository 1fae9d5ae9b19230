import { expect, test } from 'vitest'
import { textOf } from './queued-events.ts'
import { numbered, Stage } from './stage.ts'

/* Slack ends each RTM socket after some hours and says so: the next one takes over while people go on talking. */

test('a goodbye under a stream costs nothing: everything is on the queue once, in order, and no gap is announced', async () => {
  const stage = await Stage.open({ connections: ['slack-a'] })
  const gateway = await stage.startGateway()
  await stage.talk('before', 50, 10)
  stage.simulator.fault({ fault: 'goodbye', platform: 'slack', forMs: 10_000 })
  await stage.talk('after', 150, 10)
  await stage.queued.until('all', 'after 149', ['slack-a'])

  const events = await stage.queued.of('all')
  expect(events.map(textOf)).toEqual([...numbered('before', 50), ...numbered('after', 150)])
  expect(events.filter(({ type }) => type === 'holdfast.gap')).toEqual([])
  const sockets = stage.simulator.record.of('socket')
  expect(sockets.filter(({ what }) => what === 'opened')).toHaveLength(2)
  expect(sockets.filter(({ what }) => what === 'closed')).toMatchObject([{ code: 1000, by: 'bot' }])
  expect(gateway.linesAt('error', 'warn')).toEqual([])
})
