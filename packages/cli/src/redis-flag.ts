/** Of commands that look into Redis and no further: whose it is. */
export const REDIS_FLAG = {
  type: 'string',
  value: 'FILE',
  help: 'whose redis.url and redis.prefix; else HOLDFAST_CONFIG, else ./holdfast.yaml, else REDIS_URL and HOLDFAST_PREFIX',
} as const
