import type { Platform } from '@holdfast/events'
import type { Context } from './context.ts'
import type { EventOf, EventPattern } from './event-data.ts'
import type { HandlerOptions } from './handlers.ts'

/** What a bot does with an event. When it resolves, the event is done with. */
export type Handler<Pattern extends string> = (
  event: EventOf<Pattern>,
  ctx: Context<Extract<EventOf<Pattern>['platform'], Platform>>,
) => unknown

/** Takes events of one subscription and runs a handler for each. */
export interface Worker {
  /**
   * Registers the handler of the events that match. Of several patterns the most specific one gets the event. Types of
   * `event.data` follow the pattern. What is wrong with a pattern is told when the worker starts.
   * Throws a `ProblemError` once the worker starts: the gateways know by then what it wishes for.
   */
  on<const Pattern extends EventPattern>(
    pattern: Pattern,
    handler: Handler<Pattern>,
    options?: HandlerOptions,
  ): Worker
  /**
   * Resolves once jobs are being taken and every live gateway routes by this worker's wishes; waits for a Redis that is away.
   * Rejects with a `ProblemError`, one line per problem, when options or patterns are wrong, Redis refuses us or stays away for
   * longer than `redis.waitMs`. Idempotent.
   */
  start(): Promise<void>
  /** Drains and resolves when nothing of the worker remains. Idempotent; also during a start. */
  stop(): Promise<void>
  /**
   * Runs as a process: starts, drains at SIGTERM or SIGINT (at a second one without patience), resolves when drained.
   * A start that fails is told in one line per problem, and the process's exit code set to 2. A worker that takes nothing any
   * more and can't mend it drains by itself, and the process exits with 1, to be replaced.
   */
  run(): Promise<void>
}
