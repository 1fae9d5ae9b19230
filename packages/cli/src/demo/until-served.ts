import { type Clock, ProblemError, sleep } from '@holdfast/runtime'
import type { Child } from './child.ts'

const POLL_MS = 50
const READY_MS = 30_000

export interface Served {
  readonly child: Child
  /** Answers with 200 when the process is ready. */
  readonly url: string
  readonly logFile: string
  readonly clock: Clock
}

/** Resolves when a process answers that it is ready. Rejects when it ended, or did not within 30 s. */
export async function untilServed({ child, url, logFile, clock }: Served): Promise<void> {
  const startedMs = clock.monotonicMs()
  while (!(await answers(url))) {
    if (child.running && clock.monotonicMs() - startedMs < READY_MS) await sleep(clock, POLL_MS)
    else
      throw new ProblemError(
        'demo-child',
        `the ${child.name} is not ready: ${child.lastWords()} (see ${logFile})`,
      )
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    // Nobody listens yet.
    return false
  }
}
