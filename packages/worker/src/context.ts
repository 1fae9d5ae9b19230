import type { REST } from '@discordjs/rest'
import type { EventPlatform, HoldfastEvent, Platform } from '@holdfast/events'
import type { TakenJob } from '@holdfast/queue'
import type { WebClient } from '@slack/web-api'
import { DiscardError, JobAbortedError } from './errors.ts'
import type { WorkerLog } from './log.ts'
import type { Platforms } from './platforms.ts'
import { type PostReply, refuseNoMessage } from './reply.ts'
import type { ReplyMessage, ReplyOptions, ReplyResult } from './reply-message.ts'
import { ReplyNotes } from './reply-notes.ts'
import type { Steps } from './steps.ts'

/** What a handler can do with its event, beside reading it. */
export interface Context<On extends Platform = Platform> {
  /** Aborts with a `JobAbortedError` when the job must stop: the drain's time is up, or its lock is lost. */
  readonly signal: AbortSignal
  /** 1 for the first try. Drains, deaths of a worker and waits for a platform are no attempts. */
  readonly attempt: number
  /** Carries the job's id and type on every line. */
  readonly log: WorkerLog
  /**
   * Runs `run` and remembers its result with the job: once recorded, it is never run again while the job lives, and a
   * later run of the handler gets the recorded result. The result must be JSON of at most 256 KiB. Names are unique
   * within a handler. A step interrupted before its record runs again: give effects outside an identity of their own.
   */
  step<T>(name: string, run: () => T | Promise<T>): Promise<T>
  /**
   * Answers in the conversation of the event, or of `options.to`, once over all runs of the job. A step by itself, known
   * by `options.name` or by the order of the calls. Replies are posted one after the other. To a Discord interaction, the
   * first is its answer and the others follow up on it.
   */
  reply<To extends EventPlatform = On>(
    message: ReplyMessage<NoInfer<Extract<To, Platform>>>,
    options?: ReplyOptions<To>,
  ): Promise<ReplyResult<Extract<To, Platform>>>
  /** Lets the conversation's next event start now. For long work whose order no longer matters. */
  leaveLane(): Promise<void>
  /** Ends the handler: the event needs nothing more. The job is completed, and the reason logged. */
  discard(reason: string): never
  /** Slack's REST client for the event's connection. Throws `missing-token` without one. It never retries by itself. */
  readonly slack: WebClient
  /** Discord's. */
  readonly discord: REST
}

/** What a context is made of. */
interface ContextParts {
  readonly job: TakenJob
  readonly event: HoldfastEvent
  readonly attempt: number
  readonly signal: AbortSignal
  readonly steps: Steps
  readonly log: WorkerLog
  readonly platforms: Platforms
  readonly postReply: PostReply
}

/** The context of one run of one job. */
export function createContext(parts: ContextParts): Context {
  const { job, event, steps, platforms } = parts
  const connectionOn = (platform: Platform) => (event.platform === platform ? event.connection : undefined)
  let replyCount = 0
  let earlierReplies: Promise<unknown> = Promise.resolve()
  const reply = (message: ReplyMessage, options?: ReplyOptions): Promise<ReplyResult> => {
    const key =
      options?.name === undefined ? (`reply#${++replyCount}` as const) : (`reply:${options.name}` as const)
    const answered = options?.to ?? event
    const notes = new ReplyNotes(steps, answered.id === event.id ? undefined : answered)
    // What follows up on an interaction's answer comes after it and its record, awaited or not.
    const before = earlierReplies
    const replied = steps.run(key, async () => {
      refuseNoMessage(message)
      await before
      parts.signal.throwIfAborted()
      const call = { event: answered, eventId: event.id, queue: job.queue, key, steps: notes }
      return parts.postReply(call, message)
    })
    earlierReplies = replied.catch(() => {})
    return replied
  }
  return {
    signal: parts.signal,
    attempt: parts.attempt,
    log: parts.log,
    step: (name, run) => steps.run(`step:${name}`, run),
    // Which platform's message it takes, and what it gives, follows from the event: the caller's types say so.
    reply: reply as Context['reply'],
    leaveLane: async () => {
      if ((await job.leaveLane()) === 'lost-lock') throw new JobAbortedError('lost-lock')
    },
    discard: (reason) => {
      throw new DiscardError(reason)
    },
    get slack() {
      return platforms.slack(connectionOn('slack'))
    },
    get discord() {
      return platforms.discord(connectionOn('discord'))
    },
  }
}
