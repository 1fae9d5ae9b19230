import { describe, expect, test } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { expectNothingLostOnDiscord, expectNothingLostOnSlack } from './losses.ts'
import { Stage } from './stage.ts'

/* One gateway replaces another while people talk: by a rollout, after a crash, and by itself. */

const named = (stage: Stage, replicaId: string, deployId = 'blue') =>
  new GatewayProcess(
    `${stage.configuration()}\ngateway: { replicaId: ${replicaId}, deployId: ${deployId}, lease: 2s }`,
  )

const took = (unit: string) => (line: { msg: string; unit?: string }) =>
  line.unit === unit &&
  (line.msg.startsWith('took the unit') || line.msg.startsWith('the unit was handed over in'))

describe('a gateway of a new rollout', () => {
  test('takes all units over while people talk, and the old one leaves with 0', async () => {
    const stage = await Stage.open()
    const old = named(stage, 'old')
    await old.ready()
    await stage.settle('first')
    const talking = stage.talk('during', 400, 10)
    const next = named(stage, 'next', 'green')
    await next.ready()
    expect(await old.stop()).toBe(0)
    await talking
    await stage.settle('last')

    await expectNothingLostOnDiscord(stage)
    await expectNothingLostOnSlack(stage)
    expect([old, next].flatMap((gateway) => gateway.linesAt('error'))).toEqual([])
    const { record } = stage.simulator
    expect(record.of('presence').filter(({ status }) => status === 'offline')).toEqual([])
    expect(record.of('identify')).toHaveLength(2)
    expect(record.of('session-end')).toEqual([])
  })
})

describe('a gateway that is killed', () => {
  test('is followed by the one that stands by', async () => {
    const stage = await Stage.open()
    const first = named(stage, 'first')
    await first.ready()
    await stage.settle('first')
    const standby = named(stage, 'standby')
    await standby.ready()
    await first.kill()
    await Promise.all(['discord-a/0', 'slack-a'].map((unit) => standby.says(took(unit))))
    await standby.ready()
    await stage.settle('last')
    await expectNothingLostOnDiscord(stage)
    expect(stage.simulator.record.of('identify')).toHaveLength(2)
  })

  test('reclaims its units at once when it comes back under its own name', async () => {
    const stage = await Stage.open()
    const first = named(stage, 'same')
    await first.ready()
    await stage.settle('first')
    await first.kill()
    const again = named(stage, 'same')
    await again.ready()
    await stage.settle('last')
    await expectNothingLostOnDiscord(stage)
    expect(await again.count('holdfast_takeovers_total', 'reason="restart"')).toBe(4)
    expect(stage.simulator.record.of('identify')).toHaveLength(2)
  })
})
