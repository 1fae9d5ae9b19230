import type { OutgoingEvent } from '@holdfast/events'
import type { Confirmation, Sink, SinkItem } from '@holdfast/queue'
import type { Log } from '@holdfast/runtime'
import type { OpenSocket } from '../src/drivers/socket.ts'
import type { PublisherMetrics } from '../src/publisher.ts'
import type { UnitTools } from '../src/tenure/candidate.ts'

export function event(id: string, fields: Partial<OutgoingEvent> = {}): OutgoingEvent {
  return {
    id,
    type: 'discord.MESSAGE_CREATE',
    delivery: 'live',
    dedupeWindowMs: 3_600_000,
    interactive: false,
    text: JSON.stringify({ id }),
    ...fields,
  }
}

export interface LogLine {
  readonly level: string
  readonly fields: object
  readonly message: string
}

/** A log that keeps its lines. */
export function recordingLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A sink whose confirmations the test gives, in whatever order. */
export class HeldSink implements Sink {
  readonly items: SinkItem[] = []
  readonly #settle = new Map<string, { resolve: (c: Confirmation) => void; reject: (e: Error) => void }>()
  bytes = 0

  start = async () => {}
  readonly connected = true

  get unconfirmed() {
    return { count: this.#settle.size, bytes: this.bytes }
  }

  enqueue(item: SinkItem): Promise<Confirmation> {
    this.items.push(item)
    return new Promise((resolve, reject) => this.#settle.set(item.event.id, { resolve, reject }))
  }

  confirm(id: string, ...confirmation: Confirmation): void {
    this.#settle.get(id)?.resolve(confirmation)
    this.#settle.delete(id)
  }

  async stop(): Promise<void> {
    for (const { reject } of this.#settle.values()) reject(new Error('stopped'))
    this.#settle.clear()
  }
}

/** Counts as `name{label}`. */
export function recordingMetrics(): PublisherMetrics & {
  readonly counts: Record<string, number>
  readonly seconds: number[]
} {
  const counts: Record<string, number> = {}
  const seconds: number[] = []
  const add = (name: string, label: string, change = 1) => {
    counts[`${name}{${label}}`] = (counts[`${name}{${label}}`] ?? 0) + change
  }
  return {
    counts,
    seconds,
    unwanted: (connection) => add('unwanted', connection),
    result: (subscription, result) => add(result, subscription),
    unconfirmed: (connection, change) => add('unconfirmed', connection, change),
    confirmed: (value) => void seconds.push(value),
  }
}

const noSocket: OpenSocket = () => ({
  send() {},
  ping() {},
  close() {},
  terminate() {},
  closed: Promise.resolve(),
})

/** For a driver that is made and not used. */
export const unitTools: UnitTools = {
  publish: () => {},
  openSocket: noSocket,
  isOurs: async () => true,
  onFenced: () => {},
  onOusted: () => {},
}
