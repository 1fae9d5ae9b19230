import { gapEvent } from '@holdfast/events'
import type { Wait } from '@holdfast/queue'
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
export async function runOnce(job: HeldJob, handle: (ctx: Context) => unknown, at = AT) {
  const handlers = new Handlers()
  handlers.add('slack.message', (_, ctx) => handle(ctx))
  const clock = new ManualClock(at)
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

/** What a job leaves that is suspended: its remembered steps by their keys, and what it waits for; then, what its event gives it. */
export interface WrittenSteps {
  readonly steps: Readonly<Record<string, string>>
  readonly waits: readonly Wait[]
  readonly given: string
}

/** Its handler came to its wait where the platform had been away, then was suspended, then was given what it waited for. */
export async function writtenSteps(): Promise<WrittenSteps> {
  const job = new HeldJob({ event: slackMessage() })
  await runOnce(job, async (ctx) => {
    await work(ctx)
    throw new PlatformWaitError('away', 1_000)
  })
  const again = job.again(2)
  const { outcome } = await runOnce(again, walk)
  const waits = outcome.kind === 'suspended' ? outcome.waits : []
  const [text = ''] = await givenTo(waits)
  return { steps: Object.fromEntries(again.recorded), waits, given: text }
}

/** An answer comes in the conversation: what is recorded with those who wait for it. */
export async function givenTo(waits: readonly Wait[]): Promise<readonly string[]> {
  const waiters = waits.map((wait) => ({ queue: 'commands', jobId: 'job.0', wait }))
  const answer = { ...slackMessage({ text: 'aye' }), id: 'answer', actor: 'U2' }
  const job = new HeldJob({ event: answer, waiters })
  await runOnce(job, () => {})
  return job.given.map(({ text }) => text)
}

/** When the sleep and the wait of `walk` are over. */
export const LATER = AT + 3_600_000

/** What the handler does, in each version the same. Tells how often it did what is to be done once, and what it got. */
export async function walk(ctx: Context) {
  const done = await work(ctx)
  const waiting = ctx.waitFor('answer', 'slack.message', { where: { actor: 'U2' }, timeoutMs: 120_000 })
  const [answer] = await Promise.all([waiting, ctx.sleep('cool down', 60_000)])
  return { ...done, answer: answer?.id }
}

async function work(ctx: Context) {
  let count = 0
  await ctx.step('look up', () => ({ depth: 7, run: ++count }))
  await ctx.step('nothing', () => {
    count += 1
  })
  const page = ctx.checkpoint<number>('page')
  if (page.get() === undefined) await page.set(3)
  await ctx.reply('ahoy')
  await ctx.reply('seven fathoms', { name: 'depth' })
  return { count, page: page.get() }
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
