/**
 * For development: tells where a handler does work outside of its steps that a later run will do again, once that run is
 * certain: the handler sleeps, waits, or is tried again. Each place once.
 *
 * Seen are calls of `fetch`, uses of `ctx.slack` and `ctx.discord`, and what Node begins for the handler's own lines: files,
 * look-ups of names, sockets, child processes. Work that goes through a pool of connections made before is not.
 */
import { type AsyncHook, createHook } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'
import { currentRun, currentStep, type HandlerRun } from './handler-scope.ts'
import type { WorkerLog } from './log.ts'

const KINDS: Readonly<Record<string, string>> = {
  FSREQCALLBACK: 'a file',
  FSREQPROMISE: 'a file',
  GETADDRINFOREQWRAP: 'a name look-up',
  QUERYWRAP: 'a name look-up',
  TCPWRAP: 'a socket',
  UDPWRAP: 'a socket',
  PROCESSWRAP: 'a child process',
}

/** Our own calls, and those of a log, are no work of the handler. */
const OWN_FRAMES = [
  fileURLToPath(new URL('.', import.meta.url)),
  '/node_modules/pino/',
  '/node_modules/sonic-boom/',
]

/** The watch over one worker's handlers. Nothing of Node is hooked before `start`, nor after `stop`. */
export class OutsideWork {
  readonly #log: WorkerLog
  readonly #told = new Set<string>()
  #hook: AsyncHook | undefined
  #fetch: typeof fetch | undefined

  constructor(log: WorkerLog) {
    this.#log = log
  }

  start(): void {
    if (this.#hook) return
    const hook = createHook({
      init: (_, type) => {
        const kind = KINDS[type]
        if (kind !== undefined) note(kind, hookedPlace)
      },
    })
    this.#hook = hook.enable()
    const real = globalThis.fetch
    this.#fetch = real
    globalThis.fetch = (...request) => {
      note('fetch', calledPlace)
      return real(...request)
    }
  }

  stop(): void {
    this.#hook?.disable()
    this.#hook = undefined
    if (this.#fetch) globalThis.fetch = this.#fetch
    this.#fetch = undefined
  }

  /** The handler of `run` will run again. */
  tell(run: HandlerRun): void {
    for (const place of run.places ?? []) {
      if (this.#told.has(place)) continue
      this.#told.add(place)
      this.#log.warn(
        { place },
        'work outside of a step: this handler runs again from its start, and will do it again; put it into a ctx.step',
      )
    }
  }
}

/** Takes note of the use of a client of `ctx`. */
export function noteClient(name: string): void {
  note(name, calledPlace)
}

function note(kind: string, placeOf: (frames: readonly string[]) => string | undefined): void {
  const run = currentRun()
  if (!run?.places || currentStep() !== undefined) return
  const place = placeOf(callFrames())
  if (place !== undefined) run.places.add(`${kind} at ${place}`)
}

/** The places that call, the innermost first; not those that merely await: there the call was told when it was made. */
function callFrames(): readonly string[] {
  const { prepareStackTrace } = Error
  let frames: readonly string[] = []
  Error.prepareStackTrace = (_, sites) => {
    frames = sites
      .filter((site) => !site.isAsync())
      .map((site) => `${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`)
  }
  // It is read to be made.
  void new Error().stack
  Error.prepareStackTrace = prepareStackTrace
  // `callFrames` itself and `note` come first.
  return frames.slice(2)
}

/** Where the bot's code made Node begin something; nothing where it asked us, and we did. */
function hookedPlace(frames: readonly string[]): string | undefined {
  // The first is the hook.
  const first = frames.slice(1).find((frame) => isOwn(frame) || isBots(frame))
  return first === undefined || isOwn(first) ? undefined : first
}

/** Where the bot's code called something of ours. */
function calledPlace(frames: readonly string[]): string | undefined {
  return frames.find((frame) => isBots(frame) && !isOwn(frame))
}

const isOwn = (frame: string) => OWN_FRAMES.some((own) => frame.includes(own))

const isBots = (frame: string) =>
  /^(?:file:|\/|[A-Z]:\\)/.test(frame) && !frame.includes('/node_modules/') && !isOwn(frame)
