import type { Clock } from '@holdfast/runtime'

/** What a step made, and what to say of it. */
export interface StepResult<Result> {
  readonly result: Result
  readonly detail: string
}

/** Tells a person what is being started, and how long each step took. */
export interface Progress {
  step<Result>(name: string, work: () => Promise<StepResult<Result>>): Promise<Result>
  /** A line in between. */
  readonly tell: (line: string) => void
}

/** Without a terminal, a step that takes longer says so this often. */
const STILL_MS = 2_000
const TICK_MS = 200

/** One line as a step ends, and a line every two seconds while one does not. */
export function linesOfProgress(print: (line: string) => void, clock: Clock): Progress {
  return progress({ print, still: (line) => print(line), everyMs: STILL_MS }, clock)
}

/** One line as a step ends, and while one does not, a line that counts. */
export function tickingProgress(output: Pick<NodeJS.WriteStream, 'write'>, clock: Clock): Progress {
  const still = (line: string) => void output.write(`\r\x1b[K${line}`)
  return progress({ print: (line) => still(`${line}\n`), still, everyMs: TICK_MS }, clock)
}

interface Screen {
  readonly print: (line: string) => void
  readonly still: (line: string) => void
  readonly everyMs: number
}

function progress({ print, still, everyMs }: Screen, clock: Clock): Progress {
  return {
    tell: (line) => print(`  ${line}`),
    async step(name, work) {
      const startedMs = clock.monotonicMs()
      const seconds = () => ((clock.monotonicMs() - startedMs) / 1_000).toFixed(1)
      const tick = () => {
        still(`  ${name} … ${seconds()} s`)
        return clock.setTimer(everyMs, () => {
          timer = tick()
        })
      }
      let timer = clock.setTimer(everyMs, () => {
        timer = tick()
      })
      try {
        const { result, detail } = await work()
        print(`✓ ${name}: ${detail} (${seconds()} s)`)
        return result
      } finally {
        timer.clear()
      }
    },
  }
}
