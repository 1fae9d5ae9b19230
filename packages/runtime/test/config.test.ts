// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configuration files write variables

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import {
  type Config,
  configFileOf,
  type Environment,
  loadConfig,
  ProblemError,
  parseConfigText,
  secretPlaceUrl,
} from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const BOT = 'connections: [{ id: bastion, platform: discord, token: abc }]'

/** Of the shape of Discord's, and nobody's. */
const DISCORD_TOKEN = `${'M'.repeat(24)}.GabcdE.${'x'.repeat(38)}`

const urlOf = ({ redis }: Config) => ('url' in redis ? secretPlaceUrl(redis) : undefined)

/** The lines with which the configuration is refused. */
function problemsOf(read: () => unknown): string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ProblemError) return error.message.split('\n')
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('what a process has against a configuration beside the schema', () => {
  const write = (text: string) => {
    const file = join(folder, 'checked.yaml')
    writeFileSync(file, text)
    return { file, cwd: folder, env: {} }
  }

  test('is told with its file and line', () => {
    const options = write(
      'connections:\n  - id: a\n    platform: discord\n    token: abc\n    compress: none',
    )
    const check = () => [
      { path: ['connections', 0, 'compress'], message: 'connection "a": not so' },
      { path: ['connections', 0, 'shards'], message: 'connection "a": nor so' },
    ]
    expect(problemsOf(() => loadConfig({ ...options, check }))).toEqual([
      'checked.yaml:5: connection "a": not so',
      // Not written there: what is nearest.
      'checked.yaml:2: connection "a": nor so',
    ])
  })

  test('is asked only of one that the schema takes', () => {
    const check = () => {
      throw new Error('it was asked')
    }
    expect(problemsOf(() => loadConfig({ ...write('http: { port: no }'), check }))).toHaveLength(1)
  })
})

describe('a configuration file', () => {
  test('gets a default for every value but credentials', () => {
    expect(parseConfigText(BOT)).toMatchObject({
      redis: { prefix: '{holdfast}' },
      connections: [
        {
          intents: ['GUILDS', 'GUILD_MESSAGES', 'DIRECT_MESSAGES', 'MESSAGE_CONTENT'],
          shards: 'auto',
          compress: 'zlib-stream',
          apiUrl: 'https://discord.com/api/v10',
        },
      ],
      subscriptions: [],
      http: { host: '127.0.0.1', port: 8080 },
      console: { host: '127.0.0.1', port: 8090 },
      gateway: { stopGraceMs: 10_000, journalDir: '.holdfast/journal' },
      log: { level: 'info' },
    })
    expect(urlOf(parseConfigText(''))?.reveal()).toBe('redis://127.0.0.1:6379')
  })

  test('gives the whole of the documented example', () => {
    const text = `
redis:
  url: \${REDIS_URL:-redis://127.0.0.1:6379}
  prefix: "{holdfast}"
connections:
  - id: acme-rtm
    platform: slack
    transport: rtm
    botToken: \${SLACK_BOT_TOKEN}
    apiUrl: https://slack.com/api
  - id: acme-socket
    platform: slack
    transport: socket-mode
    appToken: \${SLACK_APP_TOKEN}
    botToken: \${SLACK_BOT_TOKEN}
    sockets: 2
  - id: bastion
    platform: discord
    token: \${DISCORD_TOKEN}
    intents: [GUILDS, GUILD_MESSAGES, MESSAGE_CONTENT]
    shards: 3
    presence: { status: idle, activities: [{ name: chess }] }
subscriptions:
  - name: commands
    events: ["slack.message", "discord.MESSAGE_CREATE"]
    maxIdle: 12h
http:
  port: \${PORT}
  adminToken: \${HOLDFAST_ADMIN_TOKEN:-}
`
    const env = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', DISCORD_TOKEN: 'abc', PORT: '9090' }
    const config = parseConfigText(text, 'holdfast.yaml', env)
    expect(config.connections.map(({ id }) => id)).toEqual(['acme-rtm', 'acme-socket', 'bastion'])
    expect(config.connections[0]).toMatchObject({ apiUrl: 'https://slack.com/api/' })
    expect(config.connections[2]).toMatchObject({
      shards: 3,
      presence: { activities: [{ name: 'chess', type: 0 }] },
    })
    expect(config.subscriptions).toEqual([
      {
        name: 'commands',
        events: ['slack.message', 'discord.MESSAGE_CREATE'],
        order: 'conversation',
        initial: false,
        maxWaiting: 100_000,
        maxIdleMs: 43_200_000,
      },
    ])
    expect(config.http.port).toBe(9090)
    expect(config.http.adminToken).toBeUndefined()
  })

  test('counts a key with nothing after it as left out', () => {
    expect(parseConfigText('subscriptions:\nhttp:\n').subscriptions).toEqual([])
  })

  test('is frozen all the way down', () => {
    const config = parseConfigText(BOT)
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.connections[0])).toBe(true)
  })

  test('never shows a credential when printed', () => {
    const text = `redis: { url: "redis://me:hunter2@redis:6379/1" }\n${BOT.replace('abc', 'hunter2')}`
    const config = parseConfigText(text)
    for (const printed of [JSON.stringify(config), inspect(config, { depth: 9 }), `${urlOf(config)}`])
      expect(printed).not.toContain('hunter2')
    expect(`${urlOf(config)}`).toBe('redis://me:***@redis:6379/1')
  })
})

