import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const COMMAND = join(import.meta.dirname, '../../packages/cli/bin/holdfast.js')

/** A running `holdfast`, without a terminal. */
export interface Holdfast {
  readonly process: ChildProcess
  /** Everything printed so far. */
  readonly text: () => string
  /** Resolves when `text` was printed; rejects with all that was, if the process ends first. */
  readonly printed: (text: string) => Promise<void>
  readonly type: (line: string) => void
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
}

/** With a Redis of its own, unless `redisUrl` names one. */
export function startHoldfast(args: readonly string[], redisUrl?: string): Holdfast {
  const env = { ...process.env, REDIS_URL: redisUrl }
  const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
    })
  }
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    process: child,
    text: () => text,
    printed: (wanted) => untilPrinted(child, () => text, wanted),
    type: (line) => void child.stdin.write(`${line}\n`),
    ended,
  }
}

function untilPrinted(child: ChildProcess, text: () => string, wanted: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => text().includes(wanted) && resolve()
    look()
    child.stdout?.on('data', look)
    child.once('close', () =>
      reject(new Error(`it ended without printing "${wanted}"; it printed:\n${text()}`)),
    )
  })
}

/** All processes below `pid` now, whatever groups they are in. */
export function descendantsOf(pid: number): readonly number[] {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] =>
    rows.filter(([, ppid]) => ppid === parent).flatMap(([child = 0]) => [child, ...below(child)])
  return below(pid)
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
