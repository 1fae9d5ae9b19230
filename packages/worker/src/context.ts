import type { REST } from '@discordjs/rest'
import type { EventPlatform, HoldfastEvent, Platform } from '@holdfast/events'
import type { TakenJob } from '@holdfast/queue'
import type { Clock } from '@holdfast/runtime'
import type { WebClient } from '@slack/web-api'
import { type Checkpoint, createCheckpoint } from './checkpoint.ts'
import { checkDuration } from './duration.ts'
import { DiscardError, JobAbortedError, NonRetryableError } from './errors.ts'
import type { EventOf, EventPattern } from './event-data.ts'
import { createHandlerLog, type HandlerLog } from './handler-log.ts'
import { currentStep } from './handler-scope.ts'
import type { WorkerLog } from './log.ts'
import { noteClient } from './outside-work.ts'
import type { Platforms } from './platforms.ts'
import { Replies } from './replies.ts'
import type { PostReply } from './reply.ts'
import type { ReplyMessage, ReplyOptions, ReplyResult } from './reply-message.ts'
import { openSleep } from './sleep.ts'
import { namedKey } from './step-key.ts'
import type { Steps } from './steps.ts'
import type { Suspension } from './suspension.ts'
import { checkWait, openWait, type WaitOptions } from './wait.ts'
import type { WishedFor } from './wait-pattern.ts'

/** What a handler can do with its event, beside reading it. */
export interface Context<On extends Platform = Platform> {
  /** Aborts with a `JobAbortedError` when the job must stop: the drain's time is up, or its lock is lost. */
  readonly signal: AbortSignal
  /** 1 for the first try. Drains, deaths of a worker and waits for a platform are no attempts. */
  readonly attempt: number
  /** Takes a sentence, or facts and a sentence. Carries the job's id and type on every line. */
  readonly log: HandlerLog
  /**
   * Runs `run` and remembers its result with the job: once recorded, it is never run again while the job lives, and a
   * later run of the handler gets the recorded result. The result must be JSON of at most 256 KiB, and a job remembers at
   * most 1,000 results and 4 MiB. Names are unique within a handler; a step inside of another is remembered by itself. A step
   * interrupted before its record runs again: give effects outside an identity of their own.
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
  /**
   * How far a long work has come, to go on from after a crash. Unlike a step's result it can be set again and again, and be
   * read at once. Each name once within a handler; inside of a step, too.
   */
  checkpoint<T>(name: string): Checkpoint<T>
  /**
   * Resolves `ms` after it was first asked for, at most 365 days, over whatever restarts. Meanwhile the job is out of its
   * slot and its lane, and its handler is put away: when it wakes it runs again from its start, with finished steps skipped.
   */
  sleep(name: string, ms: number): Promise<void>
  /**
   * The next event of `pattern` that contains `where`, or `undefined` when there is none in time. Meanwhile the handler is put
   * away as in a `sleep`. The event goes to no handler, unless it came before it was waited for; it is looked for back to the
   * beginning of the handler's last step. The subscription must have the pattern among its `events`, or a handler for it.
   */
  waitFor<const Pattern extends EventPattern>(
    name: string,
    pattern: Pattern,
    options?: WaitOptions<Pattern>,
  ): Promise<EventOf<Pattern> | undefined>
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
  readonly suspension: Suspension
  readonly clock: Pick<Clock, 'wallAt'>
  readonly wishedFor?: WishedFor
  readonly log: WorkerLog
  readonly platforms: Platforms
  readonly postReply: PostReply
}

/** The context of one run of one job. */
export function createContext(parts: ContextParts): Context {
  const { job, event, steps, suspension, platforms } = parts
  const connectionOn = (platform: Platform) => (event.platform === platform ? event.connection : undefined)
  const replies = new Replies({ ...parts, queue: job.queue })
  const reply = (message: ReplyMessage, options?: ReplyOptions) =>
    suspension.watch(replies.reply(message, options))
  return {
    signal: parts.signal,
    attempt: parts.attempt,
    log: createHandlerLog(parts.log),
    step: (name, run) => suspension.watch(steps.run(`step:${typeof name === 'string' ? name : ''}`, run)),
    checkpoint: (name) => {
      const key = namedKey('checkpoint', name)
      steps.claim(key)
      return createCheckpoint(key, steps, parts.signal)
    },
    ...pausesOf(parts),
    // Which platform's message it takes, and what it gives, follows from the event: the caller's types say so.
    reply: reply as Context['reply'],
    leaveLane: async () => {
      if ((await job.leaveLane()) === 'lost-lock') throw new JobAbortedError('lost-lock')
    },
    discard: (reason) => {
      throw new DiscardError(reason)
    },
    get slack() {
      noteClient('ctx.slack')
      return platforms.slack(connectionOn('slack'))
    },
    get discord() {
      noteClient('ctx.discord')
      return platforms.discord(connectionOn('discord'))
    },
  }
}

/** What puts the handler away. */
function pausesOf(parts: ContextParts): Pick<Context, 'sleep' | 'waitFor'> {
  const { event, steps, suspension, wishedFor } = parts
  const sleep = (name: string, ms: number) =>
    suspension.pause(() => {
      checkDuration('ctx.sleep', ms)
      const key = pauseKey('sleep', name)
      steps.claim(key)
      return openSleep(key, ms, parts)
    })
  const waitFor = (name: string, pattern: string, options: WaitOptions = {}) =>
    suspension.pause(() => {
      checkWait(pattern, options)
      const key = pauseKey('wait', name)
      steps.claim(key)
      return openWait({ key, pattern, options, subject: event.subject, wishedFor }, parts)
    })
  return { sleep, waitFor: waitFor as Context['waitFor'] }
}

/** Throws `step-nested` inside of a step: what it did before the pause would be done again after it. */
function pauseKey<Kind extends 'sleep' | 'wait'>(kind: Kind, name: string): `${Kind}:${string}` {
  const step = currentStep()
  if (step === undefined) return namedKey(kind, name)
  const call = kind === 'sleep' ? 'ctx.sleep' : 'ctx.waitFor'
  throw new NonRetryableError(
    `${call}(${JSON.stringify(name)}) inside of ${step}: a step runs in one go; end it before, and begin another after`,
    undefined,
    'step-nested',
  )
}
