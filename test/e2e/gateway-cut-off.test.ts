import { expect, onTestFinished, test } from 'vitest'
import { RedisTap } from '../chaos/taps/redis-tap.ts'
import { GatewayProcess } from './gateway-process.ts'
import { expectNothingLostOnDiscord } from './losses.ts'
import { Stage } from './stage.ts'

/* Two gateways, of which the one that serves is cut off from Redis. Nobody tells it that its units were taken. */

const resumeCount = (stage: Stage) => stage.simulator.record.of('resume').length

test('a gateway that is cut off from Redis loses its shards once to another, and then waits: they do not take them from one another', async () => {
  const stage = await Stage.open({
    connections: ['discord-a', 'discord-b'],
    more: ['gateway: { lease: 2s }'],
  })
  const tap = await RedisTap.to(stage.redisUrl)
  onTestFinished(() => tap.close())
  const cut = new GatewayProcess(stage.configuration().replace(stage.redisUrl, tap.url))
  await cut.ready()
  await stage.settle('first')
  const other = await stage.startGateway()

  tap.cut()
  for (const name of ['discord-a', 'discord-b'])
    await cut.says(
      (line) => line.connection === name && line.msg.includes('no socket is opened before it does'),
    )
  await stage.settle('taken')
  const resumes = resumeCount(stage)
  // To each shard's new holder, back, and to it again: whatever comes first may also have been in vain.
  expect(resumes).toBeLessThanOrEqual(2 * 5)
  await stage.talk('while it waits', 400, 5)
  await stage.settle('waited')
  expect(resumeCount(stage)).toBe(resumes)

  tap.mend()
  for (const name of ['discord-a', 'discord-b'])
    await cut.says((line) => line.connection === name && line.msg === 'let go of the unit')
  await stage.talk('after', 100, 5)
  await stage.settle('last')
  expect(resumeCount(stage)).toBe(resumes)
  await expectNothingLostOnDiscord(stage)
  expect(stage.simulator.record.of('identify')).toHaveLength(2)
  expect(stage.simulator.record.of('session-end')).toEqual([])
  expect(await other.count('holdfast_takeovers_total', 'still')).toBe(2)
})
