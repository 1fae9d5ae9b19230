import { Secret } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { readsOf } from '../src/reads.ts'

test.each([
  ['redis://127.0.0.1:6380', 'redis://127.0.0.1:6380'],
  ['redis://cache.internal', 'redis://cache.internal:6379'],
  ['redis://cache.internal/', 'redis://cache.internal:6379'],
  ['redis://[::1]:6379/2', 'redis://[::1]:6379/2'],
  ['rediss://default:s3cret%21@cache.internal:6380/1?family=6', 'rediss://cache.internal:6380/1'],
])('of %s the page is told no more than where it is', (url, redis) => {
  expect(readsOf({ redis: { url }, prefix: '{holdfast}' })).toEqual({ redis, prefix: '{holdfast}' })
})

const NODES = [
  { host: 'a', port: 26_379 },
  { host: '::1', port: 26_380 },
]

test('of a Sentinel or a Cluster the page is told which, and where it is asked for', () => {
  const password = new Secret('hunter2')
  const sentinel = { name: 'kelp', nodes: NODES, password, sentinelPassword: password }
  expect(readsOf({ redis: { sentinel }, prefix: '{a}' }).redis).toBe('kelp of a:26379, [::1]:26380')
  expect(readsOf({ redis: { cluster: { nodes: NODES, password } }, prefix: '{a}' }).redis).toBe(
    'cluster a:26379, [::1]:26380',
  )
})
