/** For tests of bots: runs events through a worker's handlers without Redis, sockets or a platform. */
import { EVENT_VERSION, type HoldfastEvent } from '@holdfast/events'
import type { Outcome, TakenJob } from '@holdfast/queue'
import type { EventData, EventType } from './event-data.ts'
import { runJob } from './job.ts'
import { silentLog } from './log.ts'
import { createPlatforms, type PlatformsOptions } from './platforms.ts'
import { type PostReply, type ReplyCall, refuseUnanswerable } from './reply.ts'
import type { DiscordMessage, ReplyMessage, ReplyResult, SlackMessage } from './reply-message.ts'
import { QueueWorker, type Worker } from './worker.ts'

/** An event to deliver: its type and what matters of the payload; the rest is filled in. */
export type TestEvent<Type extends string> = Partial<Omit<HoldfastEvent, 'type' | 'data'>> & {
  readonly type: Type
  readonly data: Type extends EventType ? Partial<EventData[Type]> : unknown
}

/** What earlier runs of the job left behind. */
export interface EarlierRuns {
  /** Default 1. */
  readonly attempt?: number
  readonly deathCount?: number
  /** `Delivered.steps` of an earlier delivery: what is in it is not run again. */
  readonly steps?: ReadonlyMap<string, string>
}

/** What became of one run. */
export interface Delivered {
  readonly outcome: Outcome
  /** What the job remembers after the run. */
  readonly steps: ReadonlyMap<string, string>
}

/** A reply as the platform would have got it. */
export interface RecordedReply {
  readonly eventId: string
  /** `text` of a Slack message, `content` of a Discord message. */
  readonly text: string
  readonly message: SlackMessage | DiscordMessage
}

/** Runs events through the handlers of one worker. */
export interface TestBench {
  /** What handlers replied, in order. */
  readonly replies: readonly RecordedReply[]
  /** Runs the handler once and tells what the worker would report to the queue. Never rejects. */
  deliver<Type extends EventType | (string & {})>(
    event: TestEvent<Type>,
    earlier?: EarlierRuns,
  ): Promise<Delivered>
}

/** What a bench can't make up by itself. */
export interface TestBenchOptions {
  /** For handlers that use `ctx.slack` or `ctx.discord`: where a fake of the platform listens. Default: no token. */
  readonly platforms?: PlatformsOptions
}

/** A bench for a worker made by `createWorker`; the worker needs not be started. */
export function createTestBench(worker: Worker, options: TestBenchOptions = {}): TestBench {
  if (!(worker instanceof QueueWorker))
    throw new TypeError('createTestBench needs a worker made by createWorker')
  const replies: RecordedReply[] = []
  const parts = {
    handlers: worker.handlers,
    handledByAnother: async () => 'no' as const,
    policy: worker.parts.settings.policy,
    clock: worker.parts.clock,
    platforms: createPlatforms(options.platforms ?? {}, {}),
    postReply: recordInto(replies),
    log: silentLog,
    giveUp: new AbortController().signal,
  }
  let eventCount = 0
  return {
    replies,
    async deliver(event, earlier = {}) {
      eventCount += 1
      const steps = new Map(earlier.steps)
      const job = benchJob(filledIn(event, eventCount), worker.parts.settings.subscription, earlier, steps)
      return { outcome: await runJob(job, parts), steps }
    },
  }
}

/** What the test leaves out. */
function filledIn(event: TestEvent<string>, number: number): HoldfastEvent {
  const platform = event.type.startsWith('discord.') ? 'discord' : 'slack'
  const at = new Date(Date.UTC(2026, 0, 1) + number).toISOString()
  return {
    specversion: '1.0',
    id: `test.${number}`,
    source: platform === 'slack' ? '/slack/test' : '/discord/test/0',
    datacontenttype: 'application/json',
    hfversion: EVENT_VERSION,
    platform,
    connection: 'test',
    receivedat: at,
    delivery: 'live',
    ...event,
  }
}

function benchJob(
  event: HoldfastEvent,
  queue: string,
  earlier: EarlierRuns,
  steps: Map<string, string>,
): TakenJob {
  return {
    id: event.id,
    queue,
    data: event,
    type: event.type,
    attempt: earlier.attempt ?? 1,
    deathCount: earlier.deathCount ?? 0,
    lastStepAt: 0,
    waiters: [],
    giveTo: async () => 'gone',
    pastEvents: async () => [],
    takePast: async () => 'gone',
    signal: new AbortController().signal,
    steps: new Map(steps),
    recordStep: async (key, text) => {
      steps.set(key, text)
      return 'recorded'
    },
    leaveLane: async () => 'left',
  }
}

function recordInto(replies: RecordedReply[]): PostReply {
  return async (call, message) => {
    refuseUnanswerable(call.event)
    const { platform } = call.event
    const content = contentOf(platform, message)
    const text = 'content' in content ? content.content : 'text' in content ? content.text : undefined
    replies.push({ eventId: call.event.id, text: text ?? '', message: content })
    return resultOf(call, replies.length)
  }
}

function contentOf(
  platform: HoldfastEvent['platform'],
  message: ReplyMessage,
): SlackMessage | DiscordMessage {
  if (typeof message !== 'string') return message
  return platform === 'slack' ? { text: message } : { content: message }
}

function resultOf({ event }: ReplyCall, number: number): ReplyResult {
  if (event.platform === 'discord') return { channel_id: '1', id: String(number) }
  return { channel: 'C0000000000', ts: `${number}.000000` }
}
