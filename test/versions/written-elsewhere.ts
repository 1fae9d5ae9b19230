import { gapEvent } from '@holdfast/events'
import { ManualClock } from '@holdfast/runtime'
import { eventOf, SAMPLE_FILES, samplesOf } from '../../packages/events/test/sample.ts'
import type { Context } from '../../packages/worker/src/context.ts'
import { PlatformWaitError } from '../../packages/worker/src/errors.ts'
import { Handlers } from '../../packages/worker/src/handlers.ts'
import { runJob } from '../../packages/worker/src/job.ts'
import { silentLog } from '../../packages/worker/src/log.ts'
import { createPlatforms } from '../../packages/worker/src/platforms.ts'
import { slackMessage } from '../../packages/worker/test/sample-events.ts'
import { HeldJob } from '../../packages/worker/test/taken-job.ts'
import { encodeRecord, type JournalRecord } from '../../services/gateway/src/journal-record.ts'
import { eventOf as outgoingEvent } from './written-redis.ts'

const FIXTURES = new URL('../../packages/events/fixtures/', import.meta.url)
const AT = Date.UTC(2026, 2, 2, 9)

/** An event of each type that the fixtures have, and a gap, as they lie on a queue. */
export function writtenEvents(): readonly string[] {
  const events = SAMPLE_FILES.flatMap((file) => samplesOf(FIXTURES, file))
    .filter(({ reading }) => reading.kind === 'event')
    .map(({ reading }) => eventOf(reading))
  const why = 'rtm-disconnected'
  const times = { from: AT, to: AT + 60_000, receivedAt: AT + 60_000 }
  const gap = gapEvent({ platform: 'slack', connection: 'acme', bot: 'A1', why, ...times })
  const byType = new Map([...events, gap].map((event) => [event.type, event.text]))
  return [...byType.values()]
}

/** Runs a handler as a worker does. What it wants to post is counted, and answered as by Slack. */
export async function runOnce(job: HeldJob, handle: (ctx: Context) => unknown) {
  const handlers = new Handlers()
  handlers.add('slack.message', (_, ctx) => handle(ctx))
  const clock = new ManualClock(AT)
  const posted: string[] = []
  const outcome = await runJob(job, {
    handlers,
    handledByAnother: async () => 'no',
    policy: { attempts: 3, backoff: { baseMs: 1_000, maxMs: 60_000 } },
    platforms: createPlatforms({}, {}),
    postReply: async ({ key, steps }) => {
      const began = await steps.begin(key, clock.wallAt())
      posted.push(`${key} ${began.kind}`)
      return { channel: 'C1', ts: `${posted.length}.0` }
    },
    clock,
    log: silentLog,
    giveUp: new AbortController().signal,
  })
  return { outcome, posted }
}

/** A job whose handler came to its last line, where the platform was away: its remembered steps, by their keys. */
export async function writtenSteps(): Promise<Readonly<Record<string, string>>> {
  const job = new HeldJob({ event: slackMessage() })
  await runOnce(job, async (ctx) => {
    await walk(ctx)
    throw new PlatformWaitError('away', 1_000)
  })
  return Object.fromEntries(job.recorded)
}

/** What the handler does, in each version the same. Tells how often it did what is to be done once. */
export async function walk(ctx: Context): Promise<number> {
  let count = 0
  await ctx.step('look up', () => ({ depth: 7, run: ++count }))
  await ctx.step('nothing', () => {
    count += 1
  })
  await ctx.reply('ahoy')
  await ctx.reply('seven fathoms', { name: 'depth' })
  return count
}

/** A journal as a gateway leaves it that dies: an event that Redis has confirmed, one that it has not, and how far a unit is. */
export function writtenJournal(): string {
  const kept = (n: number, id: string): JournalRecord => ({
    kind: 'keep',
    n,
    connection: 'acme',
    event: outgoingEvent(id, 'reef'),
    at: AT,
  })
  const checkpoint = { kind: 'slack-rtm', teamId: 'T1', botUserId: 'U9', caughtUpAt: AT } as const
  const records: JournalRecord[] = [
    kept(1, 'first'),
    kept(2, 'second'),
    { kind: 'settle', n: 1 },
    { kind: 'mark', unit: 'acme', mark: { fence: 3, checkpoint } },
    { kind: 'mark', unit: 'hook' },
  ]
  return records.map((record) => encodeRecord(record).toString('utf8')).join('')
}
