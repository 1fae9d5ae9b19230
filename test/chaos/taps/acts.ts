import { kill } from 'node:process'
import type { Verdict } from './point.ts'

/** SIGKILL in this very moment: what it was about to say or hear gets lost with it. */
export const killing = (pid: number) => (): Verdict => {
  kill(pid, 'SIGKILL')
  return 'withhold'
}

/** SIGSTOP in this very moment. What was caught goes on once `until` resolves; wake the process after that. */
export const stopping = (pid: number, until: Promise<unknown>) => async (): Promise<Verdict> => {
  kill(pid, 'SIGSTOP')
  await until
  return 'on'
}
