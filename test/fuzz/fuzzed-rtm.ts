import { createSlackRtmDriver } from '../../services/gateway/src/drivers/slack-rtm-driver.ts'
import type { ConnectionDriver, DriverTools } from '../../services/gateway/src/ports.ts'
import type { FuzzSocket } from './fuzz-socket.ts'
import { type FuzzedPlatform, readSent, type ValidFrame } from './fuzzed-platform.ts'
import type { Random } from './random.ts'

/** Slack says only that it will be soon. */
const FAREWELL_WITHIN_MS = 10_000
const STIRS = [
  '{"type":"goodbye"}',
  '{"type":"team_migration_started"}',
  '{"type":"reconnect_url","url":"x"}',
]

/** Slack RTM for one bot: every event goes to every socket, and nothing is repeated. */
export class FuzzedRtm implements FuzzedPlatform {
  readonly #live = new Set<FuzzSocket>()
  readonly #leavingMs = new Map<FuzzSocket, number>()
  #nowMs = 0
  #count = 0

  drive(tools: DriverTools): ConnectionDriver {
    return createSlackRtmDriver({
      ...tools,
      connection: 'fuzzed',
      token: 'xoxb-token',
      apiUrl: 'https://slack.example/api/',
    })
  }

  answer(method: string): unknown {
    if (method === 'auth.test') return { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' }
    if (method === 'bots.info') return { ok: true, bot: { id: 'B1', app_id: 'A1' } }
    return { ok: true, url: 'wss://rtm.example/1', self: { id: 'UBOT' }, team: { id: 'T1' } }
  }

  opened(socket: FuzzSocket): void {
    this.#live.add(socket)
    socket.says('{"type":"hello"}')
  }

  heard(socket: FuzzSocket, text: string): void {
    const { type, id } = readSent(text)
    if (type === 'ping') socket.says(`{"type":"pong","reply_to":${id}}`)
  }

  ended(socket: FuzzSocket): void {
    this.#live.delete(socket)
    this.#leavingMs.delete(socket)
  }

  valid(mark: string): ValidFrame | undefined {
    const sockets = [...this.#live].filter(({ state }) => state === 'open')
    if (sockets.length === 0) return undefined
    this.#count += 1
    const ts = `1790000000.${String(this.#count).padStart(6, '0')}`
    const text = `{"type":"message","channel":"C1","user":"U1","text":"${mark}","ts":"${ts}"}`
    return { sockets, text }
  }

  stir(socket: FuzzSocket, random: Random): void {
    this.#leavingMs.set(socket, this.#nowMs + FAREWELL_WITHIN_MS)
    socket.says(random.pick(STIRS))
  }

  look(nowMs: number): void {
    this.#nowMs = nowMs
    for (const [socket, dueMs] of this.#leavingMs) {
      if (dueMs > nowMs) continue
      this.ended(socket)
      socket.ends(1000)
    }
  }
}
