import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env as environment, execPath } from 'node:process'
import { afterAll, afterEach, describe, expect, test } from 'vitest'

/** The built commands as operators start them: what they say and how they end when they can't run. */
const GATEWAY = join(import.meta.dirname, '../../services/gateway/dist/main.js')
const HOLDFAST = join(import.meta.dirname, '../../packages/cli/bin/holdfast.js')
const REDIS = environment.REDIS_URL ?? 'redis://127.0.0.1:6379'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bad-input-'))
const children: ChildProcess[] = []
const servers: (Server | TcpServer)[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly stderr: string
}

/** Runs the gateway in an empty folder with nothing in its environment but `env`; resolves when it has ended. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runCommand([GATEWAY, ...args], env)
}

function runCommand(command: readonly string[], env: Record<string, string>): Promise<Ended> {
  const child = spawn(execPath, command, { cwd: folder, env })
  children.push(child)
  let stderr = ''
  child.stderr.on('data', (text) => (stderr += text))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })))
}

async function listen(): Promise<number> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

describe('the gateway says in one line what is wrong and exits with 2', () => {
  test('a pattern that can not be read', async () => {
    const file = write(
      'pattern.yaml',
      'connections: [{ id: a, platform: discord, token: abc }]\nsubscriptions:\n  - { name: s, events: ["discrd.*"] }\n',
    )
    const { code, stderr } = await run(['--config', file])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^holdfast-gateway: pattern\.yaml:3: subscription "s": .*discrd.*\n$/)
  })

  test('an unknown key', async () => {
    const file = write('unknown-key.yaml', 'redis:\n  ulr: redis://127.0.0.1:1\n')
    expect(await run(['--config', file])).toEqual({
      code: 2,
      stderr: 'holdfast-gateway: unknown-key.yaml:2: unknown key "redis.ulr"; did you mean "url"?\n',
    })
  })

  test('a variable that is not set', async () => {
    write('unset.yaml', `connections:\n  - { id: a, platform: discord, token: "$\{DISCORD_TOKEN}" }\n`)
    const { code, stderr } = await run([], { HOLDFAST_CONFIG: 'unset.yaml' })
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^holdfast-gateway: unset\.yaml:2: connections\[0\]\.token: [^\n]*DISCORD_TOKEN[^\n]*\n$/,
    )
  })

  test('a file that is not there', async () => {
    const { code, stderr } = await run(['--config', 'nowhere.yaml'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^holdfast-gateway: \S*\/nowhere\.yaml: can't read [^\n]*\n$/)
  })

  test('nothing to connect to', async () => {
    const { code, stderr } = await run([], { REDIS_URL: REDIS })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^holdfast-gateway: no connections are configured: [^\n]*\n$/)
  })

  test('a token of the wrong kind, which it does not repeat', async () => {
    const { code, stderr } = await run([], { SLACK_BOT_TOKEN: 'xapp-1-secret' })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^holdfast-gateway: environment variable SLACK_BOT_TOKEN: [^\n]*\n$/)
    expect(stderr).not.toContain('secret')
  })

  test.each<[why: string, connections: readonly string[], line: string]>([
    [
      'an unknown intent',
      ['{ id: a, platform: discord, token: abc, intents: [GUILD_MESAGES] }'],
      'bad.yaml:2: connections[0].intents[0]: unknown value "GUILD_MESAGES"; did you mean "GUILD_MESSAGES"?',
    ],
    [
      'a bot token where an app-level token is needed',
      ['{ id: a, platform: slack, transport: socket-mode, appToken: xoxb-secret, botToken: xoxb-1 }'],
      'bad.yaml:2: connections[0].appToken: needs a Slack app-level token (xapp-…), but holds a Slack bot token (xoxb-…)',
    ],
    [
      'a Discord token with its scheme in front',
      ['{ id: a, platform: discord, token: Bot secret }'],
      'bad.yaml:2: connections[0].token: needs a Discord bot token, but holds a token with "Bot " in front',
    ],
    [
      'no shards',
      ['{ id: a, platform: discord, token: abc, shards: 0 }'],
      'bad.yaml:2: connections[0].shards: must be at least 1',
    ],
    [
      'too many sockets',
      ['{ id: a, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-1, sockets: 11 }'],
      'bad.yaml:2: connections[0].sockets: must be at most 9: Slack allows an app ten, and one that is refreshed needs a place for its successor',
    ],
    [
      'two connections of one id',
      ['{ id: a, platform: discord, token: abc }', '{ id: a, platform: discord, token: def }'],
      'bad.yaml:3: connections[1].id: "a" is already the id of connections[0]: each needs its own',
    ],
    [
      'two connections with one token',
      ['{ id: a, platform: discord, token: secret }', '{ id: b, platform: discord, token: secret }'],
      'bad.yaml:3: connections[1].token: is the token of connections[0] too: two sessions of one bot would bring each event twice',
    ],
  ])('%s', async (_, connections, line) => {
    const file = write('bad.yaml', ['connections:', ...connections.map((each) => `  - ${each}`)].join('\n'))
    expect(await run(['--config', file])).toEqual({ code: 2, stderr: `holdfast-gateway: ${line}\n` })
  })

  test('a Redis that refuses the password, without the password', async () => {
    const server = createTcpServer((socket) =>
      socket
        .on('error', () => {})
        .on('data', () => socket.write('-WRONGPASS invalid username-password pair\r\n')),
    )
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await run([], {
      DISCORD_TOKEN: 'abc',
      HOLDFAST_HTTP_PORT: '0',
      REDIS_URL: `redis://:hunter2@127.0.0.1:${port}`,
    })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `holdfast-gateway: Redis at redis://:***@127.0.0.1:${port} refuses this connection (WRONGPASS invalid username-password pair): correct user, password or database in redis.url\n`,
    })
  })

  test('a port in use', async () => {
    const port = await listen()
    const env = { DISCORD_TOKEN: 'abc', REDIS_URL: REDIS, HOLDFAST_HTTP_PORT: String(port) }
    expect(await run([], env)).toEqual({
      code: 2,
      stderr: `holdfast-gateway: http: port ${port} on 127.0.0.1 is already in use: stop what listens there, or set http.port\n`,
    })
  })

  test('a port in use, as a command of holdfast, which ends by itself', async () => {
    const port = await listen()
    const env = { DISCORD_TOKEN: 'abc', REDIS_URL: REDIS, HOLDFAST_HTTP_PORT: String(port) }
    expect(await runCommand([HOLDFAST, 'gateway'], env)).toEqual({
      code: 2,
      stderr: `holdfast: http: port ${port} on 127.0.0.1 is already in use: stop what listens there, or set http.port\n`,
    })
  })

  test('an option it does not know', async () => {
    expect(await run(['--confg', 'x'])).toEqual({
      code: 2,
      stderr: 'holdfast-gateway: unknown option "--confg"; did you mean "--config"?\n',
    })
  })
})
