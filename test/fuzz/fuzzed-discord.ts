import { createDiscordDriver } from '../../services/gateway/src/drivers/discord-driver.ts'
import type { ConnectionDriver, DriverTools } from '../../services/gateway/src/ports.ts'
import type { FuzzSocket } from './fuzz-socket.ts'
import { type FuzzedPlatform, readSent, type ValidFrame } from './fuzzed-platform.ts'
import type { Random } from './random.ts'

const URL = 'wss://gateway.example'
const HELLO = '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}'
const STIRS = [
  '{"op":7,"d":null,"s":null,"t":null}',
  '{"op":9,"d":true,"s":null,"t":null}',
  '{"op":9,"d":false,"s":null,"t":null}',
  '{"op":1,"d":null}',
]

interface Session {
  readonly id: string
  /** The dispatches of the session; the sequence of each is its place, from 1. */
  readonly said: string[]
}

/** A Discord gateway with one bot: sessions, replays, heartbeats. */
export class FuzzedDiscord implements FuzzedPlatform {
  readonly #sessions = new Map<string, Session>()
  readonly #attached = new Map<FuzzSocket, Session>()
  #count = 0

  drive(tools: DriverTools): ConnectionDriver {
    return createDiscordDriver({
      ...tools,
      connection: 'fuzzed',
      token: 'token',
      intents: 513,
      shard: [0, 1],
      apiUrl: 'https://discord.example/api/v10',
      permits: {
        announce: () => () => {},
        acquire: async ({ signal }) => (signal.aborted ? 'withdrawn' : 'granted'),
      },
    })
  }

  answer(): unknown {
    const limit = { total: 1_000, remaining: 900, reset_after: 60_000, max_concurrency: 1 }
    return { url: URL, shards: 1, session_start_limit: limit }
  }

  opened(socket: FuzzSocket): void {
    socket.says(HELLO)
  }

  heard(socket: FuzzSocket, text: string): void {
    const { op, d } = readSent(text)
    if (op === 1) socket.says('{"t":null,"s":null,"op":11,"d":null}')
    if (op === 2) this.#identify(socket)
    if (op === 6) this.#resume(socket, d as { session_id: string; seq: number })
  }

  ended(socket: FuzzSocket): void {
    this.#attached.delete(socket)
  }

  valid(mark: string): ValidFrame | undefined {
    for (const [socket, session] of this.#attached) {
      if (socket.state !== 'open') continue
      this.#count += 1
      const id = `14400000000${String(this.#count).padStart(8, '0')}`
      const text = this.#next(session, 'MESSAGE_CREATE', { id, channel_id: '5', content: mark })
      return { sockets: [socket], text }
    }
    return undefined
  }

  stir(socket: FuzzSocket, random: Random): void {
    const frame = random.pick(STIRS)
    const session = this.#attached.get(socket)
    if (session && frame.includes('false')) this.#sessions.delete(session.id)
    if (frame.includes('"op":9')) this.#attached.delete(socket)
    socket.says(frame)
  }

  look(): void {}

  #identify(socket: FuzzSocket): void {
    const session: Session = { id: `session-${this.#sessions.size}-${this.#count}`, said: [] }
    this.#sessions.set(session.id, session)
    const ready = {
      v: 10,
      session_id: session.id,
      resume_gateway_url: URL,
      user: { id: '1' },
      application: { id: '2' },
      guilds: [],
    }
    const text = this.#next(session, 'READY', ready)
    this.#attached.set(socket, session)
    socket.says(text)
  }

  #resume(socket: FuzzSocket, { session_id: id, seq }: { session_id: string; seq: number }): void {
    const session = this.#sessions.get(id)
    if (!session) return socket.says('{"op":9,"d":false,"s":null,"t":null}')
    if (seq > session.said.length) {
      // A garbled frame has made the driver believe in a sequence that never was.
      this.#sessions.delete(id)
      return socket.ends(4007)
    }
    for (const text of session.said.slice(seq)) socket.says(text)
    socket.says(this.#next(session, 'RESUMED', {}))
    this.#attached.set(socket, session)
  }

  #next(session: Session, type: string, d: unknown): string {
    const text = `{"t":"${type}","s":${session.said.length + 1},"op":0,"d":${JSON.stringify(d)}}`
    session.said.push(text)
    return text
  }
}
