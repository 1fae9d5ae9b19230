import { readFileSync } from 'node:fs'
import type { GatewayReplica } from './gateway-replica.ts'

/** One replacement of a gateway by a newer one: when each step of it was done (Unix milliseconds), and what the two needed. */
export interface Roll {
  readonly startedAt: number
  /** `/readyz` of the new one said 200; in the same moment the old one got SIGTERM. */
  readonly readyAt: number
  /** The new one had taken the last unit. */
  readonly ownedAt: number
  /** The old one's process had ended. */
  readonly endedAt: number
  /** From asking for a unit to having it, by unit (ms). */
  readonly tookMs: Readonly<Record<string, number>>
  /** The most memory that each process ever had; nothing where the system does not tell. */
  readonly peakBytes: { readonly old: number; readonly next: number } | undefined
}

/** How often the memory of a process that ends is looked at: what it needed in its last moment is not seen. */
const LOOK_MS = 25

/** Starts the new one, waits until it is ready, ends the old one. Rejects where that ends uncleanly. */
export async function replace(
  old: GatewayReplica,
  start: () => Promise<GatewayReplica>,
): Promise<{ readonly next: GatewayReplica; readonly roll: Roll }> {
  const startedAt = Date.now()
  const next = await start()
  const readyAt = Date.now()
  let oldBytes = peakBytesOf(old.pid)
  const looking = setInterval(() => {
    oldBytes = peakBytesOf(old.pid) ?? oldBytes
  }, LOOK_MS)
  const code = await old.stop().finally(() => clearInterval(looking))
  const endedAt = Date.now()
  if (code !== 0) throw new Error(`${old.replicaId} ended with ${code}`)
  const nextBytes = peakBytesOf(next.pid)
  const peakBytes =
    oldBytes === undefined || nextBytes === undefined ? undefined : { old: oldBytes, next: nextBytes }
  return { next, roll: { startedAt, readyAt, endedAt, ...takings(next), peakBytes } }
}

/** When the units came, by the new one's log. */
function takings({ lines }: GatewayReplica): Pick<Roll, 'ownedAt' | 'tookMs'> {
  const taken = lines.filter(({ msg }) => msg.startsWith('the unit was handed over in '))
  return {
    ownedAt: Math.max(...taken.map(({ time }) => Date.parse(String(time)))),
    tookMs: Object.fromEntries(taken.map(({ unit = '?', tookMs = 0 }) => [unit, tookMs])),
  }
}

/** `VmHWM`: the highest resident size of a process so far. */
function peakBytesOf(pid: number): number | undefined {
  try {
    const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kib === undefined ? undefined : Number(kib) * 1_024
  } catch {
    return undefined // It has ended, or there is no /proc here.
  }
}
