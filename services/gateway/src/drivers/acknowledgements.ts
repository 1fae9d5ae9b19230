import type { OutgoingEvent } from '@holdfast/events'
import type { Timer } from '@holdfast/runtime'
import type { DriverTools, JournalEntry, Origin } from '../ports.ts'

/** One socket of a connection: whose link it is of, and which of its sockets. */
export interface EnvelopeSocket {
  readonly link: number
  readonly generation: number
}

/** One delivery of an event. */
export interface Sighting {
  readonly envelopeId: string
  readonly socket: EnvelopeSocket
  /** When the frame was read (monotonic milliseconds). */
  readonly receivedMs: number
}

/** What acknowledging takes. */
export interface AcknowledgementsOptions
  extends Pick<DriverTools, 'publish' | 'journal' | 'clock' | 'metrics' | 'room'> {
  /** The connection's id in the configuration. */
  readonly connection: string
  /** By what right its events are published now. */
  readonly origin: () => Origin
  /** Writes the acknowledgement on the socket that the envelope came on. */
  readonly acknowledge: (sighting: Sighting) => void
  /** One line about an event that will not be acknowledged in time. */
  readonly onUnkept: (event: OutgoingEvent, error: unknown) => void
}

interface Pending {
  readonly event: OutgoingEvent
  readonly receivedMs: number
  /** Deliveries that wait for their acknowledgement. */
  sightings: Sighting[]
  /** Until it goes into the journal. Not set any more once it is on the way there, or confirmed. */
  timer: Timer | undefined
  /** Who has the event: this process alone, the journal, or Redis. */
  held:
    | { readonly by: 'process' }
    | { readonly by: 'journal'; readonly entry: JournalEntry }
    | { readonly by: 'redis' }
}

/** Slack waits three seconds for whoever pressed or typed something, and then tells that person that it failed. */
const INTERACTIVE_PATIENCE_MS = 2_500

/**
 * The envelopes of one connection between their arrival and their acknowledgement. An envelope is acknowledged on the
 * socket it came on, once Redis has confirmed its event, and never before. What Slack does not repeat (interactive payloads
 * and slash commands) is put into the journal when Redis takes longer than 2.5 s, and acknowledged once it lies on disk; at
 * once on a socket that drains, which Slack may end sooner. An envelope that was not acknowledged, because its socket went
 * or Redis was away, is delivered again by Slack: if its event still waits here, the delivery joins it; if not, the queue
 * recognises it.
 *
 * While this process can hold no more, what Slack repeats is left to it: neither published nor acknowledged, and counted. What
 * Slack does not repeat must have its place in the journal before it is taken; there it has room of its own.
 */
export class Acknowledgements {
  readonly #options: AcknowledgementsOptions
  /** By event id, in order of arrival. */
  readonly #pending = new Map<string, Pending>()
  /** Deliveries that wait, by socket, and who wants to know that none does. */
  readonly #waitingCounts = new Map<string, number>()
  readonly #onDrained = new Map<string, () => void>()
  /** What `settled` waits for. */
  #unsettled = new Set<Pending>()
  #onSettled: () => void = () => {}
  #onConfirmed: () => void = () => {}

  constructor(options: AcknowledgementsOptions) {
    this.#options = options
  }

  /** Publishes the event of an envelope, and acknowledges the envelope when it may. False where it is left to Slack to deliver it again. */
  publish(event: OutgoingEvent, sighting: Sighting): boolean {
    const known = this.#pending.get(event.id)
    if (known) {
      this.#join(known, sighting)
      return true
    }
    if (this.#options.room?.full && !event.interactive) {
      this.#options.metrics.withheld(this.#options.connection)
      return false
    }
    this.#take(event, sighting)
    return true
  }

