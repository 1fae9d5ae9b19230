import { EXIT } from '@holdfast/runtime'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What a person does to end a command. */
export interface Interruption {
  /** Aborts at the first signal, when asked to, or where nobody reads what we print any more (`| head`). The second signal exits at once: what we started ends by itself then. */
  readonly signal: AbortSignal
  interrupt(): void
  /** Hears no signals any more. */
  close(): void
}

export function listenForInterruption(): Interruption {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT.crash)
    controller.abort()
  }
  const onUnread = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    controller.abort()
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  // For good: what is printed last fails after `close`.
  process.stdout.on('error', onUnread)
  return {
    signal: controller.signal,
    interrupt,
    close() {
      for (const signal of SIGNALS) process.off(signal, interrupt)
    },
  }
}
