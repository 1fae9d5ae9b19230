import { createHash } from 'node:crypto'
import bull from 'bullmq/dist/cjs/scripts/index.js'

/**
 * The one place that knows BullMQ's inside. Deduplication, lane and enqueue must be one atomic step, and so must the end
 * of a job and the start of the next of its lane; BullMQ's public calls are each atomic only by themselves. So our
 * scripts call BullMQ's own Lua, unmodified, as functions: `bull_addStandardJob(KEYS, ARGV)` and so on. What a job looks
 * like in Redis stays BullMQ's business; the conformance suite compares with its public API, key by key.
 */
const BORROWED = [
  'addStandardJob',
  'addDelayedJob',
  'moveToDelayed',
  'moveToFinished',
  'moveJobFromActiveToWait',
  'moveToActive',
  'reprocessJob',
] as const
export type Borrowed = (typeof BORROWED)[number]

/** A Lua script and the hash by which Redis knows it. */
export interface Script {
  readonly name: string
  readonly text: string
  readonly sha: string
}

/** How many keys a BullMQ script takes. */
export const keyCountOf = (name: Borrowed): number => bull[name].keys

/** Builds a script of ours from our own text, the BullMQ functions it calls and the fragments it uses. */
export function composeScript(name: string, uses: readonly Borrowed[], ...parts: readonly string[]): Script {
  const borrowed = uses.map((each) => `local function bull_${each}(KEYS, ARGV)\n${bull[each].content}\nend`)
  const text = [...borrowed, ...parts].join('\n')
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}
