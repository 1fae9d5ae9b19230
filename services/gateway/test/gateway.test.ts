import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMembers, decodeUnits } from '@holdfast/ownership'
import { createRegistry, type WorkerWish } from '@holdfast/queue'
import { connectRedis, ProblemError, parseConfigText } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConfigFile } from '../src/config-file.ts'
import { createGateway, type Gateway, type GatewayOptions } from '../src/gateway.ts'
import { DiskJournal } from '../src/journal.ts'
import type { DriverTools } from '../src/ports.ts'
import { FakeDriver } from './fake-driver.ts'
import { event, recordingLog } from './fixtures.ts'

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

let prefix: string
let folder: string
let log: ReturnType<typeof recordingLog>
let tools: DriverTools
let drivers: FakeDriver[]
/** Told of each driver when it is made. */
let onDriver: (driver: FakeDriver) => void
const gateways: Gateway[] = []

beforeEach(() => {
  prefix = `{gateway-${randomUUID()}}`
  folder = mkdtempSync(join(tmpdir(), 'holdfast-gateway-'))
  log = recordingLog()
  drivers = []
  onDriver = () => {}
})

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop()
  const redis = await connectRedis(url, { name: 'test' })
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
  rmSync(folder, { recursive: true })
})

const CONNECTIONS = `
connections:
  - { id: acme, platform: slack, transport: rtm, botToken: xoxb-1 }
  - { id: bastion, platform: discord, token: abc, shards: 2 }`

const GATEWAY_BOT = {
  url: 'wss://gateway.example',
  shards: 1,
  session_start_limit: { total: 1_000, remaining: 999, reset_after: 1, max_concurrency: 1 },
}

interface Place {
  readonly port?: string
  readonly redisUrl?: string
}

const configOf = (text: string, { port = '0', redisUrl = url }: Place) =>
  parseConfigText(`${text}
redis: { url: "${redisUrl}", prefix: "${prefix}" }
http: { port: ${port} }
gateway: { stopGrace: 500ms, replicaId: replica-a, deployId: blue, journalDir: "${folder}" }`)

async function make(
  text = CONNECTIONS,
  { config, file, ...place }: Partial<Pick<GatewayOptions, 'config' | 'file'>> & Place = {},
): Promise<Gateway> {
  const gateway = await createGateway({
    config: config ?? configOf(text, place),
    file,
    log,
    fetch: async () => Response.json(GATEWAY_BOT),
    drivers(given) {
      tools = given
      const add = (unit: ConstructorParameters<typeof FakeDriver>[0]) => {
        const driver = new FakeDriver(unit)
        drivers.push(driver)
        onDriver(driver)
        return driver
      }
      return {
        slackRtm: ({ id }) => add({ connection: id, platform: 'slack', transport: 'rtm' }),
        slackSocketMode: ({ id }) => add({ connection: id, platform: 'slack', transport: 'socket-mode' }),
        discord: ({ id }, shard) => add({ connection: id, platform: 'discord', transport: 'gateway', shard }),
      }
    },
  })
  gateways.push(gateway)
  return gateway
}

async function start(text?: string): Promise<Gateway> {
  const gateway = await make(text)
  await gateway.start()
  return gateway
}

interface Answer {
  readonly status: number
  readonly body: { readonly [field in 'checks' | 'connections' | 'subscriptions']: unknown[] } & {
    readonly version: unknown
    readonly configRefused?: unknown
  }
}

