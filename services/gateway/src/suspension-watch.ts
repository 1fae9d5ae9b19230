import { gapEvent } from '@holdfast/events'
import {
  type Depth,
  interactiveQueue,
  type QueueView,
  type Sink,
  type Subscription,
  type Suspension,
} from '@holdfast/queue'
import type { Clock, Log, Service, Timer } from '@holdfast/runtime'

const LOOK_EVERY_MS = 2_000
/** A full queue takes events again once it has fallen to this part of its bound, so that it does not flicker. */
const RESUME_BELOW = 0.9

/** What is watched, and who is told. */
export interface SuspensionWatchOptions {
  readonly view: Pick<QueueView, 'depth' | 'suspension' | 'suspendIdle'>
  readonly sink: Pick<Sink, 'enqueue'>
  readonly subscriptions: () => readonly Subscription[]
  readonly clock: Clock
  readonly log: Log
  /** A queue is suspended, or takes events again. */
  readonly onState: (queue: string, suspended: boolean) => void
}

/**
 * Watches the bounds of the subscriptions. A queue that is full suspends itself, atomically, at the enqueue; one on which
 * nobody has worked for too long is suspended here. Each is an alert. When there is room, or a worker, again, its
 * `holdfast.gap` tells how many events it missed and since when; the queue opens in the same step in which the gap is
 * enqueued, and only if the count is exact, so nothing is missed untold.
 */
export class SuspensionWatch implements Service {
  readonly #options: SuspensionWatchOptions
  readonly #suspended = new Map<string, Suspension>()
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #stopped = false

  constructor(options: SuspensionWatchOptions) {
    this.#options = options
  }

  find(queue: string): Suspension | undefined {
    return this.#suspended.get(queue)
  }

  async start(): Promise<void> {
    if (this.#timer) return
    this.#lookLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.clear()
  }

  /** One look at every queue. Never rejects: while Redis is away nothing is known, and it is looked again. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll()
      .catch(() => {}) // Redis is away: the next look finds out.
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  #lookLater(): void {
    this.#timer = this.#options.clock.setTimer(LOOK_EVERY_MS, () => {
      if (this.#stopped) return
      this.#lookLater()
      void this.look()
    })
  }

  async #lookAtAll(): Promise<void> {
    const looked = new Set<string>()
    for (const subscription of this.#options.subscriptions()) {
      for (const queue of [subscription.name, interactiveQueue(subscription.name)]) {
        looked.add(queue)
        await this.#lookAt(queue, subscription)
      }
    }
    for (const queue of this.#suspended.keys()) if (!looked.has(queue)) this.#forget(queue)
  }

  async #lookAt(queue: string, subscription: Subscription): Promise<void> {
    const { view } = this.#options
    const [depth, suspension] = await Promise.all([view.depth(queue), view.suspension(queue)])
    if (!suspension) {
      this.#tell(queue, undefined)
      if (isIdle(depth, subscription)) await view.suspendIdle(queue)
      return
    }
    this.#tell(queue, suspension)
    if (mayResume(suspension, depth, subscription)) await this.#resume(queue, suspension)
  }

  async #resume(queue: string, suspension: Suspension): Promise<void> {
    const { sink, clock } = this.#options
    const now = clock.wallAt()
    const gap = gapEvent({
      platform: 'holdfast',
      connection: queue,
      bot: 'holdfast',
      from: suspension.sinceAt,
      to: now,
      why: 'suspended',
      missedCount: suspension.missedCount,
      recoverable: [],
      receivedAt: now,
    })
    // Refused while more events are missed than it counts: the next look counts again.
    await sink.enqueue({ event: gap, subscriptions: [queue], liftsMissedCount: suspension.missedCount })
  }

  /** Its subscription was removed. */
  #forget(queue: string): void {
    this.#suspended.delete(queue)
    this.#options.onState(queue, false)
  }

  #tell(queue: string, suspension: Suspension | undefined): void {
    const { log, onState } = this.#options
    const before = this.#suspended.get(queue)
    if (suspension) this.#suspended.set(queue, suspension)
    else this.#suspended.delete(queue)
    if (suspension && !before) {
      onState(queue, true)
      log.error({ queue, reason: suspension.reason }, WHY[suspension.reason])
    } else if (!suspension && before) {
      onState(queue, false)
      log.info(
        { queue, missedCount: before.missedCount },
        'the queue takes events again; its gap is announced',
      )
    }
  }
}

const WHY: Readonly<Record<Suspension['reason'], string>> = {
  full: 'the queue is at its bound (maxWaiting) and misses events: start workers, or raise the bound',
  idle: 'nobody has worked on the queue for longer than maxIdle, and it misses events: start workers, or remove the subscription',
}

/** All that wait, whatever for. */
const heldCount = ({ waiting, parked, retrying, sleeping }: Depth): number =>
  waiting + parked + retrying + sleeping

function isIdle(depth: Depth, { workerCount, maxIdleMs }: Subscription): boolean {
  return workerCount === 0 && depth.active === 0 && depth.lagMs >= maxIdleMs
}

function mayResume(suspension: Suspension, depth: Depth, subscription: Subscription): boolean {
  const hasRoom = heldCount(depth) <= subscription.maxWaiting * RESUME_BELOW
  return suspension.reason === 'full' ? hasRoom : hasRoom && !isIdle(depth, subscription)
}
