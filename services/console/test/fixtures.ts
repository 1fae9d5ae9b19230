import { randomUUID } from 'node:crypto'
import type { OutgoingEvent } from '@holdfast/events'
import { connectRedis, type Log, parseConfigText } from '@holdfast/runtime'
import { type Console, createConsole } from '../src/console.ts'
import type { Depth, Picture, SubscriptionSeen } from '../src/feed.ts'

export const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

export const freshPrefix = (): string => `{console-${randomUUID()}}`

/** A log that keeps its lines, `level: message`. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const at = (level: string) => (_fields: object, message: string) => void lines.push(`${level}: ${message}`)
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A console on a free port, not yet started. */
export function makeConsole(prefix: string, { redisUrl = url, port = 0, log = recordingLog() } = {}) {
  const config = parseConfigText(
    `redis: { url: "${redisUrl}", prefix: "${prefix}" }\nconsole: { port: ${port} }`,
  )
  return createConsole({ config, log })
}

/** What a route answers, as JSON. */
export async function get<T>(console: Pick<Console, 'address'>, path: string): Promise<T> {
  const response = await fetch(`${console.address}${path}`)
  return (await response.json()) as T
}

export async function getText(console: Pick<Console, 'address'>, path: string): Promise<string> {
  return (await fetch(`${console.address}${path}`)).text()
}

export async function deleteKeys(prefix: string): Promise<void> {
  const redis = await connectRedis(url, { name: 'test' })
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
}

/** An event as small as can be. */
export function event(id: string, facts: Partial<OutgoingEvent> = {}): OutgoingEvent {
  return {
    id,
    type: 'slack.message',
    delivery: 'live',
    dedupeWindowMs: 600_000,
    interactive: false,
    text: JSON.stringify({ specversion: '1.0', id, type: 'slack.message', data: { text: `said in ${id}` } }),
    ...facts,
  }
}

/** A promise to be resolved by hand. */
export function latch(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = () => {}
  const promise = new Promise<void>((resolve) => {
    open = resolve
  })
  return { promise, open }
}

export const EMPTY: Depth = {
  waiting: 0,
  parked: 0,
  active: 0,
  sleeping: 0,
  retrying: 0,
  failed: 0,
  lagMs: 0,
}

export function subscription(facts: Partial<SubscriptionSeen> = {}): SubscriptionSeen {
  return {
    name: 'commands',
    patterns: ['slack.*'],
    order: 'conversation',
    initial: false,
    maxWaiting: 100,
    maxIdleMs: 1_000,
    fixed: false,
    workerCount: 1,
    depth: EMPTY,
    interactive: { depth: EMPTY },
    ...facts,
  }
}

export function picture(facts: Partial<Picture> = {}): Picture {
  return {
    takenAt: 1_000_000,
    summary: { status: 'well', sentence: 'All well.', notes: [] },
    subscriptions: [subscription()],
    workers: [],
    gateways: [{ replica: 'replica-a', state: 'standing' }],
    units: [],
    unwatchedCount: 0,
    ...facts,
  }
}
