import type { Socket } from 'node:net'
import type { Clock, Timer } from '../clock.ts'

const LOOK_MS = 2_500
/** Longer than a worker lets Redis wait for a job (10 s). */
const SILENT_LOOKS = 6

/**
 * Cuts a connection on which something was said and nothing came back for 15 s: the machine at its other end is gone without
 * a word, and another may serve by now. One on which nothing is asked may be silent for ever.
 */
export function cutWhenSilent(socket: Socket, clock: Clock): void {
  let timer: Timer
  let silentLooks = 0
  let readBytes = -1
  let answeredBytes = 0
  const look = () => {
    if (socket.bytesRead !== readBytes) {
      readBytes = socket.bytesRead
      answeredBytes = socket.bytesWritten
      silentLooks = 0
    } else if (socket.bytesWritten === answeredBytes) silentLooks = 0
    else silentLooks += 1
    if (silentLooks >= SILENT_LOOKS) socket.destroy(new Error('no answer for 15 s'))
    else timer = clock.setTimer(LOOK_MS, look)
  }
  timer = clock.setTimer(LOOK_MS, look)
  socket.once('close', () => timer.clear())
}
