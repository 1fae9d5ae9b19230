import { join } from 'node:path'
import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import type { GatewayReplica } from './gateway-replica.ts'
import { roll } from './holders.ts'
import { askedAbout, PRESSED, press, stepsOf } from './questions.ts'
import { scenario } from './scenario.ts'
import { WallClock } from './wall-clock.ts'

/*
 * Handlers that sleep and wait for a press on a button, while everything around them is replaced. They wait in Redis alone: no
 * process that was there when they began need be there when they end.
 */

const HOUR_MS = 3_600_000

function first({ gateways: [gateway] }: ChaosStage): GatewayReplica {
  if (!gateway) throw new Error('no gateway runs')
  return gateway
}

const sayToBoth = (stage: ChaosStage, mode: 'nap' | 'approve' | 'late', ms: number) =>
  PRESSED.map((name) => stage.talk.say(name, mode, { ms }))

/** Presses each; answers what each handler is to note. */
async function pressAll(stage: ChaosStage, keys: readonly string[]): Promise<readonly string[]> {
  const questions = await Promise.all(keys.map((key) => askedAbout(stage, key)))
  return questions.map((question) => `${press(stage, question)} pressed`)
}

async function untilEnded(stage: ChaosStage, keys: readonly string[]): Promise<void> {
  for (const key of keys) await stage.notebook.untilNoted('end', key)
}

/** Two rolls of the workers, one of the gateway, and a restart of Redis in between. */
async function replaceEverything(stage: ChaosStage, env: WallClock['env']): Promise<void> {
  await stage.harm('roll of the workers', () => stage.bots.roll(env))
  await roll(stage, first(stage), { replicaId: 'gateway-2', deployId: 'two' })
  await stage.harm('Redis restarts', () => stage.redis.restart?.())
  await stage.flowing()
  await stage.harm('roll of the workers', () => stage.bots.roll(env))
  await stage.flowing()
}

const clockFile = (stage: ChaosStage) => join(stage.folder, 'workers.clock')

scenario({
  name: 'waits and sleeps of an hour over two rolls of the workers, one of the gateway and a restart of Redis: each ends with what it waited for, once',
  promise: 'P3',
  tier: 'full',
  workers: 0,
  // Everything is replaced: a slow machine takes its time, and the waits are as long as they are.
  perSecond: 10,
  patienceMs: 600_000,
  stage: { ownRedis: true },
  allows: {},
  begin: (stage) =>
    Promise.all([
      stage.startGateway({ replicaId: 'gateway-1' }),
      stage.bots.hire(2, new WallClock(clockFile(stage)).env),
    ]),
  run: async (stage) => {
    const clock = new WallClock(clockFile(stage))
    const [unpressed, asleep] = [sayToBoth(stage, 'approve', HOUR_MS), sayToBoth(stage, 'nap', HOUR_MS)]
    const pressed = sayToBoth(stage, 'approve', 3 * HOUR_MS)
    for (const key of asleep)
      await stage.notebook.until(() => stepsOf(stage, key).length === 1, `the sleep of ${key}`)
    for (const key of [...pressed, ...unpressed]) await askedAbout(stage, key)
    await replaceEverything(stage, clock.env)
    expect([...unpressed, ...asleep].map((key) => stepsOf(stage, key).length)).toEqual([0, 0, 1, 1])
    const pids = stage.bots.running.map(({ pid }) => pid)
    await stage.harm('the clock of the workers jumps ahead by an hour', () => clock.shift(HOUR_MS, pids))
    await untilEnded(stage, [...unpressed, ...asleep])
    const expected = await pressAll(stage, pressed)
    await untilEnded(stage, pressed)
    expect(pressed.map((key) => stepsOf(stage, key))).toEqual(expected.map((press) => [press]))
    expect(unpressed.map((key) => stepsOf(stage, key))).toEqual(unpressed.map(() => ['nobody pressed']))
    expect(asleep.map((key) => stepsOf(stage, key))).toEqual(asleep.map(() => ['slept in', 'woke up']))
  },
})

scenario({
  name: 'a button is pressed before its handler waits for the press, which ends the wait all the same',
  promise: 'P3',
  tier: 'full',
  perSecond: 10,
  allows: {},
  run: async (stage) => {
    const keys = sayToBoth(stage, 'late', HOUR_MS)
    const questions = await Promise.all(keys.map((key) => askedAbout(stage, key)))
    const expected = questions.map((question) => [`${press(stage, question)} pressed`])
    await untilEnded(stage, keys)
    expect(keys.map((key) => stepsOf(stage, key))).toEqual(expected)
    // It came to its ordinary handler first, as nobody waited yet.
    for (const [index, { text = '' }] of questions.entries())
      await stage.notebook.untilNoted('end', `${PRESSED[index]} press ${text.replace('asked: ', '')}`)
  },
})
