import { composeScript, keyCountOf } from './compose.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * BullMQ's own way of taking the next job, unmodified, but not refused by a full Redis: else what is full could never be
 * worked off. KEYS and ARGV are those of BullMQ's `moveToActive`, in whose place its worker calls it.
 */
export const TAKE = composeScript(
  'take',
  ['moveToActive'],
  `${WHILE_FULL_LUA}
return bull_moveToActive(KEYS, ARGV)
`,
)

export const TAKE_KEY_COUNT = keyCountOf('moveToActive')
