import { createSlackSocketModeDriver } from '../../services/gateway/src/drivers/slack-socket-mode-driver.ts'
import type { ConnectionDriver, DriverTools } from '../../services/gateway/src/ports.ts'
import type { FuzzSocket } from './fuzz-socket.ts'
import { type FuzzedPlatform, type Judge, readSent, type ValidFrame } from './fuzzed-platform.ts'
import type { Random } from './random.ts'

/** Slack's own times: it waits so long for an acknowledgement, and closes so long after it has asked for a fresh socket. */
const ACKNOWLEDGE_WITHIN_MS = 3_000
const REFRESH_WITHIN_MS = 10_000
const RETRIES = 3
const STIRS = ['warning', 'refresh_requested', 'refresh_requested', 'link_disabled', 'too_many_websockets']

interface Delivery {
  readonly mark: string
  readonly payload: string
  readonly type: string
  attempt: number
  socket: FuzzSocket | undefined
  sentMs: number
}

/** Slack Socket Mode for one app: each envelope goes to one socket, again and again until it is acknowledged there. */
export class FuzzedSocketMode implements FuzzedPlatform {
  readonly #live = new Set<FuzzSocket>()
  readonly #leavingMs = new Map<FuzzSocket, number>()
  readonly #unanswered = new Map<string, Delivery>()
  #judge: Judge | undefined
  #nowMs = 0
  #count = 0

  drive(tools: DriverTools, judge: Judge): ConnectionDriver {
    this.#judge = judge
    return createSlackSocketModeDriver({
      ...tools,
      connection: 'fuzzed',
      appToken: 'xapp-token',
      botToken: 'xoxb-token',
      apiUrl: 'https://slack.example/api/',
      sockets: 2,
    })
  }

  answer(method: string): unknown {
    if (method === 'auth.test') return { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' }
    return { ok: true, url: 'wss://socket-mode.example/link/?ticket=1&app_id=A1' }
  }

  opened(socket: FuzzSocket): void {
    this.#live.add(socket)
    socket.says(
      `{"type":"hello","num_connections":${this.#live.size},"connection_info":{"app_id":"A1"},"debug_info":{"approximate_connection_time":18060}}`,
    )
  }

  /** An acknowledgement is all that it may send. */
  heard(socket: FuzzSocket, text: string): void {
    const id = String(readSent(text).envelope_id)
    const delivery = this.#unanswered.get(id)
    // One of a fuzzed envelope, or of a delivery that was made again meanwhile.
    if (!delivery) return
    if (delivery.socket !== socket)
      return this.#judge?.complain(`${id} was acknowledged on a socket it had not come on`)
    if (!this.#judge?.isSafe(delivery.mark))
      this.#judge?.complain(`${id} was acknowledged before it was durable`)
    this.#unanswered.delete(id)
  }

  ended(socket: FuzzSocket): void {
    this.#live.delete(socket)
    this.#leavingMs.delete(socket)
  }

  valid(mark: string): ValidFrame | undefined {
    const sockets = [...this.#live].filter(({ state }) => state === 'open')
    const socket = sockets[this.#count % sockets.length]
    if (!socket) return undefined
    this.#count += 1
    const delivery = { ...this.#payload(mark), mark, attempt: 0, socket, sentMs: this.#nowMs }
    const id = `valid-${this.#count}`
    this.#unanswered.set(id, delivery)
    return { sockets: [socket], text: envelopeText(id, delivery) }
  }

  stir(socket: FuzzSocket, random: Random): void {
    this.#leavingMs.set(socket, this.#nowMs + REFRESH_WITHIN_MS)
    socket.says(`{"type":"disconnect","reason":"${random.pick(STIRS)}","debug_info":{"host":"applink-1"}}`)
  }

  look(nowMs: number): void {
    this.#nowMs = nowMs
    for (const [socket, dueMs] of this.#leavingMs) {
      if (dueMs > nowMs) continue
      this.ended(socket)
      socket.ends(1000)
    }
    for (const [id, delivery] of this.#unanswered) this.#deliverAgain(id, delivery)
  }

  #deliverAgain(id: string, delivery: Delivery): void {
    const isLate = this.#nowMs - delivery.sentMs >= ACKNOWLEDGE_WITHIN_MS
    if (!isLate) return
    const socket = [...this.#live].find(({ state }) => state === 'open')
    if (!socket) return
    this.#unanswered.delete(id)
    delivery.attempt += 1
    // Interactive ones are never repeated.
    if (delivery.attempt > RETRIES || delivery.type !== 'events_api') return
    delivery.socket = socket
    delivery.sentMs = this.#nowMs
    const nextId = `${id}+`
    this.#unanswered.set(nextId, delivery)
    socket.says(envelopeText(nextId, delivery))
  }

  #payload(mark: string): { type: string; payload: string } {
    const n = String(this.#count).padStart(6, '0')
    if (this.#count % 5 === 0)
      return {
        type: 'slash_commands',
        payload: `{"command":"/fuzz","text":"${mark}","team_id":"T1","user_id":"U1","channel_id":"C1","trigger_id":"1.${n}"}`,
      }
    return {
      type: 'events_api',
      payload: `{"type":"event_callback","team_id":"T1","api_app_id":"A1","event_id":"Ev${n}","event_time":1790000000,"event":{"type":"message","channel":"C1","user":"U1","text":"${mark}","ts":"1790000000.${n}"}}`,
    }
  }
}

function envelopeText(id: string, { type, payload, attempt }: Delivery): string {
  const reason = attempt === 0 ? '' : 'timeout'
  return `{"envelope_id":"${id}","type":"${type}","accepts_response_payload":false,"payload":${payload},"retry_attempt":${attempt},"retry_reason":"${reason}"}`
}
