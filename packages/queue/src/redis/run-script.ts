import type { Redis } from 'ioredis'
import type { Script } from '../lua/compose.ts'

export type ScriptArgument = string | number | Buffer

/** True for Redis' answer to a hash it does not know (first use, restart, SCRIPT FLUSH). */
export const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT')

/** Redis' own words for: not now. It loads, changes its master, is full, or runs a script that takes long. */
const NOT_NOW = /(?:^|: -)(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|BUSY|OOM)\b/

/** True where the same script may succeed in a while, and has changed nothing. The code stands first in the text. */
export const isRefusedForNow = (error: unknown): boolean =>
  error instanceof Error && NOT_NOW.test(error.message)

/**
 * Runs a script by its hash, sending its text only when Redis does not know it. Not for ordered streams: the second try
 * goes behind what was sent meanwhile.
 */
export async function runScript(
  redis: Redis,
  script: Script,
  key: string,
  args: ScriptArgument[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha, 1, key, ...args)
  } catch (error) {
    if (!isUnknownScript(error)) throw error
    return await redis.eval(script.text, 1, key, ...args)
  }
}
