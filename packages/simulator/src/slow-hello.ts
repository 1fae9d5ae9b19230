import type { WebSocket } from 'ws'
import type { Platform } from './facts.ts'
import type { FaultWorld } from './fault.ts'

/** A websocket that is to wait for its hello. */
export interface LateSocket {
  readonly platform: Platform
  readonly ws: WebSocket
  readonly number: number
  readonly waitMs: number
}

/**
 * The handshake is done, and for a while nothing follows: nothing is read or said. A bot that goes meanwhile is recorded
 * as closed without ever having been opened.
 */
export function acceptLate(
  { clock, record }: Pick<FaultWorld, 'clock' | 'record'>,
  { platform, ws, number: socket, waitMs }: LateSocket,
  accept: () => void,
): void {
  const gone = (code: number) => {
    timer.clear()
    record.write({ kind: 'socket', platform, socket, what: 'closed', code, by: 'bot' })
  }
  // The library closes after it.
  const ignore = () => {}
  const timer = clock.setTimer(waitMs, () => {
    accept()
    ws.off('close', gone)
    ws.off('error', ignore)
  })
  ws.on('close', gone)
  ws.on('error', ignore)
}
