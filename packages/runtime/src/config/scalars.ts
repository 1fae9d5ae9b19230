import { z } from 'zod'
import { readDurationMs } from '../duration.ts'
import { readNode } from '../redis/place.ts'
import { Secret, secretUrl } from '../secret.ts'

/**
 * A whole number. Text of digits counts, because `${PORT}` arrives as text. `whyNoMore` is told to whoever wants more than
 * `max`.
 */
export function wholeNumber(min: number, max: number, whyNoMore?: string) {
  const tooMany = `must be at most ${max}${whyNoMore === undefined ? '' : `: ${whyNoMore}`}`
  const digits = (value: unknown) =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return z.preprocess(digits, z.int().min(min).max(max, tooMany))
}

/** A duration as text (`500ms`, `10s`, `7d`), read into milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'must be a duration such as 500ms, 10s, 5m, 12h or 7d')
  .transform((text) => readDurationMs(text) ?? z.NEVER)

/** `false` and `true`, also as the text that a substitution gives. */
export const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
)

/** Three parts, the first of them the bot's id: what no Slack token looks like. */
const DISCORD_SHAPE = '[\\w-]{23,28}\\.[\\w-]{6,7}\\.[\\w-]{27,}$'

/** What a token of each kind never begins with. */
const TOKEN_KINDS = {
  'a Discord bot token': /^(xox|xapp-|bot\s|bearer\s)/i,
  'a Slack bot token (xoxb-…)': new RegExp(
    `^(xapp-|xoxe|xoxp-|xoxs-|bot\\s|bearer\\s|${DISCORD_SHAPE})`,
    'i',
  ),
  'a Slack app-level token (xapp-…)': new RegExp(`^(xox|bot\\s|bearer\\s|${DISCORD_SHAPE})`, 'i'),
} as const

const KNOWN_PREFIXES = [
  [/^xoxb-/i, 'a Slack bot token (xoxb-…)'],
  [/^xoxp-/i, 'a Slack user token (xoxp-…)'],
  [/^xapp-/i, 'a Slack app-level token (xapp-…)'],
  [/^bot\s/i, 'a token with "Bot " in front'],
  [/^bearer\s/i, 'a token with "Bearer " in front'],
  [new RegExp(`^${DISCORD_SHAPE}`), 'a Discord bot token'],
] as const

/** A required credential of a known kind. A token that is plainly of another kind is refused, and never shown. */
export function token(kind: keyof typeof TOKEN_KINDS) {
  return z
    .string()
    .superRefine((text, context) => {
      const message = tokenProblem(text, kind)
      if (message) context.addIssue({ code: 'custom', message })
    })
    .transform((text) => new Secret(text))
}

function tokenProblem(text: string, kind: keyof typeof TOKEN_KINDS): string | undefined {
  if (text === '') return `is empty: give ${kind}`
  if (TOKEN_KINDS[kind].test(text)) {
    const found = KNOWN_PREFIXES.find(([prefix]) => prefix.test(text))?.[1] ?? 'a token of another kind'
    return `needs ${kind}, but holds ${found}`
  }
  if (/\s/.test(text)) return `needs ${kind}, but holds text with a space or line break in it`
  return undefined
}

/** A credential that may be left out. Empty text counts as left out, so `${NAME:-}` means "if there is one". */
export const optionalSecret = z
  .string()
  .transform((text) => (text === '' ? undefined : new Secret(text)))
  .optional()

/** The address of a platform's HTTP API, with or without a final slash as the platform's own documentation has it. */
export function apiUrl(options: { finalSlash: boolean }) {
  return z
    .string()
    .refine((text) => hasProtocol(text, ['http:', 'https:']), 'must be an http:// or https:// URL')
    .transform((text) => text.replace(/\/*$/, options.finalSlash ? '/' : ''))
}

/** The address of Redis. Its password is hidden wherever it is printed. */
export const redisUrl = z
  .string()
  .refine((text) => hasProtocol(text, ['redis:', 'rediss:']), 'must be a redis:// or rediss:// URL')
  .transform(secretUrl)

/** Servers as `host:port`; also one text with commas between them, as a variable gives them. */
export function nodes(defaultPort: number) {
  const split = (value: unknown) => (typeof value === 'string' ? value.split(/\s*,\s*/) : value)
  return z.preprocess(split, z.array(node(defaultPort)).min(1, 'names no server'))
}

function node(defaultPort: number) {
  return z.string().transform((text, context) => {
    const read = readNode(text, defaultPort)
    if (read) return read
    const message = text.includes('://')
      ? 'must be host:port, without redis://'
      : `must be host:port, such as redis-1.example:${defaultPort}`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

function hasProtocol(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol)
}
