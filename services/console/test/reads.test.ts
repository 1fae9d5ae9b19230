import { expect, test } from 'vitest'
import { readsOf } from '../src/reads.ts'

test.each([
  ['redis://127.0.0.1:6380', 'redis://127.0.0.1:6380'],
  ['redis://cache.internal', 'redis://cache.internal:6379'],
  ['redis://cache.internal/', 'redis://cache.internal:6379'],
  ['redis://[::1]:6379/2', 'redis://[::1]:6379/2'],
  ['rediss://default:s3cret%21@cache.internal:6380/1?family=6', 'rediss://cache.internal:6380/1'],
])('of %s the page is told no more than where it is', (url, redis) => {
  expect(readsOf(url, '{holdfast}')).toEqual({ redis, prefix: '{holdfast}' })
})
