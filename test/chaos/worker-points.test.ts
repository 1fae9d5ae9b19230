import { expect } from 'vitest'
import type { BotProcess } from './bot-process.ts'
import type { ChaosStage } from './chaos-stage.ts'
import { scenario } from './scenario.ts'
import { hireTapped } from './tapped.ts'
import { killing } from './taps/acts.ts'
import type { Verdict } from './taps/point.ts'
import type { RedisRequest } from './taps/redis-request.ts'
import type { RedisMoment } from './taps/redis-tap.ts'

/*
 * A worker dies at the points at which an effect is done and nobody knows yet: between a post and its record, between leaving its
 * lane and the end, and between the end and the news of it.
 */

/** A script of a job's life names the job at this place. */
const JOB_ID = 4

/** Resolves when a killed worker is gone, and another has its place. */
async function replace(stage: ChaosStage, victim: BotProcess): Promise<void> {
  stage.bots.killedAt.set(victim.pid, Date.now())
  await victim.ended
  await stage.bots.hire(1)
  await stage.flowing()
}

/** Kills a worker at a point; resolves with what it was caught at, when another has its place. */
async function killAt(
  stage: ChaosStage,
  point: RedisMoment,
  where?: (request: RedisRequest) => boolean,
): Promise<RedisRequest> {
  const { worker: victim, tap } = await hireTapped(stage)
  const caught = await stage.harm('SIGKILL', () => tap.at(point, killing(victim.pid), where))
  await replace(stage, victim)
  return caught
}

const isOf =
  (platform: string) =>
  ({ args }: RedisRequest) =>
    args[JOB_ID]?.startsWith(`${platform}~`) === true

/** The record of the reply itself, not the note that it begins. */
const recordsReply = (platform: string) => (request: RedisRequest) =>
  isOf(platform)(request) && request.args.includes('reply#1')

/** How often handlers have begun for the message of Discord that a job is of. */
function beginCountOf(stage: ChaosStage, jobId: string): number {
  const said = stage.simulator.record.of('event').find(({ id = '?' }) => jobId.endsWith(`~${id}`))
  const key = `discord ${said?.text}`
  return stage.notebook.read().filter((line) => line.what === 'begin' && line.key === key).length
}

for (const platform of ['slack', 'discord'] as const) {
  scenario({
    name: `a worker is killed between a post on ${platform === 'slack' ? 'Slack' : 'Discord'} and the record of it`,
    promise: 'P4',
    tier: platform === 'slack' ? 'short' : 'full',
    allows: {},
    run: async (stage) => {
      await killAt(stage, { moment: 'before', script: 'record step' }, recordsReply(platform))
    },
  })

  scenario({
    name: `the only worker is killed in the moment in which ${platform === 'slack' ? 'Slack' : 'Discord'} takes its answer`,
    promise: 'P4',
    tier: 'full',
    workers: 1,
    allows: {},
    run: async (stage) => {
      const [victim] = stage.bots.running
      if (!victim) throw new Error('nobody works')
      await stage.harm('SIGKILL', () =>
        stage.simulator.record.until((entry) => {
          const isAnswer = entry.kind === 'post' && entry.platform === platform && entry.outcome === 'created'
          if (isAnswer) killing(victim.pid)()
          return isAnswer
        }, stage.simulator.record.end),
      )
      await replace(stage, victim)
    },
  })
}

scenario({
  name: 'the only worker is killed after a job has left its lane and before the job ends',
  promise: 'P3',
  tier: 'full',
  workers: 1,
  allows: {},
  run: async (stage) => {
    const others = stage.bots.running
    const { worker: victim, tap } = await hireTapped(stage)
    await stage.bots.stop(others)
    await stage.harm('SIGKILL', async () => {
      const killed = new Promise((resolve) => {
        const onLeft = ({ args: [...left] }: RedisRequest): Verdict => {
          const isOfSame = ({ args }: RedisRequest) => args[JOB_ID] === left[JOB_ID]
          resolve(tap.at({ moment: 'before', script: 'finish' }, killing(victim.pid), isOfSame))
          return 'on'
        }
        void tap.at({ moment: 'executed', script: 'leave lane' }, onLeft)
      })
      stage.talk.say('discord', 'leave')
      await killed
    })
    await replace(stage, victim)
  },
})

scenario({
  name: 'a worker loses the reply to the end of a job',
  promise: 'P4',
  tier: 'short',
  allows: {},
  run: async (stage) => {
    const { tap } = await hireTapped(stage)
    await stage.harm('connection cut', () => tap.at({ moment: 'executed', script: 'finish' }, () => 'cut'))
    await stage.flowing()
    await stage.caughtUp()
  },
})

scenario({
  name: 'a worker is killed when its job has ended and it does not know',
  promise: 'P4',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    const { args } = await killAt(stage, { moment: 'executed', script: 'finish' }, isOf('discord'))
    await stage.caughtUp()
    expect(beginCountOf(stage, args[JOB_ID] ?? '')).toBe(1)
  },
})
