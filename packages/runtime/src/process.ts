import { type Clock, systemClock, type Timer } from './clock.ts'
import { messageOf, ProblemError } from './problem.ts'
import type { Service } from './service.ts'

/** What a process's exit code says. */
export const EXIT = {
  /** Stopped as asked. */
  clean: 0,
  /** An error nobody expected, a stop that did not finish in time, or a second signal. */
  crash: 1,
  /** Bad configuration, bad usage, or surroundings that a person must put right (a `ProblemError`). */
  misuse: 2,
} as const

type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What is needed of Node's `process`. */
export interface ProcessHost {
  on(event: string, listener: (value: unknown) => void): unknown
  off(event: string, listener: (value: unknown) => void): unknown
  exit(code: number): void
  readonly stderr: { write(text: string): unknown }
}

/** What runs as a process. */
export interface RunProcessOptions {
  /** In front of the lines it prints: `holdfast-gateway`. */
  readonly name: string
  /** Loads what it needs and builds the service; what it throws is told like a failed start. */
  readonly build: () => Service | Promise<Service>
  /** Asked when the stop begins: one that takes longer is given up with exit code 1. */
  readonly stopWithinMs: () => number
  readonly host?: ProcessHost
  readonly clock?: Clock
  /** What SIGHUP asks for. Without it the signal does what it does to any process: it ends it. */
  readonly onHangup?: () => void
  /** Told of a crash before the one line is printed, for a log that keeps the stack. */
  readonly onCrash?: (error: unknown) => void
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
const CRASHES = ['uncaughtException', 'unhandledRejection'] as const

/**
 * Runs a service as a process: starts it, waits for SIGTERM or SIGINT, stops it, and resolves with the exit code. The
 * first signal stops, also in the middle of the start; the second exits at once. A `ProblemError` is printed as its own
 * lines; any other error, caught or not, as one line, never a stack trace. A service that stopped, or did not start,
 * leaves nothing open; after a crash nobody knows, so the process exits.
 */
export async function runProcess(options: RunProcessOptions): Promise<ExitCode> {
  const host = options.host ?? process
  const events = listen(host, options.onHangup)
  try {
    const service = buildLazily(options.build)
    const failedStart = new Promise<never>((_, reject) => service.start().catch(reject))
    await Promise.race([events.signal, events.crash, failedStart])
    await Promise.race([events.crash, stopWithin(service, options)])
    return EXIT.clean
  } catch (error) {
    const code = tell(error, options, host)
    if (code === EXIT.crash) host.exit(code)
    return code
  } finally {
    events.unlisten()
  }
}

interface ProcessEvents {
  /** Resolves at the first signal; the second exits the process. */
  readonly signal: Promise<void>
  /** Rejects with the first error that nobody caught. */
  readonly crash: Promise<never>
  unlisten(): void
}

function listen(host: ProcessHost, onHangup: (() => void) | undefined): ProcessEvents {
  const listeners: [string, (value: unknown) => void][] = []
  const on = (event: string, listener: (value: unknown) => void) => {
    listeners.push([event, listener])
    host.on(event, listener)
  }
  let signalCount = 0
  const signal = new Promise<void>((resolve) => {
    for (const name of SIGNALS)
      on(name, () => {
        signalCount += 1
        if (signalCount > 1) host.exit(EXIT.crash)
        resolve()
      })
  })
  if (onHangup) on('SIGHUP', onHangup)
  const crash = new Promise<never>((_, reject) => {
    for (const name of CRASHES) on(name, reject)
  })
  // It is only ever raced; on its own it must not count as unhandled.
  crash.catch(() => {})
  return {
    signal,
    crash,
    unlisten() {
      for (const [event, listener] of listeners) host.off(event, listener)
    },
  }
}

/** A service that is built when it starts; a stop during the building waits for it and stops what came of it. */
function buildLazily(build: RunProcessOptions['build']): Service {
  let stopped = false
  let building: Promise<Service> | undefined
  return {
    async start() {
      building = Promise.resolve().then(build)
      const service = await building
      if (!stopped) await service.start()
    },
    async stop() {
      stopped = true
      const service = await building?.catch(() => undefined)
      await service?.stop()
    },
  }
}

async function stopWithin(service: Service, options: RunProcessOptions): Promise<void> {
  const ms = options.stopWithinMs()
  const clock = options.clock ?? systemClock
  let timer: Timer | undefined
  const late = new Promise<never>((_, reject) => {
    const refuse = () => reject(new Error(`it did not stop within ${ms} ms; some work was left`))
    timer = clock.setTimer(ms, refuse)
  })
  await Promise.race([service.stop(), late]).finally(() => timer?.clear())
}

function tell(error: unknown, options: RunProcessOptions, host: ProcessHost): ExitCode {
  if (error instanceof ProblemError) {
    for (const line of error.message.split('\n')) host.stderr.write(`${options.name}: ${line}\n`)
    return EXIT.misuse
  }
  options.onCrash?.(error)
  host.stderr.write(`${options.name}: stopped by an unexpected error: ${messageOf(error)}\n`)
  return EXIT.crash
}