async function get(gateway: Gateway, path: string): Promise<Answer> {
  const response = await fetch(`${gateway.address}${path}`)
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

/** A database that no other suite uses, so that connections to it are those of one gateway. */
const OWN_DATABASE = Object.assign(new URL(url), { pathname: '/15' }).href

async function connectionsToOwnDatabase(): Promise<string[]> {
  const redis = await connectRedis(url, { name: 'test' })
  const clients = String(await redis.client('LIST'))
  await redis.quit()
  return clients.split('\n').filter((line) => line.includes(' db=15 '))
}

const publish = (id: string, type = 'discord.MESSAGE_CREATE') =>
  new Promise<void>((confirmed) => tools.publish(event(id, { type }), { connection: 'bastion' }, confirmed))

describe('a gateway', () => {
  test('is ready once every unit is connected, and shows its units', async () => {
    const gateway = await start()
    await vi.waitFor(async () => expect((await get(gateway, '/readyz')).status).toBe(200))
    const { body } = await get(gateway, '/v1/connections')
    expect(body.connections).toMatchObject([
      { unit: 'acme', platform: 'slack', transport: 'rtm', state: 'connected', owner: 'replica-a' },
      { unit: 'bastion/0', shard: 0, state: 'connected' },
      { unit: 'bastion/1', shard: 1, state: 'connected' },
    ])
  })

  test('shows the last gap of a unit', async () => {
    const gateway = await start()
    const lastGap = {
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-01T00:00:32.000Z',
      why: 'rtm-disconnected',
    } as const
    const [acme] = drivers
    if (!acme) throw new Error('no driver was made')
    acme.lastGap = lastGap
    const { body } = await get(gateway, '/v1/connections')
    expect(body.connections[0]).toMatchObject({ unit: 'acme', lastGap })
    expect(body.connections[1]).not.toHaveProperty('lastGap')
  })

  test('tells the other members of its units, and of what becomes of them', async () => {
    const gateway = await start()
    const redis = await connectRedis(url, { name: 'test' })
    const members = createMembers(redis, prefix)
    const told = async () => {
      const [self] = await members.list()
      return { ...self?.fields, ...(self && decodeUnits(self.fields)) }
    }
    const units = [{ unit: 'acme' }, { unit: 'bastion/0', platform: 'discord' }, { unit: 'bastion/1' }]
    await vi.waitFor(async () => {
      expect(await told()).toMatchObject({ deployId: 'blue', counts: { connected: 3 }, units })
    }, 5_000)
    const [, shard] = drivers
    if (!shard) throw new Error('no driver was made')
    shard.state = 'fatal'
    await vi.waitFor(async () => {
      expect(await told()).toMatchObject({
        counts: { connected: 2, fatal: 1 },
        units: [{ unit: 'bastion/0', state: 'fatal' }, { unit: 'acme' }, { unit: 'bastion/1' }],
      })
    }, 5_000)
    await gateway.stop()
    expect(await members.list()).toEqual([])
    await redis.quit()
  })

  test('answers probes before any driver starts, and starts drivers only when subscriptions are known', async () => {
    const seen: unknown[] = []
    const gateway = await make()
    onDriver = (driver) => {
      driver.onStart = async () => {
        const { status, body } = await get(gateway, '/readyz')
        seen.push([status, body.checks[0], (await get(gateway, '/v1/subscriptions')).body.version])
      }
    }
    await gateway.start()
    expect(seen).toHaveLength(3)
    expect(seen[0]).toEqual([
      503,
      { name: 'gateway', status: 'failed', why: 'it is starting' },
      expect.any(Number),
    ])
  })

  test('puts wanted events on the queue, confirms them, and counts', async () => {
    const gateway = await start(`${CONNECTIONS}
subscriptions: [{ name: commands, events: ["discord.MESSAGE_CREATE"] }]`)
    await publish('discord.app.m1')
    await publish('discord.app.m1')
    await publish('discord.app.t1', 'discord.TYPING_START')
    const metrics = await (await fetch(`${gateway.address}/metrics`)).text()
    expect(metrics).toContain('holdfast_events_enqueued_total{subscription="commands"} 1')
    expect(metrics).toContain('holdfast_events_duplicate_total{subscription="commands"} 1')
    expect(metrics).toContain('holdfast_events_unwanted_total{connection="bastion"} 1')
    expect(metrics).toContain('holdfast_unconfirmed_events{connection="bastion"} 0')
    await vi.waitFor(async () => {
      const { body } = await get(gateway, '/v1/subscriptions')
      expect(body.subscriptions).toMatchObject([{ name: 'commands', fixed: true, depth: { waiting: 1 } }])
    }, 5_000)
  })

  test('routes by what a worker declares while it runs, from the moment the worker is told so', async () => {
    await start()
    const registry = createRegistry({ redis: { url }, prefix })
    const wish: WorkerWish = {
      workerId: 'w1',
      subscription: 'late',
      patterns: ['slack.*'],
      order: 'conversation',
    }
    const version = await registry.declare(wish)
    expect(await registry.awaitNoted(version, 5_000)).toBe('noted')
    expect(tools.wanted('slack.message', 'live', 'acme')).toBe(true)
    await registry.stop()
  })

  test('is degraded, not unready, with a connection that the platform refused for good', async () => {
    const gateway = await start(`
connections:
  - { id: socket, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-1 }
  - { id: bastion, platform: discord, token: abc, shards: 1 }`)
    const refused = drivers.find((driver) => driver.status().transport === 'socket-mode')
    if (refused) refused.state = 'fatal'
    await vi.waitFor(async () =>
      expect(await get(gateway, '/readyz')).toMatchObject({ status: 200, body: { status: 'degraded' } }),
    )
  })

  test('stops drivers first, confirms what they still publish, and leaves no trace of a live gateway', async () => {
    const gateway = await start(`${CONNECTIONS}
subscriptions: [{ name: commands, events: ["discord.MESSAGE_CREATE"] }]`)
    const { address } = gateway
    const order: string[] = []
    for (const driver of drivers)
      driver.onStop = async () => {
        await publish(`discord.app.${drivers.indexOf(driver)}`)
        order.push('confirmed during stop')
        order.push(String((await get(gateway, '/readyz')).status))
      }
    await gateway.stop()
    expect(order.filter((entry) => entry === 'confirmed during stop')).toHaveLength(3)
    expect(order.filter((entry) => entry === '503')).toHaveLength(3)
    for (const driver of drivers) expect(driver.graces[0]).toBeGreaterThan(0)

    const redis = await connectRedis(url, { name: 'test' })
    expect(await redis.zcard(`${prefix}:members`)).toBe(0)
    expect(await redis.smembers(`${prefix}:hf:gateways`)).toEqual([])
    await redis.quit()
    await expect(fetch(`${address}/livez`)).rejects.toThrow('fetch failed')
  })

  test('publishes what a killed one left in its journal, before any driver starts, and once', async () => {
    const left = new DiskJournal({ folder, deployment: prefix.slice(1, -1), expected: true, log })
    await left.start()
    for (const id of ['slack.app.i1', 'slack.app.i2'])
      await left.keep(event(id, { type: 'slack.interactive.block_actions', interactive: true }), 'acme')
    const gateway = await make(`${CONNECTIONS}
subscriptions: [{ name: commands, events: ["slack.*"] }]`)
    const seen: unknown[] = []
    onDriver = (driver) => {
      driver.onStart = async () => {
        seen.push(log.lines.some(({ message }) => message.includes('published again')))
      }
    }
    await gateway.start()
    expect(seen).toEqual([true, true, true])
    const enqueued = async () => {
      const metrics = await (await fetch(`${gateway.address}/metrics`)).text()
      return /^holdfast_events_enqueued_total\{subscription="commands"\} (\d+)/m.exec(metrics)?.[1]
    }
    await expect.poll(enqueued).toBe('2')
    // Its own, with nothing in it.
    await expect.poll(() => readdirSync(folder).map((name) => statSync(join(folder, name)).size)).toEqual([0])
    await left.stop()
  })

  test('gives drivers a journal on disk, and settles with the confirm of the stop', async () => {
    const gateway = await start()
    const entry = await tools.journal.keep(event('slack.app.i1'), 'acme')
    expect(readdirSync(folder)).toHaveLength(1)
    const [first] = drivers
    if (first) first.onStop = async () => entry.settle()
    await gateway.stop()
    expect(readdirSync(folder)).toEqual([])
  })

  test('shows whether Redis answers, what waits for it, and what the journal holds', async () => {
    const gateway = await start()
    const shown = async () => {
      const metrics = await (await fetch(`${gateway.address}/metrics`)).text()
      const names = [
        'redis_up',
        'unconfirmed_bytes',
        'unconfirmed_oldest_seconds',
        'journal_events',
        'journal_failing',
      ]
      return names.map((name) => Number(new RegExp(`^holdfast_${name} (\\S+)$`, 'm').exec(metrics)?.[1]))
    }
    expect(await shown()).toEqual([1, 0, 0, 0, 0])
    const entry = await tools.journal.keep(event('slack.app.i1'), 'acme')
    expect(await shown()).toEqual([1, 0, 0, 1, 0])
    entry.settle()
    expect(await shown()).toEqual([1, 0, 0, 0, 0])
  })

  test('takes over what has changed in its file, and leaves the rest as it is', async () => {
    const path = join(folder, 'holdfast.yaml')
    writeFileSync(
      path,
      `${CONNECTIONS}
subscriptions: [{ name: commands, events: ["discord.MESSAGE_CREATE"] }]`,
    )
    const file = new ConfigFile(path, () => configOf(readFileSync(path, 'utf8'), {}))
    const gateway = await make('', { config: file.load(), file })
    await gateway.start()
    tools.metrics.gap('bastion')
    for (const id of ['acme', 'bastion']) tools.metrics.state(id, undefined, 'connected')

    writeFileSync(
      path,
      `connections:
  - { id: late, platform: slack, transport: rtm, botToken: xoxb-2 }
  - { id: bastion, platform: discord, token: abc, shards: 2 }
subscriptions: [{ name: chats, events: ["slack.message"] }]`,
    )
    await gateway.reload('SIGHUP')

    const { body } = await get(gateway, '/v1/connections')
    expect(body).toMatchObject({
      generation: 2,
      configuredAt: expect.stringMatching(/Z$/),
      connections: [
        { unit: 'bastion/0', state: 'connected', configuredAt: expect.stringMatching(/Z$/) },
        { unit: 'bastion/1', state: 'connected' },
        { unit: 'late', state: 'connected' },
      ],
    })
    expect(drivers.map(({ graces }) => graces)).toEqual([[500], [], [], []])
    expect((await get(gateway, '/readyz')).status).toBe(200)
    const { body: routed } = await get(gateway, '/v1/subscriptions')
    expect(routed.subscriptions).toHaveLength(2)
    expect(routed.subscriptions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'commands', fixed: false }),
        expect.objectContaining({ name: 'chats', fixed: true, patterns: ['slack.message'] }),
      ]),
    )
    const metrics = await (await fetch(`${gateway.address}/metrics`)).text()
    expect(metrics.match(/^holdfast_gaps_total.*$/gm)).toEqual([
      'holdfast_gaps_total{connection="bastion"} 1',
      'holdfast_gaps_total{connection="late"} 0',
    ])
    expect(metrics).not.toContain('holdfast_connection_state{connection="acme"')
    expect(metrics).toContain('holdfast_connection_state{connection="bastion"')
    expect(metrics).toContain('holdfast_units_owned{replica="replica-a"} 3')
  })

  test('shows that its file is refused, and since when and why, until it takes over a good one', async () => {
    const path = join(folder, 'holdfast.yaml')
    const file = new ConfigFile(path, () => configOf(readFileSync(path, 'utf8'), {}))
    writeFileSync(path, CONNECTIONS)
    const gateway = await make('', { config: file.load(), file })
    await gateway.start()
    const shown = async () => {
      const metrics = await (await fetch(`${gateway.address}/metrics`)).text()
      const { body } = await get(gateway, '/v1/connections')
      return [/^holdfast_config_refused (\d)$/m.exec(metrics)?.[1], body.configRefused]
    }
    expect(await shown()).toEqual(['0', undefined])
    writeFileSync(path, CONNECTIONS.replace('platform: slack', 'platform: slak'))
    await gateway.reload('SIGHUP')
    expect(await shown()).toEqual([
      '1',
      { since: expect.stringMatching(/Z$/), why: expect.stringContaining('unknown value "slak"') },
    ])
    expect((await get(gateway, '/readyz')).status).toBe(200)
    writeFileSync(path, CONNECTIONS)
    await gateway.reload('SIGHUP')
    expect(await shown()).toEqual(['0', undefined])
  })

  test('gives its units away when an admin asks, where somebody could take over, and serves again', async () => {
    const withToken = (replicaId: string) =>
      parseConfigText(`${CONNECTIONS}
redis: { url: "${url}", prefix: "${prefix}" }
http: { port: 0, adminToken: secret }
gateway: { replicaId: ${replicaId}, deployId: blue, journalDir: "${folder}" }`)
    const first = await make('', { config: withToken('replica-a') })
    await first.start()
    const drain = async (method: string, token?: string) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const response = await fetch(`${first.address}/v1/drain`, { method, headers })
      return { status: response.status, body: await response.json() }
    }
    for (const token of [undefined, 'secre', 'secret2'])
      expect((await drain('POST', token)).status, token).toBe(401)
    expect(await drain('POST', 'secret')).toEqual({
      status: 409,
      body: { error: expect.stringContaining('no other gateway could take over') },
    })
    const second = await make('', { config: withToken('replica-b') })
    await second.start()
    await vi.waitFor(async () => expect((await drain('POST', 'secret')).status).toBe(202), 5_000)
    await vi.waitFor(
      async () => expect((await drain('POST', 'secret')).body).toEqual({ state: 'drained', units: 0 }),
      5_000,
    )
    expect((await get(first, '/readyz')).body.checks).toContainEqual({
      ...{ name: 'ownership', status: 'failed', why: 'drained' },
    })
    const { body } = await get(first, '/v1/connections')
    expect(body.connections).toMatchObject(
      ['acme', 'bastion/0', 'bastion/1'].map((unit) => ({ unit, owner: 'replica-b', fence: 2 })),
    )
    expect(await drain('DELETE', 'secret')).toEqual({ status: 200, body: { state: 'serving', units: 0 } })
    await vi.waitFor(async () => expect((await get(first, '/readyz')).status).toBe(200), 5_000)
  })

  test('knows no drain without an admin token', async () => {
    const gateway = await start()
    const response = await fetch(`${gateway.address}/v1/drain`, { method: 'POST' })
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: expect.stringContaining('http.adminToken') },
    ])
  })

  test('refuses to start on the port of another in one line, and leaves nothing open', async () => {
    const first = await start()
    const { port } = new URL(first.address)
    const second = await make(CONNECTIONS, { port, redisUrl: OWN_DATABASE })
    await vi.waitFor(async () => expect(await connectionsToOwnDatabase()).not.toEqual([]))
    await expect(second.start()).rejects.toMatchObject({ code: 'port-in-use' })
    await vi.waitFor(async () => expect(await connectionsToOwnDatabase()).toEqual([]))
    expect((await get(first, '/livez')).status).toBe(200)
  })

  test('leaves nothing open when it is stopped before its start', async () => {
    const gateway = await make(CONNECTIONS, { redisUrl: OWN_DATABASE })
    await vi.waitFor(async () => expect(await connectionsToOwnDatabase()).not.toEqual([]))
    await gateway.stop()
    await vi.waitFor(async () => expect(await connectionsToOwnDatabase()).toEqual([]))
  })

  test.each<[why: string, text: string, code: string, message: string]>([
    ['without connections', '', 'no-connections', 'no connections are configured'],
    [
      'with a bad pattern',
      `${CONNECTIONS}\nsubscriptions: [{ name: commands, events: ["discrd.*"] }]`,
      'bad-config',
      'subscription "commands": ',
    ],
  ])('is refused %s', async (_, text, code, message) => {
    const refusal = await make(text).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(refusal).toBeInstanceOf(ProblemError)
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('refuses a Redis whose data it can not read', async () => {
    const redis = await connectRedis(url, { name: 'test' })
    await redis.set(`${prefix}:hf:layout`, '999')
    await redis.quit()
    await expect(start()).rejects.toMatchObject({ code: 'redis-layout' })
  })
})
