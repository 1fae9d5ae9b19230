import type { DiscordFrame } from '../src/index.ts'

/** A session on Discord's side: what was sent in it, numbered from 1 (READY). */
export interface DiscordsSession {
  readonly id: string
  readonly types: string[]
  alive: boolean
}

/** Discord, as far as a shard can tell: sessions, and what was dispatched in each. */
export class DiscordSide {
  readonly sessions: DiscordsSession[] = []

  /** Answers an identify; READY is the first dispatch. */
  begin(): DiscordsSession {
    const session = { id: `session-${this.sessions.length}`, types: ['READY'], alive: true }
    this.sessions.push(session)
    return session
  }

  find(id: string): DiscordsSession | undefined {
    return this.sessions.find((session) => session.id === id)
  }
}

/** One dispatch of a session, as it is sent and as it is replayed. */
export function dispatchOf({ id, types }: DiscordsSession, sequence: number): DiscordFrame {
  const dataText = JSON.stringify({
    session_id: id,
    resume_gateway_url: 'wss://resume.example',
    user: { id: '1' },
    application: { id: '2' },
    guilds: [],
  })
  return { kind: 'dispatch', type: types[sequence - 1] ?? '', sequence, dataText }
}
