import { expect, test } from 'vitest'
import { createWorker } from '../src/index.ts'
import { fillIn, optionProblems, secretsOf, type WorkerOptions } from '../src/options.ts'

function problems(options: object, environment: Record<string, string> = {}): readonly string[] {
  const given = options as WorkerOptions
  return optionProblems(given, fillIn(given, environment))
}

test('a subscription is all that is needed', () => {
  expect(problems({ subscription: 'commands' })).toEqual([])
})

test.each([undefined, null, 'commands', 5])('options that are %j are one problem', async (options) => {
  const worker = createWorker(options as never)
  worker.on('slack.message', () => {})
  await expect(worker.start()).rejects.toThrow(
    /^createWorker takes an object of options: \{ subscription: "commands" \} is the least$/,
  )
})

test.each(['commands', 'a.b-c_9', 'x'.repeat(64)])('takes the name %s', (subscription) => {
  expect(problems({ subscription })).toEqual([])
})

test.each<[string | undefined, RegExp]>([
  ['a:b', /is "a:b".*for example "a-b"/],
  ['Commands', /for example "commands"/],
  ['x'.repeat(65), /1 to 64/],
  ['orders.interactive', /not ending in "\.interactive"; for example "orders"/],
  ['', /is ""/],
  [undefined, /subscription is missing/],
])('refuses the name %s', (subscription, line) => {
  expect(problems(subscription === undefined ? {} : { subscription })).toEqual([expect.stringMatching(line)])
})

test.each<[object, RegExp]>([
  [{ concurency: 5 }, /option concurency is unknown; did you mean "concurrency"\?/],
  [{ concurrency: 1.5 }, /option concurrency is 1.5: use a whole number from 1 on/],
  [{ attempts: 0 }, /option attempts is 0/],
  [{ redis: { waitMs: -1 } }, /HOLDFAST_REDIS_WAIT_MS .* is -1: use milliseconds/],
  [{ drainMs: -1 }, /option drainMs is -1/],
  [{ maxWaiting: 0 }, /option maxWaiting is 0: use a whole number from 1 on/],
  [{ laneHoldMs: 0.5 }, /option laneHoldMs is 0.5/],
  [{ backoff: { base: 5 } }, /option backoff.base is unknown; did you mean "baseMs"\?/],
  [{ backoff: 5 }, /option backoff is no object: it has baseMs, maxMs/],
  [{ http: { port: 1, hots: '::' } }, /option http.hots is unknown; did you mean "host"\?/],
  [{ platforms: { slakc: {} } }, /option platforms.slakc is unknown; did you mean "slack"\?/],
  [{ platforms: { slack: { tokn: 'x' } } }, /option platforms.slack.tokn is unknown; did you mean "token"\?/],
  [{ platforms: { discord: { connections: { b: { url: 'x' } } } } }, /discord.connections.b.url is unknown/],
  [{ backoff: { baseMs: 0 } }, /option backoff.baseMs is 0/],
  [{ order: 'thread' }, /option order is "thread": use conversation, actor, none/],
  [{ events: ['slak.*'] }, /option events: .*did you mean "slack\.\*"\?/],
  [{ events: 'slack.*' }, /option events is no list: use \["slack\.message"\]/],
  [{ events: [5] }, /option events: .*5/],
  [{ redis: { sentinel: { name: 'a', nodes: [] } } }, /option redis: redis.sentinel.nodes: names no server/],
  [{ redis: { clustre: {} } }, /option redis: unknown key "redis.clustre"; did you mean "cluster"\?/],
  [{ redis: { url: 'redis://a', cluster: { nodes: ['a'] } } }, /redis.cluster: stands beside redis.url/],
  [{ redis: { url: '127.0.0.1:6379' } }, /REDIS_URL \(or option redis.url\) is no address of Redis/],
])('explains %j', (options, line) => {
  expect(problems({ subscription: 'commands', ...options })).toEqual([expect.stringMatching(line)])
})

test('says nothing of an unusable address, which may hold a password', () => {
  const [line] = problems({ subscription: 'commands' }, { REDIS_URL: 'http://user:hunter2@redis' })
  expect(line).toContain('REDIS_URL')
  expect(line).not.toContain('hunter2')
})

test('the options come before the environment, and the environment before the defaults', () => {
  const redis = (options: object, environment: Record<string, string>) =>
    fillIn({ subscription: 'a', ...options }, environment).redis
  const environment = { REDIS_URL: 'redis://env', HOLDFAST_PREFIX: '{env}', HOLDFAST_REDIS_WAIT_MS: '5' }
  const own = { url: 'redis://own', prefix: '{own}', waitMs: 1 }
  expect(redis({ redis: own }, environment)).toEqual(own)
  expect(redis({}, environment)).toEqual({ url: 'redis://env', prefix: '{env}', waitMs: 5 })
  expect(redis({}, {})).toEqual({
    url: 'redis://127.0.0.1:6379',
    prefix: '{holdfast}',
    waitMs: Number.POSITIVE_INFINITY,
  })
})

test('takes Redis also as the master of Sentinels or as a Cluster', () => {
  const read = (redis: object) => fillIn({ subscription: 'a', redis }, { REDIS_URL: 'redis://env' }).redis
  expect(read({ sentinel: { name: 'kelp', nodes: ['a', 'b:7'] }, prefix: '{own}' })).toMatchObject({
    sentinel: {
      name: 'kelp',
      nodes: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 7 },
      ],
    },
    prefix: '{own}',
  })
  const cluster = read({ cluster: { nodes: ['a'], password: 'hunter2' } })
  expect(cluster).toMatchObject({ cluster: { nodes: [{ host: 'a', port: 6_379 }] } })
  expect(JSON.stringify(cluster)).not.toContain('hunter2')
})

test('knows every credential that it must keep out of the log', () => {
  const platforms = { slack: { token: 'a', connections: { x: { token: 'b' } } }, discord: {} }
  const secrets = secretsOf(platforms, { SLACK_BOT_TOKEN: 'c', DISCORD_TOKEN: 'd' })
  expect(secrets.map((secret) => secret.reveal())).toEqual(['a', 'b', 'c', 'd'])
})

test.each([
  [{}, {}, undefined],
  [{}, { HOLDFAST_DEV: '1' }, 600_000],
  [{}, { HOLDFAST_DEV: '0' }, undefined],
  [{ dev: false }, { HOLDFAST_DEV: '1' }, undefined],
  [{ dev: true, devExpiryMs: 5_000 }, {}, 5_000],
  [{ devExpiryMs: 5_000 }, {}, undefined],
])(
  'with options %j and environment %j a subscription for development stays %s ms',
  (options, environment, ms) => {
    expect(fillIn({ subscription: 'commands', ...options }, environment).devExpiryMs).toBe(ms)
  },
)
