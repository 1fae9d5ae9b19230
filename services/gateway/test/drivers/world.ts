import type { OutgoingEvent } from '@holdfast/events'
import { type Checkpoint, type CheckpointStore, createMemoryCallBudget } from '@holdfast/ownership'
import { ManualClock } from '@holdfast/runtime'
import type { OpenSocket, SocketHandlers } from '../../src/drivers/socket.ts'
import type { ConnectionMetrics, DriverLog, Journal, Mark, Origin, Publish, Room } from '../../src/ports.ts'

let highestFence = 0
/** A fencing number newer than every one before. */
export const nextFence = (): number => ++highestFence

/** A socket whose other side is the test. */
export class FakeSocket {
  readonly url: string
  readonly sent: string[] = []
  pingCount = 0
  readonly #handlers: SocketHandlers
  readonly closed: Promise<void>
  closedWith: number | 'terminated' | undefined
  /** Whether the other side takes its time to answer a close: then the test says when, by `drops`. */
  lingers = false
  #resolve: () => void = () => {}

  constructor(url: string, handlers: SocketHandlers) {
    this.url = url
    this.#handlers = handlers
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  open(): void {
    this.#handlers.onOpen()
  }

  says(frame: unknown): void {
    this.#handlers.onText(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** A websocket ping or pong of the other side. */
  lives(): void {
    this.#handlers.onAlive?.()
  }

  drops(code?: number, reason = ''): void {
    this.#resolve()
    this.#handlers.onClose(code, reason)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  ping(): void {
    this.pingCount += 1
  }

  close(code: number): void {
    this.closedWith = code
    if (!this.lingers) this.drops(code)
  }

  terminate(): void {
    this.closedWith = 'terminated'
    this.drops(1006)
  }

  /** What was sent, parsed. */
  get frames(): Record<string, unknown>[] {
    return this.sent.map((text) => JSON.parse(text))
  }
}

/** A store in memory, with a hand on what it answers. */
export class FakeStore implements CheckpointStore {
  readonly saved: Checkpoint[] = []
  stored: Checkpoint | undefined
  answer: 'saved' | 'refused' | Error = 'saved'
  loadFails = false

  constructor(stored?: Checkpoint) {
    this.stored = stored
  }

  async load(): Promise<Checkpoint | undefined> {
    if (this.loadFails) throw new Error('Redis is away')
    return this.stored
  }

  async save(_unit: string, _fence: number, checkpoint: Checkpoint): Promise<'saved' | 'refused'> {
    if (this.answer instanceof Error) throw this.answer
    if (this.answer === 'saved') this.saved.push(checkpoint)
    return this.answer
  }

  get last(): Checkpoint | undefined {
    return this.saved.at(-1)
  }
}

export interface Published {
  readonly event: OutgoingEvent
  readonly origin: Origin
  readonly confirm: () => void
  /** As the journal does once it has it; nothing where it may not. */
  readonly keep: () => void
}

/** A room that is full when the test says so. */
export class FakeRoom implements Room {
  readonly #watchers = new Set<(full: boolean) => void>()
  full = false

  watch(onChange: (full: boolean) => void): () => void {
    this.#watchers.add(onChange)
    return () => void this.#watchers.delete(onChange)
  }

  turns(full: boolean): void {
    this.full = full
    for (const onChange of this.#watchers) onChange(full)
  }

  get watcherCount(): number {
    return this.#watchers.size
  }
}

/** Everything around a driver. Time stands still; sockets, confirms and HTTP answers are the test's. */
export class World {
  readonly clock = new ManualClock()
  readonly store: FakeStore
  readonly sockets: FakeSocket[] = []
  readonly published: Published[] = []
  readonly lines: { level: string; fields: object; message: string }[] = []
  readonly counts = {
    received: [] as string[],
    malformed: 0,
    gaps: 0,
    dropped: 0,
    withheld: 0,
    identifies: 0,
    deaf: [] as number[],
    breakers: [] as boolean[],
    states: [] as string[],
  }
  /** The body that each path answers with; a number is an HTTP status. */
  readonly answers = new Map<string, unknown>()
  readonly calls: { path: string; headers: Record<string, string>; body: string }[] = []
  /** Confirms at once, as for events that nobody wants. */
  confirming = true
  /** Whether any subscription wants what comes. */
  wanting = true

  constructor(stored?: Checkpoint) {
    this.store = new FakeStore(stored)
  }

  readonly budget = createMemoryCallBudget(this.clock)
  readonly room = new FakeRoom()
  /** What the drivers said for the next process, and what an earlier one has left. */
  readonly marks = new Map<string, Mark | undefined>()
  readonly left = new Map<string, Mark>()
  /** Redis has what that one has left of its events. */
  replayed: Promise<void> = Promise.resolve()
  readonly journal: Journal = {
    keep: () => Promise.reject(new Error('this world has no disk')),
    mark: (unit, mark) => void this.marks.set(unit, mark),
    marked: (unit) => this.left.get(unit),
    replayed: () => this.replayed,
  }

  get deps() {
    return {
      publish: this.publish,
      wanted: () => this.wanting,
      checkpoints: this.store,
      budget: this.budget,
      journal: this.journal,
      room: this.room,
      metrics: this.metrics,
      log: this.log,
      clock: this.clock,
      openSocket: this.openSocket,
      fetch: this.fetch,
    }
  }

  readonly publish: Publish = (event, origin, confirm, keep = () => {}) => {
    this.published.push({ event, origin, confirm, keep })
    if (this.confirming) confirm()
  }

  readonly openSocket: OpenSocket = (url, handlers) => {
    const socket = new FakeSocket(url, handlers)
    this.sockets.push(socket)
    return socket
  }

  readonly fetch = (async (input: string | URL | Request, init?: RequestInit) => {
    const path = new URL(String(input)).pathname
    this.calls.push({
      path,
      headers: init?.headers as Record<string, string>,
      body: String(init?.body ?? ''),
    })
    const answer = this.answers.get(path.split('/').slice(-2).join('/')) ?? 404
    if (answer instanceof Response) return answer.clone()
    return typeof answer === 'number' ? new Response('', { status: answer }) : Response.json(answer)
  }) as typeof fetch

  readonly metrics: ConnectionMetrics = {
    received: (_platform, _connection, type) => this.counts.received.push(type),
    malformed: () => this.counts.malformed++,
    gap: () => this.counts.gaps++,
    dropped: () => this.counts.dropped++,
    withheld: () => this.counts.withheld++,
    identified: () => this.counts.identifies++,
    deaf: (_connection, shard) => this.counts.deaf.push(shard),
    identifyBreaker: (_connection, holds) => this.counts.breakers.push(holds),
    state: (_connection, _shard, state) => this.counts.states.push(state),
  }

  readonly log: DriverLog = {
    info: (fields, message) => this.lines.push({ level: 'info', fields, message }),
    warn: (fields, message) => this.lines.push({ level: 'warn', fields, message }),
    error: (fields, message) => this.lines.push({ level: 'error', fields, message }),
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('no socket was opened')
    return socket
  }

  get types(): string[] {
    return this.published.map(({ event }) => event.type)
  }

  /** The published events of a type, decoded. */
  events(type: string): Record<string, unknown>[] {
    return this.published
      .filter(({ event }) => event.type === type)
      .map(({ event }) => JSON.parse(event.text))
  }

  /** The lines that tell of a gap once it is announced. */
  get gapLines(): unknown[] {
    return this.lines.filter(({ message }) => message.startsWith('events may be missed from '))
  }

  /** Lets everything that needs no time happen: answers of fakes are promises that are resolved already. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.settle()
  }

  /** Nothing that was logged may contain a secret or the text of a payload. */
  logText(): string {
    return JSON.stringify(this.lines)
  }
}
