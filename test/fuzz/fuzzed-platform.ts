import type { ConnectionDriver, DriverTools } from '../../services/gateway/src/ports.ts'
import type { FuzzSocket } from './fuzz-socket.ts'
import type { Random } from './random.ts'

/** One frame that must arrive: on which sockets it is said, and its text. */
export interface ValidFrame {
  readonly sockets: readonly FuzzSocket[]
  readonly text: string
}

/** What a platform may ask and say about the driver under test. */
export interface Judge {
  /** Whether the event of this mark is where it survives the process: confirmed by Redis, or in the journal. */
  isSafe(mark: string): boolean
  /** The driver did what it must not do. */
  complain(problem: string): void
}

/** A platform that answers as documented, while somebody else writes frames of their own on its sockets. */
export interface FuzzedPlatform {
  /** The driver under test. */
  drive(tools: DriverTools, judge: Judge): ConnectionDriver
  /** The body of a REST answer. `method` is the last part of the path. */
  answer(method: string): unknown
  /** The socket stands. */
  opened(socket: FuzzSocket): void
  /** The driver sent this. */
  heard(socket: FuzzSocket, text: string): void
  /** The socket is gone. */
  ended(socket: FuzzSocket): void
  /** The next frame that must be delivered, holding `mark`; nothing while no socket could carry it. */
  valid(mark: string): ValidFrame | undefined
  /** Asks the driver of this socket to move, in one of the documented ways. */
  stir(socket: FuzzSocket, random: Random): void
  /** Time has passed: what is due (a redelivery) is done. */
  look(nowMs: number): void
}

/** How a socket may end without anything being wrong for good. */
export const PASSING_CLOSES: readonly (number | undefined)[] = [undefined, 1000, 1001, 1006, 1011, 1012]

/** What a driver sent, as an object; nothing where it is none, which no driver of ours may send. */
export function readSent(text: string): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Record<string, unknown>
}
