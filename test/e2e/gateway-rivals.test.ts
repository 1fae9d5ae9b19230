import { createRegistry } from '@holdfast/queue'
import { describe, expect, onTestFinished, test } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { expectLossesInOneGapOnSlack, expectNothingLostOnDiscord } from './losses.ts'
import { textOf } from './queued-events.ts'
import { CONNECTIONS, Stage } from './stage.ts'

/* Two gateways that hold the same bots by mistake, and workers that wish for something while events flow. */

const isTaken = ({ msg }: { msg: string }) => msg.startsWith('another gateway has taken it over')

/** The connections whose socket a gateway holds. */
async function connectedOf(gateway: GatewayProcess): Promise<string[]> {
  const { connections } = JSON.parse((await gateway.get('/v1/connections')).text)
  const units: { connection: string; state: string }[] = connections
  return units.filter(({ state }) => state === 'connected').map(({ connection }) => connection)
}

describe('two gateways on the same bots', () => {
  test('the older lets go of each unit with one line; nothing is doubled or reordered, nor lost but in a gap', async () => {
    const stage = await Stage.open()
    const older = await stage.startGateway()
    await stage.settle('first')
    const starting = stage.startGateway()
    await stage.talk('during', 200, 5)
    const newer = await starting
    await expect.poll(() => older.lines.filter(isTaken).length, { timeout: 20_000 }).toBe(CONNECTIONS.length)
    await newer.ready()
    await stage.settle('last')

    await expectNothingLostOnDiscord(stage)
    await expectLossesInOneGapOnSlack(stage)
    expect(
      older
        .linesAt('warn', 'error')
        .filter(isTaken)
        .map(({ connection }) => connection)
        .sort(),
    ).toEqual([...CONNECTIONS].sort())
    expect((await older.get('/readyz')).status).toBe(503)
    expect(newer.linesAt('error')).toEqual([])
    const { record } = stage.simulator
    expect(record.of('identify')).toHaveLength(2)
    expect(record.of('session-end')).toEqual([])
  })

  test('started at the same moment: one of them has each unit in the end', async () => {
    const stage = await Stage.open()
    const gateways = [new GatewayProcess(stage.configuration()), new GatewayProcess(stage.configuration())]
    const linesOf = () => gateways.flatMap(({ lines }) => lines)
    const taken = () =>
      linesOf()
        .filter(isTaken)
        .map(({ connection }) => connection)
        .sort()
    await expect.poll(taken, { timeout: 60_000 }).toEqual([...CONNECTIONS].sort())
    const held = async () => (await Promise.all(gateways.map(connectedOf))).flat().sort()
    await expect.poll(held, { timeout: 60_000 }).toEqual([...CONNECTIONS].sort())
    await stage.settle('both run')
    await stage.talk('after', 50, 5)
    await stage.settle('last')
    await expectNothingLostOnDiscord(stage)
    expect(taken()).toEqual([...CONNECTIONS].sort())
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
    await expect.poll(() => gateway.count('holdfast_events_unwanted_total')).toBeGreaterThanOrEqual(10)

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
