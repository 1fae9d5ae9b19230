import { type Clock, type Environment, EXIT, messageOf, ProblemError } from '@holdfast/runtime'
import type { Stopped } from './drain.ts'
import { createReadyFile } from './ready-file.ts'

/** What running as a process needs of Node's `process`. */
export interface WorkerHost {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  exit(code: number): void
  exitCode?: number | string | null | undefined
  readonly env: Environment
  readonly stderr: { write(text: string): unknown }
}

/** A worker as its process sees it. */
export interface Runnable {
  start(): Promise<void>
  stop(): Promise<void>
  /** Resolves when `stop()` was called, by whomever, and is done. */
  readonly stopped: Promise<Stopped>
  /** Ends the patience of a drain. */
  hurry(): void
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** What the program does after `run()` gets this long before whatever is left is cut off. */
const EXIT_GRACE_MS = 2_000

/**
 * Starts a worker and resolves when it has stopped. Never rejects for a failed start: it is told in one line per
 * problem, and the exit code set. A worker that had to end by itself exits with 1. While it takes events, the file named by
 * `HOLDFAST_READY_FILE` is there.
 *
 * | signal | effect |
 * |---|---|
 * | first | drains |
 * | second | gives everything back at once, then exits with 1 |
 * | third | exits with 1, whatever is left |
 */
export async function runUntilSignal(worker: Runnable, host: WorkerHost, clock: Clock): Promise<void> {
  const ready = createReadyFile(host.env.HOLDFAST_READY_FILE)
  const signals = listen(worker, host)
  try {
    ready.remove()
    await worker.start()
    ready.write()
    const stopped = await worker.stopped
    ready.remove()
    exitAfter(stopped, signals.count(), host, clock)
  } catch (error) {
    host.exitCode = tell(error, host)
    await worker.stop()
  } finally {
    signals.unlisten()
  }
}

function listen(worker: Runnable, host: WorkerHost) {
  let count = 0
  const onSignal = () => {
    count += 1
    if (count === 1) void worker.stop()
    else if (count === 2) worker.hurry()
    else host.exit(EXIT.crash)
  }
  for (const signal of SIGNALS) host.on(signal, onSignal)
  return {
    count: () => count,
    unlisten() {
      for (const signal of SIGNALS) host.off(signal, onSignal)
    },
  }
}

function exitAfter(stopped: Stopped, signalCount: number, host: WorkerHost, clock: Clock): void {
  const code = stopped.clean && !stopped.stuck && signalCount < 2 ? EXIT.clean : EXIT.crash
  if (code !== EXIT.clean) host.exitCode = code
  if (signalCount > 1) host.exit(code)
  // Handlers that ignore their signal, and connections that look for a Redis that is away, keep a process alive.
  else if (stopped.stuck || (signalCount === 1 && !(stopped.clean && stopped.abandonedCount === 0))) {
    clock.setTimer(EXIT_GRACE_MS, () => host.exit(code))
  }
}

function tell(error: unknown, host: WorkerHost): number {
  if (!(error instanceof ProblemError)) {
    host.stderr.write(`holdfast worker: could not start: ${messageOf(error)}\n`)
    return EXIT.crash
  }
  for (const line of error.message.split('\n')) host.stderr.write(`holdfast worker: ${line}\n`)
  return EXIT.misuse
}
