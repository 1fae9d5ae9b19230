/*
 * Changes the text of built files as they are loaded. What is to be changed and is not there ends the process: a version that is no
 * other proves nothing.
 */
import { env } from 'node:process'

/** @type {Readonly<Record<string, readonly (readonly [before: string, after: string])[]>>} */
const CHANGES = {
  'events/dist/event.js':
    env.HOLDFAST_TEST_EVENT_VERSION === '2'
      ? [
          ['EVENT_VERSION = 1;', 'EVENT_VERSION = 2;'],
          ['EVENT_VERSIONS = [EVENT_VERSION]', 'EVENT_VERSIONS = [1, 2]'],
        ]
      : [],
  'events/dist/outgoing.js': [['traceparent: origin', "hftide: 'high', traceparent: origin"]],
  'queue/dist/subscription.js': [['order: wish.order,', "order: wish.order, next: { kind: 'next' },"]],
  'queue/dist/redis/guards.js': [['lockOwners: takers', "next: { kind: 'next' }, lockOwners: takers"]],
  'queue/dist/lua/enqueue.js': [["'enqueued', now)", "'enqueued', now, 'next', 'more')"]],
  'ownership/dist/checkpoint-codec.js': [['stringify(checkpoint)', 'stringify({ ...checkpoint, next: 1 })']],
  'ownership/dist/lease-codec.js': [['stringify({ run,', "stringify({ next: 'more', run,"]],
  'ownership/dist/lease-scripts.js': [
    ['lease.holder = { replica', "lease.next = 'more'\n  lease.holder = { next = 'more', replica"],
  ],
  'worker/dist/step-result.js': [['stringify({ result', 'stringify({ next: 1, result']],
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context)
  const [file, changes] = Object.entries(CHANGES).find(([path]) => url.endsWith(path)) ?? []
  if (!file || !changes) return loaded
  let source = String(loaded.source)
  for (const [before, after] of changes) {
    if (!source.includes(before))
      throw new Error(`${file} has no ${before}: say anew what the next version writes`)
    source = source.replace(before, after)
  }
  return { ...loaded, source }
}
