import { sleep, systemClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { textOf } from './queued-events.ts'
import { Stage } from './stage.ts'

/* Slack ends each RTM socket after some hours and says so: the next one takes over while people go on talking. */

test('a goodbye under a stream costs nothing: everything is on the queue once, in order, and no gap is announced', async () => {
  const stage = await Stage.open({ connections: ['slack-a'] })
  const gateway = await stage.startGateway()
  const texts = Array.from({ length: 200 }, (_, n) => `stream ${n}`)
  const [channel, user] = [stage.at.slack.channels[0]?.id ?? '', stage.at.slack.users[0]?.id ?? '']
  for (const [index, text] of texts.entries()) {
    if (index === 50) stage.simulator.fault({ fault: 'goodbye', platform: 'slack', forMs: 10_000 })
    stage.simulator.slack.say({ channel, user, text })
    await sleep(systemClock, 10)
  }
  await stage.queued.until('all', 'stream 199', ['slack-a'])

  const events = await stage.queued.of('all')
  expect(events.map(textOf)).toEqual(texts)
  expect(events.filter(({ type }) => type === 'holdfast.gap')).toEqual([])
  const sockets = stage.simulator.record.of('socket')
  expect(sockets.filter(({ what }) => what === 'opened')).toHaveLength(2)
  expect(sockets.filter(({ what }) => what === 'closed')).toMatchObject([{ code: 1000, by: 'bot' }])
  expect(gateway.linesAt('error', 'warn')).toEqual([])
})
