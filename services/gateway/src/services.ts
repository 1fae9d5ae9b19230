/*
 * The parts of a gateway as services, in the order in which they start: how each is stopped is what keeps the promise
 * that nothing read is left unconfirmed without being told.
 */
import { encodeUnits, type UnitReport } from '@holdfast/ownership'
import { QueueError, type QueueView, type Registry, type Sink } from '@holdfast/queue'
import { type Clock, endsWithin, type Log, ProblemError, type Service } from '@holdfast/runtime'
import type { DepthWatch } from './depth-watch.ts'
import { GOODBYE_MS, sayGoodbye } from './goodbye.ts'
import type { DiskJournal } from './journal.ts'
import type { ConnectionStatus } from './ports.ts'
import type { Publisher } from './publisher.ts'
import { unitName } from './readiness.ts'
import type { SubscriptionWatch } from './subscription-watch.ts'
import type { Ownership } from './tenure/ownership.ts'
import { readVersion } from './version.ts'

/** What is left of the time that a stop may take. All of it until the stop begins. */
export class StopGrace {
  readonly #clock: Clock
  readonly #graceMs: number
  #deadlineMs: number | undefined

  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock
    this.#graceMs = graceMs
  }

  /** The clock runs from the first call. */
  begin(): void {
    this.#deadlineMs ??= this.#clock.monotonicMs() + this.#graceMs
  }

  get leftMs(): number {
    if (this.#deadlineMs === undefined) return this.#graceMs
    return Math.max(0, this.#deadlineMs - this.#clock.monotonicMs())
  }
}

/** What a replica tells of itself to whoever reads the members, units included as they are. */
export function memberFields(deployId: string, units: () => readonly ConnectionStatus[], clock: Clock) {
  const own = { version: readVersion(), deployId, startedAt: new Date(clock.wallAt()).toISOString() }
  return () => ({ ...own, ...encodeUnits(units().map(reportOf)) })
}

function reportOf(status: ConnectionStatus): UnitReport {
  const { platform, state, sinceAt, why, sequence } = status
  const known = { unit: unitName(status), platform, state, sinceAt }
  return { ...known, ...(why === undefined ? {} : { why }), ...(sequence ? { sequence } : {}) }
}

/** Knows the subscriptions before any event comes, and takes its note back at the end. */
export function watchService(
  watch: SubscriptionWatch,
  registry: Pick<Registry, 'stop'>,
  clock: Clock,
): Service {
  return {
    start: () =>
      watch.start().catch((error: unknown) => {
        if (error instanceof QueueError && error.code === 'layout')
          throw new ProblemError('redis-layout', error.message, { cause: error })
        throw error
      }),
    async stop() {
      await watch.stop()
      await sayGoodbye(clock, watch.leave())
      await registry.stop()
    },
  }
}

/** Looks at the depths for as long as the gateway runs. */
export function depthService(depths: DepthWatch, view: Pick<QueueView, 'stop'>): Service {
  return {
    start: () => depths.start(),
    async stop() {
      await depths.stop()
      await view.stop()
    },
  }
}

/** Confirms what is left within the grace; what is not is told, and stays behind its watermark or goes to the journal. */
export function sinkService(sink: Sink, publisher: Publisher, grace: StopGrace, log: Log): Service {
  return {
    start: () => sink.start(),
    async stop() {
      await sink.stop(grace.leftMs)
      // The sink's refusals reach the publisher in the microtasks after this one.
      await Promise.resolve()
      const { abandonedCount } = publisher
      if (abandonedCount > 0)
        log.error(
          { abandonedCount },
          'events were not confirmed before the stop: what the journal holds the next gateway on this disk publishes; else Discord repeats them to whoever resumes, Slack what came over Socket Mode, and on RTM they are part of a gap',
        )
    },
  }
}

/** What another process has left in the journal goes first: before the sockets bring anything new, and once there is a sink. */
export function replayService(journal: Pick<DiskJournal, 'replay'>, publisher: Publisher): Service {
  return {
    async start() {
      journal.replay(publisher.publish)
    },
    async stop() {},
  }
}

/** The units late: by now all that they need is there; and early to stop, while it still is. Until then they hold nothing. */
export function ownershipService(ownership: Pick<Ownership, 'start' | 'stop'>, grace: StopGrace): Service {
  return {
    start: () => ownership.start(),
    stop: () => ownership.stop(() => grace.leftMs),
  }
}

/**
 * Takes over changes while everything runs. One that is under way at the stop is waited for as little as a goodbye: what
 * it stops, the units wait for, and it starts nothing any more.
 */
export function reloadService(reload: Service, clock: Clock): Service {
  return {
    start: () => reload.start(),
    async stop() {
      await endsWithin(clock, GOODBYE_MS, reload.stop())
    },
  }
}
