/** What a gateway close code does to the session. Source: docs.discord.com, Opcodes and Status Codes. */
interface CloseCode {
  readonly reason: string
  /** Whether the session can still be resumed. */
  readonly keepsSession: boolean
}

/** The codes Discord closes with, by rule or on demand. */
const CLOSE_CODES: ReadonlyMap<number, CloseCode> = new Map([
  [4000, { reason: 'Unknown error.', keepsSession: true }],
  [4001, { reason: 'Unknown opcode.', keepsSession: true }],
  [4002, { reason: 'Error while decoding payload.', keepsSession: true }],
  [4003, { reason: 'Not authenticated.', keepsSession: false }],
  [4004, { reason: 'Authentication failed.', keepsSession: false }],
  [4005, { reason: 'Already authenticated.', keepsSession: true }],
  [4007, { reason: 'Invalid seq.', keepsSession: false }],
  [4008, { reason: 'Rate limited.', keepsSession: true }],
  [4009, { reason: 'Session timed out.', keepsSession: false }],
  [4010, { reason: 'Invalid shard.', keepsSession: false }],
  [4011, { reason: 'Sharding required.', keepsSession: false }],
  [4012, { reason: 'Invalid API version.', keepsSession: false }],
  [4013, { reason: 'Invalid intent(s).', keepsSession: false }],
  [4014, { reason: 'Disallowed intent(s).', keepsSession: false }],
])

/** Discord's words for a code it closes with. */
export function closeReason(code: number): string {
  return CLOSE_CODES.get(code)?.reason ?? ''
}

/** Whether a session outlives being closed by Discord with this code; unknown codes keep it. */
export function platformCloseKeepsSession(code: number): boolean {
  return CLOSE_CODES.get(code)?.keepsSession ?? true
}

/**
 * Whether a session outlives being closed by the bot with this code: 1000 and 1001 end it and show the bot offline. A
 * close frame without a code (1005) is not documented; the worse reading holds here.
 */
export function botCloseKeepsSession(code: number): boolean {
  return code !== 1000 && code !== 1001 && code !== 1005
}
