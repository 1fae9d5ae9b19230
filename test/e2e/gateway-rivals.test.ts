import { createRegistry } from '@holdfast/queue'
import { describe, expect, onTestFinished, test } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { expectNothingLostOnDiscord, expectNothingLostOnSlack } from './losses.ts'
import { textOf } from './queued-events.ts'
import { Stage } from './stage.ts'

/* Two gateways on the same bots, and workers that wish for something while events flow. */

/** The units that a gateway holds, as it tells itself. */
async function heldBy(gateway: GatewayProcess): Promise<string[]> {
  const { connections, replica } = JSON.parse((await gateway.get('/v1/connections')).text)
  const units: { unit: string; owner?: string }[] = connections
  return units.filter(({ owner }) => owner === replica).map(({ unit }) => unit)
}

const UNITS = ['discord-a/0', 'discord-b/0', 'slack-a', 'slack-b']

describe('two gateways on the same bots', () => {
  test('the second stands by while the first serves: nothing is lost, doubled or reordered', async () => {
    const stage = await Stage.open()
    const first = await stage.startGateway()
    await stage.settle('first')
    const starting = stage.startGateway()
    await stage.talk('during', 200, 5)
    const second = await starting
    await stage.settle('last')

    await expectNothingLostOnDiscord(stage)
    await expectNothingLostOnSlack(stage)
    expect([(await heldBy(first)).sort(), await heldBy(second)]).toEqual([UNITS, []])
    expect([first, second].flatMap((gateway) => gateway.linesAt('warn', 'error'))).toEqual([])
    const { record } = stage.simulator
    expect(record.of('identify')).toHaveLength(2)
    expect(record.of('session-end')).toEqual([])
  })

  test('started at the same moment: each unit is held by one of them, and identified once', async () => {
    const stage = await Stage.open()
    const gateways = [new GatewayProcess(stage.configuration()), new GatewayProcess(stage.configuration())]
    await Promise.all(gateways.map((gateway) => gateway.ready()))
    await stage.talk('after', 50, 5)
    await stage.settle('last')
    expect((await Promise.all(gateways.map(heldBy))).flat().sort()).toEqual(UNITS)
    await expectNothingLostOnDiscord(stage)
    await expectNothingLostOnSlack(stage)
    expect(stage.simulator.record.of('identify')).toHaveLength(2)
  })
})

describe('a wish that is declared while events flow', () => {
  test('is in effect for the next event once it is noted; before, what nobody wants is counted and left out', async () => {
    const stage = await Stage.open({
      connections: ['discord-a'],
      subscriptions: ["  - { name: edits, events: ['discord.MESSAGE_UPDATE'] }"],
    })
    const registry = createRegistry({ redis: { url: stage.redisUrl }, prefix: stage.prefix })
    onTestFinished(() => registry.stop())
    const gateway = await stage.startGateway()
    await stage.talk('nobody listens', 10, 5)
    const messageCount = () => gateway.count('holdfast_events_received_total', 'discord.MESSAGE_CREATE')
    await expect.poll(messageCount).toBe(10)
    expect(await gateway.count('holdfast_events_unwanted_total')).toBeGreaterThanOrEqual(10)

    const talking = stage.talk('flow', 200, 5)
    for (let n = 0; n < 10; n++) {
      const version = await registry.declare({
        workerId: `worker-${n}`,
        subscription: `late-${n}`,
        patterns: ['discord.MESSAGE_CREATE'],
        order: 'conversation',
      })
      expect(await registry.awaitNoted(version, 5_000)).toBe('noted')
      stage.say(`next ${n}`)
      await stage.queued.until(`late-${n}`, `next ${n}`, ['discord-a'])
    }
    await talking
    expect((await stage.queued.of('late-0')).map(textOf)).not.toContain('nobody listens 9')
    expect(await stage.queued.of('edits')).toEqual([])
  })
})
