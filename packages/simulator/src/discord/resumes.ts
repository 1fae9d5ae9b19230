import type { ResumeFact } from '../facts.ts'
import type { DiscordBot } from './directory.ts'
import type { Resume } from './gateway-frame.ts'
import type { GatewaySocket } from './gateway-socket.ts'
import type { DiscordSession } from './session.ts'
import type { DiscordSessions } from './sessions.ts'

/** What became of a RESUME, as the record tells it. */
export type ResumeOutcome = Pick<ResumeFact, 'outcome' | 'code' | 'why' | 'replayedCount'>

/** Discord's answers to RESUME. Source: docs.discord.com, Gateway, Resuming. */
export class Resumes {
  readonly #sessions: DiscordSessions
  readonly #socketsOf: (bot: DiscordBot) => readonly GatewaySocket[]

  constructor(sessions: DiscordSessions, socketsOf: (bot: DiscordBot) => readonly GatewaySocket[]) {
    this.#sessions = sessions
    this.#socketsOf = socketsOf
  }

  /** Takes the session up on this socket, with all that was missed; or refuses. */
  answer(socket: GatewaySocket, bot: DiscordBot, { session: id, sequence }: Resume): ResumeOutcome {
    const session = this.#sessions.find(id)
    if (!session || session.bot !== bot) return anew(socket, 'no such session')
    // What Discord makes of it is not documented; it asks for the same, and the worst is to be told to identify.
    if (session.dialect !== socket.dialect)
      return anew(socket, `resumed with ${socket.dialect}, begun with ${session.dialect}`)
    if (sequence > session.sequence) {
      this.#sessions.end(session, 'invalid seq')
      socket.close(4007)
      return { outcome: 'closed', code: 4007 }
    }
    if (!session.canReplayFrom(sequence)) {
      this.#sessions.end(session, 'replay buffer overflow')
      return anew(socket, 'replay buffer overflow')
    }
    return this.#take(socket, session, sequence)
  }

  #take(socket: GatewaySocket, session: DiscordSession, sequence: number): ResumeOutcome {
    const { state } = session
    const former = this.#socketsOf(session.bot).find(
      (other) => state.kind === 'attached' && other === state.socket,
    )
    this.#sessions.attach(session, socket)
    socket.bind(session)
    session.refresh()
    // What happens to the former socket is undocumented; a code that lets it resume in turn is the worst for both.
    former?.close(4000)
    const replayedCount = session.replay(socket, sequence)
    session.tell('RESUMED', '{"_trace":["simulator"]}')
    return { outcome: 'resumed', replayedCount }
  }
}

function anew(socket: GatewaySocket, why: string): ResumeOutcome {
  socket.invalidSession(false)
  return { outcome: 'invalid-session', why }
}
