import { appendFileSync } from 'node:fs'

/** As `holdfast.gap` has it. */
export interface DiaryGap {
  readonly connection: string
  readonly from: string
  readonly to: string
  /** What is filled in from the platform's history. */
  readonly recoverable: readonly string[]
}

/** What the handlers of one process do, for whoever wants to compare it with what the platforms saw. */
export interface Diary {
  /** Notes that the handler of what has this key began, does `work`, and notes that it ended, if it did not fail. */
  around(key: string, delivery: string, work: () => Promise<unknown>): Promise<void>
  gap(gap: DiaryGap): void
}

/**
 * A diary in the file `path`, one JSON object a line; without a path nothing is noted. Several processes may share a
 * file: the order of its lines is the order in which things happened, and whoever is killed loses none.
 */
export function openDiary(path: string | undefined): Diary {
  const write = (line: object) => {
    if (!path) return
    appendFileSync(path, `${JSON.stringify({ ...line, pid: process.pid, at: Date.now() })}\n`)
  }
  return {
    async around(key, delivery, work) {
      write({ what: 'begin', key, delivery })
      await work()
      write({ what: 'end', key })
    },
    gap({ connection, from, to, recoverable }) {
      const fills = recoverable.includes('messages')
      write({ what: 'gap', connection, fromAt: Date.parse(from), toAt: Date.parse(to), fills })
    },
  }
}