describe('bad input gets one line that says where, what and what to do', () => {
  test.each<[why: string, text: string, line: string]>([
    [
      'an unknown key',
      'redis:\n  url: redis://h\n  prefx: "{a}"',
      'holdfast.yaml:3: unknown key "redis.prefx"; did you mean "prefix"?',
    ],
    [
      'two places of Redis',
      'redis:\n  sentinel: { name: kelp, nodes: [a] }\n  cluster: { nodes: [a] }',
      'holdfast.yaml:3: redis.cluster: stands beside redis.sentinel: keep the one that says where Redis is',
    ],
    [
      'an unknown key of a place of Redis',
      'redis:\n  sentinel:\n    name: kelp\n    nodes: [a]\n    sentinelpassword: hunter2',
      'holdfast.yaml:5: unknown key "redis.sentinel.sentinelpassword"; did you mean "sentinelPassword"?',
    ],
    [
      'a node that is a URL',
      'redis:\n  cluster:\n    nodes:\n      - a:1\n      - redis://me:hunter2@b:2',
      'holdfast.yaml:5: redis.cluster.nodes[1]: must be host:port, without redis://',
    ],
    [
      'a node that is none',
      'redis: { sentinel: { name: kelp, nodes: "a:1, b:c" } }',
      'holdfast.yaml:1: redis.sentinel.nodes[1]: must be host:port, such as redis-1.example:26379',
    ],
    ['no node', 'redis: { cluster: { nodes: [] } }', 'holdfast.yaml:1: redis.cluster.nodes: names no server'],
    [
      'a Sentinel without a name',
      'redis: { sentinel: { nodes: [a] } }',
      'holdfast.yaml:1: redis.sentinel.name: is missing',
    ],
    [
      'an unknown key of a connection, judged by what the connection is',
      'connections:\n  - id: a\n    platform: slack\n    transport: rtm\n    botToken: xoxb-1\n    sockts: 2',
      'holdfast.yaml:6: unknown key "connections[0].sockts"; known here: id, platform, transport, botToken, apiUrl',
    ],
    [
      'an unknown key far from any other',
      'http:\n  zzzzzzzz: 1',
      'holdfast.yaml:2: unknown key "http.zzzzzzzz"; known here: host, port, adminToken',
    ],
    [
      'an unknown platform',
      'connections:\n  - id: a\n    platform: slak',
      'holdfast.yaml:3: connections[0].platform: unknown value "slak"; did you mean "slack"?',
    ],
    ['a missing platform', 'connections:\n  - id: a', 'holdfast.yaml:2: connections[0].platform: is missing'],
    [
      'a missing token',
      'connections:\n  - id: a\n    platform: discord',
      'holdfast.yaml:2: connections[0].token: is missing',
    ],
    [
      'an empty token',
      'connections:\n  - id: a\n    platform: discord\n    token: ""',
      'holdfast.yaml:4: connections[0].token: is empty: give a Discord bot token',
    ],
    [
      'a variable that is not set',
      'connections:\n  - id: a\n    platform: discord\n    token: ${DISCORD_TOKEN}',
      'holdfast.yaml:4: connections[0].token: the environment variable DISCORD_TOKEN is not set: set it, or write ${DISCORD_TOKEN:-default}',
    ],
    [
      'a substitution that is none',
      'redis:\n  url: ${REDIS-URL}',
      'holdfast.yaml:2: redis.url: "${REDIS-URL}" is no substitution: write ${NAME}, ${NAME:-default}, or $${ for the text itself',
    ],
    [
      'a bot token where an app-level token is needed',
      'connections:\n  - { id: a, platform: slack, transport: socket-mode, appToken: xoxb-1, botToken: xoxb-1 }',
      'holdfast.yaml:2: connections[0].appToken: needs a Slack app-level token (xapp-…), but holds a Slack bot token (xoxb-…)',
    ],
    [
      'an app-level token where a bot token is needed',
      'connections:\n  - { id: a, platform: slack, transport: rtm, botToken: xapp-1 }',
      'holdfast.yaml:2: connections[0].botToken: needs a Slack bot token (xoxb-…), but holds a Slack app-level token (xapp-…)',
    ],
    [
      'a user token where an app-level token is needed',
      'connections:\n  - { id: a, platform: slack, transport: socket-mode, appToken: xoxp-1, botToken: xoxb-1 }',
      'holdfast.yaml:2: connections[0].appToken: needs a Slack app-level token (xapp-…), but holds a Slack user token (xoxp-…)',
    ],
    [
      'a user token where a bot token is needed',
      'connections:\n  - { id: a, platform: slack, transport: rtm, botToken: xoxp-1 }',
      'holdfast.yaml:2: connections[0].botToken: needs a Slack bot token (xoxb-…), but holds a Slack user token (xoxp-…)',
    ],
    [
      'a Discord token where a Slack bot token is needed',
      `connections:\n  - { id: a, platform: slack, transport: rtm, botToken: ${DISCORD_TOKEN} }`,
      'holdfast.yaml:2: connections[0].botToken: needs a Slack bot token (xoxb-…), but holds a Discord bot token',
    ],
    [
      'a Discord token where a Slack app-level token is needed',
      `connections:\n  - { id: a, platform: slack, transport: socket-mode, appToken: ${DISCORD_TOKEN}, botToken: xoxb-1 }`,
      'holdfast.yaml:2: connections[0].appToken: needs a Slack app-level token (xapp-…), but holds a Discord bot token',
    ],
    [
      'a Slack token where a Discord token is needed',
      'connections:\n  - { id: a, platform: discord, token: xoxb-1 }',
      'holdfast.yaml:2: connections[0].token: needs a Discord bot token, but holds a Slack bot token (xoxb-…)',
    ],
    [
      'a Discord token with its scheme in front',
      'connections:\n  - { id: a, platform: discord, token: Bot abc }',
      'holdfast.yaml:2: connections[0].token: needs a Discord bot token, but holds a token with "Bot " in front',
    ],
    [
      'an unknown intent',
      'connections:\n  - id: a\n    platform: discord\n    token: abc\n    intents:\n      - GUILDS\n      - GUILD_MESAGES',
      'holdfast.yaml:7: connections[0].intents[1]: unknown value "GUILD_MESAGES"; did you mean "GUILD_MESSAGES"?',
    ],
    [
      'a number of shards that is none',
      'connections:\n  - { id: a, platform: discord, token: abc, shards: many }',
      'holdfast.yaml:2: connections[0].shards: must be "auto" or a number of shards from 1 up',
    ],
    [
      'no shards at all',
      'connections:\n  - { id: a, platform: discord, token: abc, shards: 0 }',
      'holdfast.yaml:2: connections[0].shards: must be at least 1',
    ],
    [
      'no sockets at all',
      'connections:\n  - { id: a, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-1, sockets: 0 }',
      'holdfast.yaml:2: connections[0].sockets: must be at least 1',
    ],
    [
      'as many sockets as Slack gives an app',
      'connections:\n  - { id: a, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-1, sockets: 10 }',
      'holdfast.yaml:2: connections[0].sockets: must be at most 9: Slack allows an app ten, and one that is refreshed needs a place for its successor',
    ],
    [
      'a Discord bot with two connections',
      'connections:\n  - { id: a, platform: discord, token: abc }\n  - { id: b, platform: discord, token: abc }',
      'holdfast.yaml:3: connections[1].token: is the token of connections[0] too: two sessions of one bot would bring each event twice',
    ],
    [
      'a Slack bot with two connections',
      'connections:\n  - { id: a, platform: slack, transport: rtm, botToken: xoxb-1 }\n  - { id: b, platform: slack, transport: rtm, botToken: xoxb-1 }',
      'holdfast.yaml:3: connections[1].botToken: is the botToken of connections[0] too: two connections of one bot would bring each event twice',
    ],
    [
      'a Slack app with two connections',
      'connections:\n  - { id: a, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-1 }\n  - { id: b, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-2 }',
      'holdfast.yaml:3: connections[1].appToken: is the appToken of connections[0] too: Slack would deal the events of the app out to both; for more sockets raise "sockets"',
    ],
    [
      'two connections of one id',
      'connections:\n  - { id: a, platform: discord, token: abc }\n  - { id: a, platform: discord, token: def }',
      'holdfast.yaml:3: connections[1].id: "a" is already the id of connections[0]: each needs its own',
    ],
    [
      'two subscriptions of one name',
      'subscriptions:\n  - { name: a, events: ["slack.*"] }\n  - { name: a, events: ["slack.*"] }',
      'holdfast.yaml:3: subscriptions[1].name: "a" is already the name of subscriptions[0]: each needs its own',
    ],
    [
      'a subscription for nothing',
      'subscriptions:\n  - { name: a, events: [] }',
      'holdfast.yaml:2: subscriptions[0].events: must name at least one event pattern',
    ],
    [
      'a subscription named like the queue beside another',
      'subscriptions:\n  - { name: a.interactive, events: ["slack.*"] }',
      'holdfast.yaml:2: subscriptions[0].name: must not end in ".interactive": that queue is made beside it',
    ],
    ['a port beyond the last', 'http:\n  port: 70000', 'holdfast.yaml:2: http.port: must be at most 65535'],
    [
      'a port that is text',
      'http:\n  port: web',
      'holdfast.yaml:2: http.port: must be a whole number, not text',
    ],
    [
      'a duration without unit',
      'gateway:\n  stopGrace: 10',
      'holdfast.yaml:2: gateway.stopGrace: must be text, not a number',
    ],
    [
      'a duration in an unknown unit',
      'gateway:\n  stopGrace: 10 sec',
      'holdfast.yaml:2: gateway.stopGrace: must be a duration such as 500ms, 10s, 5m, 12h or 7d',
    ],
    [
      'a lease that a replica could lose between two signs of life',
      'gateway:\n  lease: 1999ms',
      'holdfast.yaml:2: gateway.lease: must be at least 2s: a replica shows each second that it lives',
    ],
    [
      'an address of Redis that is none',
      'redis:\n  url: 127.0.0.1:6379',
      'holdfast.yaml:2: redis.url: must be a redis:// or rediss:// URL',
    ],
    [
      'a prefix that a cluster would scatter',
      'redis:\n  prefix: holdfast',
      'holdfast.yaml:2: redis.prefix: must be a name in braces such as "{holdfast}", so that a Redis Cluster keeps its keys on one node',
    ],
    ['a file that is no mapping', '- a', 'holdfast.yaml:1: the whole: must be a mapping, not a list'],
    [
      'text that is no YAML',
      'a: 1\nb: ]',
      'holdfast.yaml:2: not valid YAML: Unexpected flow-seq-end token in YAML stream: "]"',
    ],
    [
      'a variable without quotes inside braces',
      'connections:\n  - {id: a, platform: discord, token: ${DISCORD_TOKEN}}\nhttp:\n  port: 1',
      'holdfast.yaml:2: ${DISCORD_TOKEN} must be in quotes inside { } and [ ]: write "${DISCORD_TOKEN}"',
    ],
    [
      'a variable with a default, without quotes inside brackets',
      'subscriptions:\n  - name: a\n    events: [${EVENTS:-slack.*}, discord.*]',
      'holdfast.yaml:3: ${EVENTS:-slack.*} must be in quotes inside { } and [ ]: write "${EVENTS:-slack.*}"',
    ],
    [
      'a key that is there twice',
      'http: { port: 1 }\nhttp: { port: 2 }',
      'holdfast.yaml:2: not valid YAML: Map keys must be unique',
    ],
  ])('%s', (_, text, line) => {
    expect(problemsOf(() => parseConfigText(text))).toEqual([line])
  })

  test('each problem of several gets a line', () => {
    expect(problemsOf(() => parseConfigText('http:\n  port: -1\n  hots: a\nlogs: {}'))).toHaveLength(3)
  })

  test('one token at two addresses is no second connection of a bot', () => {
    const at = (id: string, port: number) =>
      `  - { id: ${id}, platform: discord, token: abc, apiUrl: "http://127.0.0.1:${port}" }`
    const text = `connections:\n${at('a', 1)}\n${at('b', 2)}`
    expect(parseConfigText(text).connections).toHaveLength(2)
  })

  test('a token in the wrong place is not repeated', () => {
    const lines = problemsOf(() => parseConfigText('connections:\n  - { id: a, platform: xoxb-secret }'))
    expect(lines).toEqual(['holdfast.yaml:2: connections[0].platform: must be one of discord, slack'])
  })
})

