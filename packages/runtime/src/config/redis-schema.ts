import { z } from 'zod'
import type { RedisPlace } from '../redis/place.ts'
import { flag, nodes, optionalSecret, redisUrl, wholeNumber } from './scalars.ts'

const SENTINEL_PORT = 26_379
const REDIS_PORT = 6_379

const username = z.string().min(1, 'is empty').optional()
const tls = flag.prefault(false).describe('Whether every connection is encrypted.')

const sentinel = z
  .strictObject({
    name: z.string().min(1, 'is empty').describe('What the sentinels call the master.'),
    nodes: nodes(SENTINEL_PORT).describe('The sentinels, as host:port; a list, or one text with commas.'),
    username,
    password: optionalSecret.describe('Of the master.'),
    sentinelPassword: optionalSecret.describe('Of the sentinels.'),
    db: wholeNumber(0, 65_535).prefault(0),
    tls,
  })
  .describe('The master that Redis Sentinels watch; in place of url.')

const cluster = z
  .strictObject({
    nodes: nodes(REDIS_PORT).describe(
      'Some of the nodes, as host:port; they know the others. A list, or one text with commas.',
    ),
    username,
    password: optionalSecret,
    tls,
  })
  .describe('A Redis Cluster; in place of url.')

const DEFAULT_URL = redisUrl.parse('redis://127.0.0.1:6379')
const PLACES = ['url', 'sentinel', 'cluster'] as const

/** Where Redis is, in one of three ways, and where in it the deployment is. */
export const redis = z
  .strictObject({
    url: redisUrl
      .optional()
      .describe('redis:// or rediss://; default: REDIS_URL, else redis://127.0.0.1:6379.'),
    sentinel: sentinel.optional(),
    cluster: cluster.optional(),
    prefix: z
      .string()
      .regex(
        /^\{[A-Za-z0-9][A-Za-z0-9._-]*\}$/,
        'must be a name in braces such as "{holdfast}", so that a Redis Cluster keeps its keys on one node',
      )
      .prefault('{holdfast}')
      .describe('In front of every key of this deployment; default: HOLDFAST_PREFIX.'),
    partitions: wholeNumber(1, 64)
      .prefault(1)
      .describe('Over how many slots of a Redis Cluster new subscriptions are spread; may grow, not shrink.'),
  })
  .prefault({})
  .superRefine((given, context) => {
    const [first, second] = PLACES.filter((key) => given[key] !== undefined)
    if (second === undefined) return
    const message = `stands beside redis.${first}: keep the one that says where Redis is`
    context.addIssue({ code: 'custom', message, path: [second] })
  })
  .transform(({ url, sentinel, cluster, ...where }): RedisPlace & typeof where => {
    if (sentinel) return { sentinel, ...where }
    return cluster ? { cluster, ...where } : { url: url ?? DEFAULT_URL, ...where }
  })
