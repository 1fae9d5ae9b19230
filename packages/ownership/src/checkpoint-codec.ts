import type { Checkpoint, DiscordSession, SlackRtmPresence, SlackSocketPresence } from './ports.ts'

/** A checkpoint as stored. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  return JSON.stringify(checkpoint)
}

/**
 * The checkpoint in `text`, with what it does not know kept, or undefined for what it can't use: a checkpoint written by
 * a version that stores it otherwise means no session to resume, never a crash.
 */
export function decodeCheckpoint(text: string): Checkpoint | undefined {
  const value = parse(text)
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Readonly<Record<string, unknown>>
  if (fields.kind === 'discord' && isDiscordSession(fields)) return value as DiscordSession
  if (fields.kind === 'slack-rtm' && isSlackRtmPresence(fields)) return value as SlackRtmPresence
  if (fields.kind === 'slack-socket-mode' && isSlackSocketPresence(fields))
    return value as SlackSocketPresence
  return undefined
}

function isDiscordSession(fields: Readonly<Record<string, unknown>>): boolean {
  const { shard } = fields
  const texts = [fields.sessionId, fields.resumeUrl, fields.applicationId, fields.botUserId]
  return (
    texts.every(isText) &&
    Number.isSafeInteger(fields.sequence) &&
    isInstant(fields.confirmedAt) &&
    Array.isArray(shard) &&
    shard.length === 2 &&
    shard.every((part) => Number.isSafeInteger(part))
  )
}

function isSlackRtmPresence(fields: Readonly<Record<string, unknown>>): boolean {
  return isText(fields.teamId) && isText(fields.botUserId) && isInstant(fields.caughtUpAt)
}

function isSlackSocketPresence(fields: Readonly<Record<string, unknown>>): boolean {
  return isText(fields.appId) && isInstant(fields.heardAt)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** Unix milliseconds that a date can have. */
function isInstant(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime())
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not JSON: nothing that this version can use.
  }
}