describe('where Redis is', () => {
  const NODES = [
    { host: 'a', port: 26_379 },
    { host: 'b', port: 7 },
  ]

  test('may be the master that Sentinels watch', () => {
    const text =
      'redis: { sentinel: { name: kelp, nodes: [a, "b:7"], password: "${P}", sentinelPassword: "${S:-}" } }'
    const { redis } = parseConfigText(text, 'holdfast.yaml', { P: 'hunter2', REDIS_URL: 'redis://elsewhere' })
    expect(redis).toEqual({
      sentinel: { name: 'kelp', nodes: NODES, password: expect.anything(), db: 0, tls: false },
      prefix: '{holdfast}',
      partitions: 1,
    })
    expect(JSON.stringify(redis)).not.toContain('hunter2')
  })

  test('may be a Cluster, its nodes in one variable', () => {
    const text = 'redis: { cluster: { nodes: "${NODES}", tls: "${TLS}" } }'
    const { redis } = parseConfigText(text, 'holdfast.yaml', { NODES: 'a:26379, b:7', TLS: 'true' })
    expect(redis).toEqual({ cluster: { nodes: NODES, tls: true }, prefix: '{holdfast}', partitions: 1 })
  })
})

describe('where the configuration comes from', () => {
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const load = (env: Environment, file?: string, cwd = folder) => loadConfig({ env, cwd, file })

  test('the file that is asked for goes before the environment, and that before ./holdfast.yaml', () => {
    write('holdfast.yaml', 'http: { port: 1 }')
    const second = write('second.yaml', 'http: { port: 2 }')
    write('third.yaml', 'http: { port: 3 }')
    expect(load({}).http.port).toBe(1)
    expect(load({ HOLDFAST_CONFIG: second }).http.port).toBe(2)
    expect(load({ HOLDFAST_CONFIG: second }, 'third.yaml').http.port).toBe(3)
  })

  test('the file that is read is known by its whole path, and that there is none', () => {
    const path = write('holdfast.yaml', 'http: { port: 1 }')
    expect(configFileOf({ env: {}, cwd: folder })).toBe(path)
    expect(configFileOf({ env: { HOLDFAST_CONFIG: 'second.yaml' }, cwd: folder })).toBe(
      join(folder, 'second.yaml'),
    )
    expect(configFileOf({ env: {}, cwd: folder, file: '/third.yaml' })).toBe('/third.yaml')
    expect(configFileOf({ env: {}, cwd: join(folder, 'nowhere') })).toBeUndefined()
  })

  test('a file that is asked for and missing is told with its whole path', () => {
    expect(problemsOf(() => load({}, 'nowhere.yaml'))).toEqual([
      `${join(folder, 'nowhere.yaml')}: can't read the configuration: there is no such file. Correct --config.`,
    ])
    expect(problemsOf(() => load({ HOLDFAST_CONFIG: 'nowhere.yaml' }))[0]).toContain(
      'Correct HOLDFAST_CONFIG.',
    )
  })

  test('a problem in a file elsewhere names its whole path', () => {
    const path = write('bad.yaml', 'htpp: {}')
    expect(problemsOf(() => load({}, path, '/'))[0]).toMatch(/holdfast-config-\w+\/bad\.yaml:1: /)
  })

  test('without a file the environment alone makes a connection of each bot', () => {
    const env = { REDIS_URL: 'redis://redis:6379', DISCORD_TOKEN: 'abc', SLACK_BOT_TOKEN: 'xoxb-1' }
    const config = load(env, undefined, '/')
    expect(urlOf(config)?.reveal()).toBe('redis://redis:6379')
    expect(config.connections).toMatchObject([
      { id: 'slack', platform: 'slack', transport: 'rtm' },
      { id: 'discord', platform: 'discord' },
    ])
  })

  test('an app-level token in the environment makes it Socket Mode', () => {
    const env = {
      SLACK_APP_TOKEN: 'xapp-1',
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_API_URL: 'http://127.0.0.1:1/api',
    }
    expect(load(env, undefined, '/').connections).toMatchObject([
      { transport: 'socket-mode', sockets: 2, apiUrl: 'http://127.0.0.1:1/api/' },
    ])
  })

  test('a problem of the environment names the variable', () => {
    expect(problemsOf(() => load({ SLACK_APP_TOKEN: 'xoxb-1' }, undefined, '/'))).toEqual([
      'environment variable SLACK_APP_TOKEN: connections[0].appToken: needs a Slack app-level token (xapp-…), but holds a Slack bot token (xoxb-…)',
      'environment variable SLACK_BOT_TOKEN: connections[0].botToken: is missing',
    ])
  })

  test('the environment fills what a file leaves out, and never what it says', () => {
    const path = write('some.yaml', 'http: { port: 7 }')
    const config = load(
      {
        REDIS_URL: 'rediss://elsewhere:1',
        HOLDFAST_PREFIX: '{bots}',
        HOLDFAST_HTTP_PORT: '8',
        DISCORD_TOKEN: 'abc',
      },
      path,
    )
    expect(urlOf(config)?.reveal()).toBe('rediss://elsewhere:1')
    expect(config.redis.prefix).toBe('{bots}')
    expect(config.http.port).toBe(7)
    expect(config.connections).toEqual([])
  })

  test('a block that is ignored needs no variables, in a file or without one', () => {
    const path = write(
      'gateway.yaml',
      `console: { port: 7 }
connections: [{ id: bastion, platform: discord, token: "\${DISCORD_TOKEN}" }]`,
    )
    const file = loadConfig({ env: {}, cwd: folder, file: path, ignore: ['connections'] })
    expect([file.console.port, file.connections]).toEqual([7, []])
    const env = { SLACK_APP_TOKEN: 'not one', HOLDFAST_CONSOLE_PORT: '9', HOLDFAST_CONSOLE_HOST: '0.0.0.0' }
    const alone = loadConfig({ env, cwd: '/', ignore: ['connections'] })
    expect([alone.console, alone.connections]).toEqual([{ host: '0.0.0.0', port: 9 }, []])
  })
})
