import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, freePort, sleep } from '@holdfast/runtime'
import { type GuardedProcess, startGuarded } from './guard.ts'
import { answers } from './ping.ts'
import { LocalRedisError } from './problem.ts'
import type { ServerPlace, ServerProgram } from './server-program.ts'

const READY_MS = 20_000
const STOP_MS = 15_000
/** The free port found may be taken by someone else before the server binds it. */
const PORT_TRIES = 3

/** A server of our own, running. */
export interface Server {
  readonly port: number
  readonly pid: number
  readonly process: GuardedProcess
}

/** Starts `program` on a free port (or on `place.port`) of 127.0.0.1. Resolves when it answers to who says `password`. */
export async function startServer(
  program: ServerProgram,
  place: Omit<ServerPlace, 'port'> & { readonly port?: number },
  clock: Clock,
  password?: string,
): Promise<Server> {
  const { dataFolder, port } = place
  await mkdir(dataFolder, { recursive: true })
  const logFile = join(dataFolder, 'redis.log')
  for (let left = port === undefined ? PORT_TRIES : 1; left > 0; left -= 1) {
    const chosen = port ?? (await freePort())
    const process = await startGuarded(program.command({ ...place, port: chosen }), program.env, logFile)
    if (await becomesReady(urlOf(chosen, password), process, clock))
      return { port: chosen, pid: process.pid, process }
    process.end()
    await process.ended
  }
  const said = await lastLine(logFile)
  throw new LocalRedisError('start-failed', `${program.description} did not start: ${said} (see ${logFile})`)
}

/** Asks the server, frozen or not, to write what it holds and end; resolves when it has. Kills it after 15 s. */
export async function stopServer(server: Server, clock: Clock): Promise<void> {
  server.process.end()
  const patience = new AbortController()
  const late = sleep(clock, STOP_MS, patience.signal).then(() => 'late' as const)
  const first = await Promise.race([server.process.ended, late])
  if (first === 'late') signalServer(server, 'SIGKILL')
  patience.abort()
  await server.process.ended
}

/** Sends a signal to the server's process, if it is still there. */
export function signalServer({ pid, process: guarded }: Server, signal: NodeJS.Signals): void {
  // Its id may be another's by now.
  if (!guarded.running) return
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in this moment.
  }
}

/** True when the server answers; false when it ended or stayed silent. */
async function becomesReady(url: string, server: GuardedProcess, clock: Clock): Promise<boolean> {
  const stop = new AbortController()
  const ended = server.ended.then(() => false)
  const late = sleep(clock, READY_MS, stop.signal).then(() => false)
  const ready = answers(url, stop.signal).then((answer) => answer.ok)
  const result = await Promise.race([ready, ended, late])
  stop.abort()
  return result
}

function urlOf(port: number, password?: string): string {
  return `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`
}

async function lastLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trim().split('\n').at(-1) || 'it said nothing'
}
