import { ManualClock } from '@holdfast/runtime'
import { describe, expect, test } from 'vitest'
import type { Child } from '../src/demo/child.ts'
import { DemoStage, type Play } from '../src/stage/demo-stage.ts'
import { Timeline } from '../src/stage/timeline.ts'
import { Turns } from '../src/stage/turns.ts'

const LEDGER = {
  ...{ sent: 0, handled: 0, answered: 0, waiting: 0, lost: 0, repeated: 0, reordered: 0 },
  ...{ backfilled: 0, notRecoverable: 0, announcedGaps: 0, oldestWaitingMs: 0 },
}

/** A process that exists only by its name. */
function child(name: string, pid: number): Child {
  return { name, pid, ended: Promise.resolve({ code: null, signal: 'SIGKILL' }) } as unknown as Child
}

function setting(
  differs: { readonly redis?: Partial<Play['redis']>; readonly gatewayStart?: () => Promise<void> } = {},
) {
  const clock = new ManualClock()
  const interruption = new AbortController()
  const timeline = new Timeline()
  const stage = new DemoStage(timeline, new Turns(interruption.signal))
  const done: string[] = []
  const note = (what: string) => void done.push(what)
  const redis = {
    ...{ pid: 3, isPaused: false, hasEnded: false, description: 'redis 7' },
    pause: () => note('pause'),
    resume: () => note('resume'),
    ...differs.redis,
  }
  const members = [child('worker-1', 11), child('worker-2', 12)]
  const crew = {
    workers: members,
    generation: 1,
    members: members.map((each) => ({ child: each, generation: 1, state: 'up' as const })),
    kill: async ({ name }: Child) => note(`kill ${name}`),
    roll: async () => {
      note('roll')
      return []
    },
  }
  const gateway = {
    child: child('gateway', 2),
    state: 'up' as const,
    stop: async () => note('stop gateway'),
    start: differs.gatewayStart ?? (async () => note('start gateway')),
  }
  const openOf = (pid: number) => new Set(pid === 12 ? ['a', 'b'] : [])
  const onKill = (pid: number) => note(`killed ${pid}`)
  const common = { clock, signal: interruption.signal, ledger: () => LEDGER, links: [] }
  const play: Play = { ...common, redis, crew, gateway, diary: { openOf }, onKill }
  const standing = () => expect.poll(() => stage.state().running).toEqual({})
  return { stage, play, done, clock, interruption, timeline, standing, marks: () => timeline.history.marks }
}

describe('the stage', () => {
  test('refuses everything until it is open, and says why', async () => {
    const { stage } = setting()
    expect(stage.state()).toMatchObject({ parts: [], refused: { roll: 'it is still being set up' } })
    await expect(stage.perform('roll')).rejects.toMatchObject({ code: 'bad-request' })
  })

  test('shows each process', () => {
    const { stage, play } = setting()
    stage.open(play)
    expect(stage.state().parts).toEqual([
      { name: 'redis', kind: 'redis', pid: 3, state: 'up' },
      { name: 'gateway', kind: 'gateway', pid: 2, state: 'up' },
      { name: 'worker 1', kind: 'worker', pid: 11, state: 'up', version: 'v1' },
      { name: 'worker 2', kind: 'worker', pid: 12, state: 'up', version: 'v1' },
    ])
  })

  test('refuses an action that it does not have', async () => {
    const { stage, play } = setting()
    stage.open(play)
    await expect(stage.perform('explode')).rejects.toThrow(
      'there is no explode: use kill-worker, roll, restart-gateway, pause-redis',
    )
  })

  test('kills the worker that is in the middle of most', async () => {
    const { stage, play, done, standing, marks } = setting()
    stage.open(play)
    await stage.perform('kill-worker')
    await standing()
    expect(done).toEqual(['kill worker-2', 'killed 12'])
    expect(marks()).toMatchObject([
      {
        kind: 'kill-worker',
        label: 'worker killed',
        detail: expect.stringContaining('in the middle of 2 events'),
      },
    ])
  })

  test('does one thing after the other when all are asked for at once, each once', async () => {
    const { stage, play, done, clock, standing } = setting()
    stage.open(play)
    for (const { name } of stage.actions) await stage.perform(name)
    await expect(stage.perform('roll')).rejects.toThrow('it is under way')
    await expect.poll(() => stage.state().running['pause-redis']).toBe('frozen, 5 s left')
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1_000)
      await new Promise(setImmediate)
    }
    await standing()
    const order = ['kill worker-2', 'killed 12', 'roll', 'stop gateway', 'start gateway', 'pause', 'resume']
    expect(done).toEqual(order)
  })

  test('wakes a paused Redis at once when everything is about to stop', async () => {
    const { stage, play, done, interruption, standing } = setting()
    stage.open(play)
    await stage.perform('pause-redis')
    await expect.poll(() => done).toEqual(['pause'])
    interruption.abort()
    await standing()
    expect(done).toEqual(['pause', 'resume'])
    await expect(stage.perform('roll')).rejects.toThrow('everything is being stopped')
  })

  test('says of a Redis that is not its own that it can not be paused', async () => {
    const { pause: _, resume: __, ...redis } = setting().play.redis
    const { stage, play } = setting()
    stage.open({ ...play, redis })
    expect(stage.state().refused).toEqual({
      'pause-redis': 'only a Redis that the demo started itself can be frozen, not redis 7',
    })
    await expect(stage.perform('pause-redis')).rejects.toThrow('only a Redis')
  })

  test('shows that Redis has ended, and does not pause it then', async () => {
    const { stage, play } = setting({ redis: { hasEnded: true } })
    stage.open(play)
    expect(stage.state().parts[0]).toMatchObject({ name: 'redis', state: 'ended' })
    await expect(stage.perform('pause-redis')).rejects.toThrow('Redis has ended')
  })

  test('tells what failed, and lets the next press try again', async () => {
    let tries = 0
    const gatewayStart = async () => {
      tries += 1
      if (tries === 1) throw new Error('the gateway is not ready: out of memory')
    }
    const { stage, play, standing, marks } = setting({ gatewayStart })
    stage.open(play)
    for (let press = 0; press < 2; press += 1) {
      await stage.perform('restart-gateway')
      await standing()
    }
    expect(marks()).toMatchObject([
      { label: 'gateway restarted (failed)', detail: 'the gateway is not ready: out of memory' },
      { label: 'gateway restarted' },
    ])
  })
})
