import { atPlatform, inConfiguration } from '../advice.ts'

/**
 * What a close by Discord asks of us. `resume`: connect again and resume. `identify`: the session is gone, start a new
 * one. `fatal`: connecting again would end the same way; a person must act.
 */
export type CloseRule =
  | { readonly action: 'resume' | 'identify'; readonly meaning: string }
  | { readonly action: 'fatal'; readonly meaning: string; readonly advice: string }

/**
 * Every close code that Discord documents, and those it sends without documenting them.
 * Source: docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes. The page says
 * whether to reconnect; whether to resume or identify is decided here.
 */
const CLOSE_RULES: ReadonlyMap<number, CloseRule> = new Map([
  // From Discord these two end nothing for certain; a dead session answers the resume with op 9, which costs nothing.
  [1000, { action: 'resume', meaning: 'closed normally' }],
  [1001, { action: 'resume', meaning: 'going away' }],
  [1006, { action: 'resume', meaning: 'cut without a close frame' }],
  [4000, { action: 'resume', meaning: 'unknown error' }],
  [4001, { action: 'resume', meaning: 'unknown opcode' }],
  [4002, { action: 'resume', meaning: 'decode error' }],
  [4003, { action: 'identify', meaning: 'not authenticated, or session invalidated' }],
  [
    4004,
    {
      action: 'fatal',
      meaning: 'authentication failed',
      advice: inConfiguration('put a valid bot token in the connection’s `token`'),
    },
  ],
  [4005, { action: 'resume', meaning: 'already authenticated' }],
  // No longer documented, but still sent for a session of another token.
  [4006, { action: 'identify', meaning: 'session not valid' }],
  [4007, { action: 'identify', meaning: 'invalid sequence' }],
  [4008, { action: 'resume', meaning: 'rate limited' }],
  // The page says to start a new session; a resume first can lose nothing, and op 9 corrects it.
  [4009, { action: 'resume', meaning: 'session timed out' }],
  [
    4010,
    {
      action: 'fatal',
      meaning: 'invalid shard',
      advice: inConfiguration('set `shards` to `auto`, or to a multiple of the number Discord asks for'),
    },
  ],
  [
    4011,
    {
      action: 'fatal',
      meaning: 'sharding required',
      advice: inConfiguration(
        'the bot is in too many guilds for this number of shards: raise `shards`, or set it to `auto`',
      ),
    },
  ],
  [
    4012,
    {
      action: 'fatal',
      meaning: 'invalid API version',
      advice: 'this version of Holdfast speaks a version of the API that Discord has ended: update Holdfast',
    },
  ],
  [
    4013,
    {
      action: 'fatal',
      meaning: 'invalid intents',
      advice: inConfiguration('correct the names in the connection’s `intents`'),
    },
  ],
  [
    4014,
    {
      action: 'fatal',
      meaning: 'disallowed intents',
      advice: atPlatform(
        'take the privileged intents out of `intents`, or enable them in the Discord developer portal (Bot → Privileged Gateway Intents)',
      ),
    },
  ],
])

/**
 * The rule for a close code; `undefined` means closed without one. Unknown codes resume: identifying over a live session
 * would spend budget and lose the replay.
 */
export function closeRule(code: number | undefined): CloseRule {
  if (code === undefined) return { action: 'resume', meaning: 'closed without a code' }
  return CLOSE_RULES.get(code) ?? { action: 'resume', meaning: 'a code this version does not know' }
}

/** The codes that have a row of their own. */
export const KNOWN_CLOSE_CODES: readonly number[] = [...CLOSE_RULES.keys()]

/** The code we close with. Anything but 1000 and 1001, which would end the session and show the bot offline. */
export const CLOSE_KEEPING_SESSION = 4000
