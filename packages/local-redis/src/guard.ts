import { type ChildProcess, spawn } from 'node:child_process'
import type { Environment } from './command.ts'

/**
 * A shell of ten lines between us and the server. Its standard input is a pipe that we hold: when we die, however we die,
 * the pipe closes and the server is asked to end, and woken for it if it was frozen. It leads a process group of its
 * own, so that Ctrl-C in the terminal reaches us first and the server outlives those who still need it.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null >>"$HOLDFAST_GUARD_LOG" 2>&1 &
server=$!
echo "$server"
exec >&-
trap '' INT
(cat <&3 >/dev/null; kill -TERM "$server"; kill -CONT "$server") 2>/dev/null &
watcher=$!
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`

/** A program that ends with us. */
export interface GuardedProcess {
  readonly pid: number
  /** Resolves with the exit code when the program has ended. Never rejects. */
  readonly ended: Promise<number>
  readonly running: boolean
  /** Asks it to end; await `ended`. */
  end(): void
}

/** Starts `command` under a guard; its output goes to `logFile`. Rejects where there is no `sh` to guard it. */
export async function startGuarded(
  command: readonly string[],
  env: Environment,
  logFile: string,
): Promise<GuardedProcess> {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'holdfast-guard', ...command], {
    env: { ...env, HOLDFAST_GUARD_LOG: logFile },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  const ended = new Promise<number>((resolve) => {
    guard.once('error', () => resolve(127))
    guard.once('exit', (code) => resolve(code ?? 1))
  })
  guard.stdin.on('error', () => {})
  let running = true
  void ended.then(() => {
    running = false
  })
  const pid = await firstNumber(guard)
  return {
    pid,
    ended,
    get running() {
      return running
    },
    end: () => void guard.stdin.end(),
  }
}

/** The server's process id, which the guard prints first. */
function firstNumber(guard: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    guard.once('error', reject)
    guard.stdout?.once('data', (chunk: Buffer) => resolve(Number(String(chunk))))
    guard.stdout?.once('end', () => reject(new Error('the guard of the server ended at once')))
  })
}
