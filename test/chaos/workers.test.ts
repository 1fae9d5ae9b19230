import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import { scenario } from './scenario.ts'

const beginCount = (stage: ChaosStage, key: string) =>
  stage.notebook.read().filter((line) => line.what === 'begin' && line.key === key).length

scenario({
  name: 'a worker is killed in the middle of its handlers',
  promise: 'P3',
  tier: 'short',
  allows: {},
  run: async (stage) => {
    await stage.harm('SIGKILL for a worker', () => stage.bots.killBusy())
    await stage.flowing()
  },
})

scenario({
  name: 'workers are killed one after the other, each in the middle of its handlers',
  promise: 'P3',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    for (let kill = 0; kill < 5; kill += 1) {
      await stage.harm('SIGKILL for a worker', () => stage.bots.killBusy())
      await stage.handled(150)
    }
  },
})

scenario({
  name: 'a worker that is asked to stop gives long handlers back, which another one ends',
  promise: 'P3',
  tier: 'full',
  workers: 4,
  allows: {},
  run: async (stage) => {
    const keys = stage.talk.sayToAll('long', { ms: 5_000 })
    const holders = await Promise.all(keys.map((key) => stage.bots.holderOf(key)))
    await stage.harm('SIGTERM for workers', () => stage.bots.stop([...new Set(holders)]))
    for (const key of keys) await stage.notebook.untilNoted('end', key)
    expect(keys.map((key) => beginCount(stage, key))).toEqual(keys.map(() => 2))
  },
})

scenario({
  name: 'a new version of the workers is rolled out',
  promise: 'P3',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await stage.harm('roll of the workers', () => stage.bots.roll())
    await stage.flowing()
  },
})

scenario({
  name: 'a handler hangs: others go on, and the next roll of the workers ends it',
  promise: 'P5',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    const keys = stage.talk.sayToAll('hang')
    for (const key of keys) await stage.notebook.untilNoted('begin', key)
    await stage.harm('handlers hang', () => stage.handled(300))
    await stage.harm('roll of the workers', () => stage.bots.roll())
    for (const key of keys) await stage.notebook.untilNoted('end', key)
  },
})

scenario({
  name: 'a handler kills its process each time: it becomes a dead letter, and its neighbours are answered once',
  promise: 'P3',
  tier: 'full',
  allows: { deadLetters: 1 },
  run: async (stage) => {
    stage.bots.supervise()
    await stage.harm('a handler that kills its process', () =>
      stage.talk.say('discord', 'crash', { turn: 0 }),
    )
    await stage.deadLettered(1)
    await stage.flowing()
  },
})

scenario({
  name: 'a long task in steps outlives three rolls of the workers, and each step runs once',
  promise: 'P3',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    const keys = stage.talk.sayToAll('steps', { ms: 30_000 })
    for (const step of ['step 8', 'step 20', 'step 35']) {
      await stage.notebook.until(
        (lines) =>
          keys.every((key) =>
            lines.some((line) => line.what === 'step' && line.key === key && line.name === step),
          ),
        step,
      )
      await stage.harm('roll of the workers', () => stage.bots.roll())
    }
    for (const key of keys) await stage.notebook.untilNoted('end', key)
    const stepCount = stage.notebook.read().filter(({ what }) => what === 'step').length
    expect(stepCount).toBe(keys.length * 60)
  },
})
