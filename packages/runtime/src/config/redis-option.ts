import { z } from 'zod'
import type { RedisPlace } from '../redis/place.ts'
import { explain } from './explain.ts'
import { redis } from './redis-schema.ts'

const schema = z.strictObject({ redis })

/** What a program gave as the block `redis` of the configuration, read as there; or one line for each thing wrong with it. */
export function readRedisOption(
  value: unknown,
): { readonly redis: RedisPlace & { readonly prefix: string } } | { readonly problems: readonly string[] } {
  const source = { value: { redis: value }, problems: [], locate: () => 'option redis' }
  const result = schema.safeParse(source.value)
  return result.success ? result.data : { problems: explain(result.error, schema, source) }
}