  #take(event: OutgoingEvent, sighting: Sighting): void {
    const { receivedMs } = sighting
    const pending: Pending = { event, receivedMs, sightings: [], timer: undefined, held: { by: 'process' } }
    if (this.#options.room?.full) return void this.#takeWithoutRoom(pending, sighting)
    this.#pending.set(event.id, pending)
    this.#wait(pending, sighting)
    if (event.interactive) this.#limit(pending)
    this.#publish(pending)
    if (this.#onDrained.has(keyOf(sighting.socket))) this.#hurry(pending)
  }

  /** When the oldest event came (monotonic milliseconds) that would be lost if the process died now and Slack repeated nothing any more. */
  get oldestMs(): number | undefined {
    for (const { held, receivedMs } of this.#pending.values()) if (held.by === 'process') return receivedMs
    return undefined
  }

  /** Calls back once no envelope of the socket waits any more; at once where none does. Not if it closes first. */
  drain(socket: EnvelopeSocket, onDrained: () => void): void {
    const key = keyOf(socket)
    if (!this.#waitingCounts.has(key)) return onDrained()
    this.#onDrained.set(key, onDrained)
    for (const pending of this.#pending.values())
      if (pending.sightings.some((sighting) => keyOf(sighting.socket) === key)) this.#hurry(pending)
  }

  /** The socket is gone: Slack repeats what was not acknowledged on it. */
  closed(socket: EnvelopeSocket): void {
    const key = keyOf(socket)
    this.#onDrained.delete(key)
    if (!this.#waitingCounts.delete(key)) return
    for (const pending of this.#pending.values()) {
      pending.sightings = pending.sightings.filter((sighting) => keyOf(sighting.socket) !== key)
      this.#settle(pending)
    }
  }

  /** Resolves when everything that has come until now is acknowledged, or can't be any more. What comes later is not waited for. */
  settled(): Promise<void> {
    this.#unsettled = new Set([...this.#pending.values()].filter(({ sightings }) => sightings.length > 0))
    if (this.#unsettled.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onSettled = resolve
    })
  }

  /** Resolves when Redis has everything that has come: what is acknowledged, and what can't be any more. */
  confirmed(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onConfirmed = resolve
    })
  }

  /** Nothing is put into the journal any more. */
  stop(): void {
    for (const { timer } of this.#pending.values()) timer?.clear()
  }

  async #takeWithoutRoom(pending: Pending, sighting: Sighting): Promise<void> {
    const { journal, connection, metrics, onUnkept } = this.#options
    const { event } = pending
    try {
      const entry = await journal.keep(event, connection)
      pending.held = { by: 'journal', entry }
      this.#pending.set(event.id, pending)
      this.#options.acknowledge(sighting)
      this.#publish(pending)
    } catch (error) {
      metrics.withheld(connection)
      onUnkept(event, error)
    }
  }

  #publish(pending: Pending): void {
    const { publish, origin } = this.#options
    publish(pending.event, origin(), () => this.#confirm(pending))
  }

  #join(known: Pending, sighting: Sighting): void {
    this.#wait(known, sighting)
    if (known.held.by === 'journal') this.#acknowledge(known)
    else if (this.#onDrained.has(keyOf(sighting.socket))) this.#hurry(known)
  }

  #wait(pending: Pending, sighting: Sighting): void {
    const key = keyOf(sighting.socket)
    pending.sightings.push(sighting)
    this.#waitingCounts.set(key, (this.#waitingCounts.get(key) ?? 0) + 1)
  }

  #limit(pending: Pending): void {
    pending.timer = this.#options.clock.setTimer(INTERACTIVE_PATIENCE_MS, () => void this.#keep(pending))
  }

  /** Its socket may end before its time does. What Slack repeats has none. */
  #hurry(pending: Pending): void {
    if (!pending.timer) return
    pending.timer.clear()
    void this.#keep(pending)
  }

  async #keep(pending: Pending): Promise<void> {
    pending.timer = undefined
    const { journal, connection, onUnkept } = this.#options
    try {
      const entry = await journal.keep(pending.event, connection)
      this.#onKept(pending, entry)
    } catch (error) {
      // The person sees Slack's error and may do it again; acknowledged, it could be lost without anyone knowing.
      if (pending.held.by === 'process') onUnkept(pending.event, error)
    }
  }

  #onKept(pending: Pending, entry: JournalEntry): void {
    if (pending.held.by === 'redis') return entry.settle()
    pending.held = { by: 'journal', entry }
    this.#acknowledge(pending)
  }

  #confirm(pending: Pending): void {
    pending.timer?.clear()
    pending.timer = undefined
    if (pending.held.by === 'journal') pending.held.entry.settle()
    pending.held = { by: 'redis' }
    this.#pending.delete(pending.event.id)
    this.#acknowledge(pending)
    if (this.#pending.size === 0) this.#onConfirmed()
  }

  /** Here responsibility passes: Slack forgets what is acknowledged, and Redis or the journal has it. */
  #acknowledge(pending: Pending): void {
    const { sightings } = pending
    pending.sightings = []
    for (const sighting of sightings) {
      this.#options.acknowledge(sighting)
      this.#countDown(keyOf(sighting.socket))
    }
    this.#settle(pending)
  }

  #countDown(key: string): void {
    const left = (this.#waitingCounts.get(key) ?? 0) - 1
    if (left > 0) return void this.#waitingCounts.set(key, left)
    this.#waitingCounts.delete(key)
    const onDrained = this.#onDrained.get(key)
    this.#onDrained.delete(key)
    onDrained?.()
  }

  #settle(pending: Pending): void {
    if (pending.sightings.length > 0 || !this.#unsettled.delete(pending)) return
    if (this.#unsettled.size === 0) this.#onSettled()
  }
}

function keyOf({ link, generation }: EnvelopeSocket): string {
  return `${link}/${generation}`
}
