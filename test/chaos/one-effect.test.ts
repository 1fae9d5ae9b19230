import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import { tellFigures } from './rows.ts'
import { scenario } from './scenario.ts'
import { hireTapped } from './tapped.ts'
import { killing } from './taps/acts.ts'
import type { RedisRequest } from './taps/redis-request.ts'

/*
 * Between a post and the record of it: workers are killed there again and again, and posts are counted where the platform made
 * them. What then remains of that window is measured as well: where Discord has forgotten a nonce, and where a Slack bot may not
 * look into history.
 */

type Platform = 'slack' | 'discord'

/** A script of a job's life names the job at this place. */
const JOB_ID = 4
const KILL_COUNT = 30
/** So many workers at once wait for their end. */
const AT_ONCE = 5
/** A few show what remains of the window. */
const FEW = 5

const NAMES = { slack: 'Slack', discord: 'Discord' } as const

/** Kills so many workers, each when it is about to record a reply that stands already; no two over the same event. Answers the jobs. */
async function killAtRecords(
  stage: ChaosStage,
  platform: Platform,
  count: number,
): Promise<readonly string[]> {
  const caught = new Set<string>()
  const isNew = ({ args }: RedisRequest) => {
    const id = args[JOB_ID] ?? ''
    const fits = id.startsWith(`${platform}~`) && args.includes('reply#1') && !caught.has(id)
    if (fits) caught.add(id)
    return fits
  }
  const killOne = async () => {
    // With one handler at a time nobody else is at that point when it dies.
    const { worker, tap } = await hireTapped(stage, { HOLDFAST_CHAOS_CONCURRENCY: '1' })
    const point = { moment: 'before', script: 'record step' } as const
    await stage.harm('SIGKILL', () => tap.at(point, killing(worker.pid), isNew))
    stage.bots.killedAt.set(worker.pid, Date.now())
    await worker.ended
  }
  for (let left = count; left > 0; left -= AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, killOne))
  return [...caught]
}

/** What became of the answers to these jobs' events. */
function answersTo(stage: ChaosStage, platform: Platform, jobs: readonly string[]) {
  const events = stage.simulator.record.of('event')
  const posts = stage.simulator.record.of('post').filter((post) => post.platform === platform)
  const counts = jobs.map((job) => {
    const said = events.find(({ id = '?', text }) => text !== undefined && job.endsWith(`~${id}`))
    const own = posts.filter(({ text }) => text === `done: ${said?.text}`)
    return {
      created: own.filter(({ outcome }) => outcome === 'created').length,
      fromNonce: own.filter(({ outcome }) => outcome === 'from-nonce').length,
    }
  })
  return {
    kills: jobs.length,
    answered: counts.filter(({ created }) => created > 0).length,
    doubles: counts.reduce((sum, { created }) => sum + Math.max(0, created - 1), 0),
    fromNonce: counts.reduce((sum, { fromNonce }) => sum + fromNonce, 0),
  }
}

for (const platform of ['slack', 'discord'] as const) {
  scenario({
    name: `thirty workers are killed, each between a post on ${NAMES[platform]} and the record of it: thirty answers, no double`,
    promise: 'P4',
    tier: 'full',
    allows: {},
    run: async (stage) => {
      const jobs = await killAtRecords(stage, platform, KILL_COUNT)
      await stage.caughtUp()
      const found = answersTo(stage, platform, jobs)
      tellFigures({
        name: `killed between a post on ${NAMES[platform]} and the record of it`,
        promise: 'P4',
        figures: found,
      })
      expect(found).toMatchObject({ kills: KILL_COUNT, answered: KILL_COUNT, doubles: 0 })
      // The second run did ask, and Discord answered with what was there.
      if (platform === 'discord') expect(found.fromNonce).toBe(KILL_COUNT)
    },
  })
}

scenario({
  name: 'Discord has forgotten the nonce before the next run: what remains of the window is a double for each kill',
  promise: 'P4',
  tier: 'full',
  // Discord: some minutes, in which a job is back long since. Here it has forgotten at once.
  stage: { limits: { discord: { nonceWindowMs: 1 } } },
  allows: { repeated: { discord: FEW } },
  run: async (stage) => {
    const jobs = await killAtRecords(stage, 'discord', FEW)
    await stage.caughtUp()
    const found = answersTo(stage, 'discord', jobs)
    tellFigures({ name: 'the same, when Discord has forgotten the nonce', promise: 'P4', figures: found })
    expect(found).toEqual({ kills: FEW, answered: FEW, doubles: FEW, fromNonce: 0 })
  },
})

scenario({
  name: 'a Slack bot that may not look into history: what remains of the window is a dead letter for each kill, and no double',
  promise: 'P4',
  tier: 'full',
  allows: { deadLetters: FEW },
  run: async (stage) => {
    const method = 'conversations.history'
    await stage.fault({
      fault: 'refuse-requests',
      platform: 'slack',
      method,
      error: 'missing_scope',
      count: 1_000,
    })
    const jobs = await killAtRecords(stage, 'slack', FEW)
    await stage.deadLettered(FEW)
    const found = answersTo(stage, 'slack', jobs)
    tellFigures({
      name: 'the same on Slack, without the scope to look into history',
      promise: 'P4',
      figures: found,
    })
    expect(found).toEqual({ kills: FEW, answered: FEW, doubles: 0, fromNonce: 0 })
  },
})
