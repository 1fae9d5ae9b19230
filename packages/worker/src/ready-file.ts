import { rmSync, writeFileSync } from 'node:fs'
import { messageOf, ProblemError } from '@holdfast/runtime'

/**
 * A file that is there while a worker takes events, for health checks where the worker listens on no port. After a SIGKILL it
 * stays behind until the next start.
 */
export interface ReadyFile {
  /** Throws a `ProblemError` where the file can't be written. */
  write(): void
  /** Also where there is none. Never throws. */
  remove(): void
}

/** The file that `HOLDFAST_READY_FILE` names; without a name nothing is written. */
export function createReadyFile(path: string | undefined): ReadyFile {
  if (!path) return { write() {}, remove() {} }
  return {
    write() {
      try {
        writeFileSync(path, '')
      } catch (error) {
        const why = messageOf(error)
        throw new ProblemError('ready-file', `HOLDFAST_READY_FILE: can't write ${path}: ${why}`)
      }
    },
    remove() {
      try {
        rmSync(path, { force: true })
      } catch {
        // What can't be removed here could not be written either, and that is told.
      }
    },
  }
}
