import type { PlatformSocket } from '../socket.ts'
import type { SlackBot } from './directory.ts'

/** A socket of a bot, of either kind: what faults and `/control/state` need of it. */
export interface SlackSocket {
  readonly transport: 'rtm' | 'socket-mode'
  readonly bot: SlackBot
  readonly number: number
  /** Whether something written now has a chance to arrive. */
  readonly open: boolean
  readonly frozen: boolean
  readonly platformSocket: PlatformSocket
  send(text: string): void
  close(code: number, reason?: string): void
  drop(): void
  freeze(): void
}
