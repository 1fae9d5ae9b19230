import type { PictureEntry, RedisPicture } from './redis-picture.ts'

/*
 * A version that there is not yet, made of what this one writes: every object has a field more, every hash of ours an entry more,
 * and every union a kind more. It keeps to docs/upgrades.md: nothing is taken away, and nothing means something else.
 */

/** What a newer version adds to an object. */
const MORE = { next: { tides: [1, 'two', null] } }

/** Hashes whose entries are things: there is one of a kind that nobody knows. */
const THINGS = /(^hf:(subscriptions|wishers|workers)|^deploys|^members:fields|^owed:[^:]+)$/
/** Hashes of ours that are one thing. */
const OURS = /(^checkpoint:|:hf:(e|run|meta|misses)|^budget:)/

/** Places where a value of today has become one that is not known today. */
const OTHER_KINDS: Readonly<Record<string, (text: string) => string>> = {
  'hf:subscriptions small': (text) => text.replace('"actor"', '"thread"'),
  'hf:wishers worker-1': (text) => text.replace('"conversation"', '"thread"'),
  'commands:hf:e:done outcome': () => 'archived',
  'small:hf:meta suspended': () => 'quota',
  'leases bastion/0': (text) => text.replace('"asked"', '"pondering"'),
  'members:fields gateway-2': (text) => text.replace('"passed"', '"paused"').replace('connected', 'musing'),
}

/** What there is beside: keys that today's code has no name for, and units of a kind that it has not. */
const BESIDE: RedisPicture = {
  'checkpoint:matrix': { hset: { checkpoint: '{"kind":"matrix","token":"t"}', fence: '1' } },
  'commands:hf:next': { zadd: { done: '1' } },
  'hf:next': { set: '{"kind":"next"}' },
}

/** The picture as the next version would have left it. */
export function asNextVersion(picture: RedisPicture): RedisPicture {
  const entries = Object.entries(picture).map(([key, entry]) => [key, changed(key, entry)] as const)
  return { ...Object.fromEntries(entries), ...BESIDE }
}

/** A JSON object with a field more; text that is none stays as it is. */
export function withMore(text: string): string {
  if (!/^\{.*\}$/s.test(text)) return text
  return JSON.stringify({ ...JSON.parse(text), ...MORE })
}

/** An event as the next version writes it. */
export const asNextEvent = (text: string): string =>
  JSON.stringify({ ...JSON.parse(text), hfversion: 2, hftide: 'high' })

function changed(key: string, entry: PictureEntry): PictureEntry {
  if (!('hset' in entry)) return entry
  const fields = Object.entries(entry.hset).map(([field, text]) => [field, changedField(key, field, text)])
  const more = THINGS.test(key)
    ? { next: '{"kind":"next","subscription":"commands"}' }
    : OURS.test(key)
      ? { next: 'more' }
      : {}
  return { hset: { ...Object.fromEntries(fields), ...more } }
}

function changedField(key: string, field: string, text: string): string {
  if (field === 'data') return asNextEvent(text)
  // BullMQ's own.
  if (field === 'opts' || field === 'stacktrace') return text
  const other = OTHER_KINDS[`${key} ${field}`]
  return withMore(other ? other(text) : text)
}

/** What of `OTHER_KINDS` found nothing to change: then the next version is not what it is said to be. */
export function unchangedKinds(picture: RedisPicture): readonly string[] {
  return Object.entries(OTHER_KINDS).flatMap(([place, change]) => {
    const [key = '', field = ''] = place.split(/ (.*)/)
    const entry = picture[key]
    const text = entry && 'hset' in entry ? entry.hset[field] : undefined
    return text !== undefined && change(text) !== text ? [] : [place]
  })
}
