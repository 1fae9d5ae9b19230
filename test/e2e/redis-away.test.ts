import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill } from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import { type LocalRedis, obtainRedis } from '@holdfast/local-redis'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { readJournal } from '../../services/gateway/src/journal-record.ts'
import { GatewayProcess } from './gateway-process.ts'
import { textOf } from './queued-events.ts'
import { CONNECTIONS, type ConnectionName, numbered, Stage } from './stage.ts'

/* What a gateway holds while Redis is away, how it shows it, and what becomes of it when it dies or starts meanwhile. */

let redis: LocalRedis
beforeEach(async () => {
  // The tests' own Redis serves other suites; this one goes and comes back.
  redis = await obtainRedis({ folder: '.holdfast/redis', env: { PATH: process.env.PATH } })
})
afterEach(() => redis.stop())

async function stopRedis(): Promise<void> {
  kill(redis.pid ?? 0, 'SIGTERM')
  await expect.poll(() => redis.hasEnded, { timeout: 20_000, interval: 10 }).toBe(true)
}

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-away-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function openStage(folder: string, more = ''): Promise<Stage> {
  return Stage.open({
    redisUrl: redis.url,
    more: [`gateway: { journalDir: '${folder}', replicaId: away, stopGrace: 1s${more} }`],
  })
}

async function sayings(stage: Stage, connection: ConnectionName): Promise<unknown[]> {
  const events = await stage.queued.of('all', connection)
  return events.map(textOf).filter((text) => text !== undefined)
}

/** Starts a gateway that has no Redis; resolves when it says so, with where it listens. */
async function startWithoutRedis(stage: Stage) {
  const gateway = new GatewayProcess(stage.configuration())
  const { address = '', msg } = await gateway.says((line) => line.msg.endsWith('waiting for it'))
  const statusOf = async (path: string) => (await fetch(`${address}${path}`)).status
  return { gateway, address, msg, statusOf }
}

test('a gateway that is killed while Redis is away loses nothing of what came, and repeats nothing', async () => {
  const folder = openFolder()
  const stage = await openStage(folder)
  const killed = await stage.startGateway()
  await stage.settle('first')
  await stopRedis()
  const texts = numbered('meanwhile', 25)
  for (const text of texts) stage.say(text)
  await expect
    .poll(async () =>
      isDeepStrictEqual(onDisk(folder), { eventCount: 100, sequences: await received(killed) }),
    )
    .toBe(true)
  expect(await valueOfMetric(killed, 'holdfast_journal_events')).toBe(100)
  expect(await valueOfMetric(killed, 'holdfast_redis_up')).toBe(0)
  await killed.kill()

  const { gateway, statusOf } = await startWithoutRedis(stage)
  expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 503])
  await redis.restart?.()
  await gateway.ready()
  await stage.settle('last')
  for (const connection of CONNECTIONS)
    expect(await sayings(stage, connection), connection).toEqual(['first', ...texts, 'last'])
  // Both Discord sessions go on where their marks are: nothing that the journal held is asked for again.
  expect(stage.simulator.record.of('identify')).toHaveLength(2)
  expect(await gateway.count('holdfast_events_duplicate_total')).toBe(0)
  await expect.poll(() => readdirSync(folder)).toHaveLength(1)
  expect(await gateway.stop()).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})

test('a gateway that is stopped while Redis is away leaves what came to the next on its disk', async () => {
  const folder = openFolder()
  const stage = await openStage(folder)
  const stopped = await stage.startGateway()
  await stage.settle('first')
  await stopRedis()
  const texts = numbered('meanwhile', 10)
  for (const text of texts) stage.say(text)
  await stage.simulator.record.until((entry) => entry.kind === 'event' && entry.text === texts.at(-1))
  expect(await stopped.stop()).toBe(0)
  await redis.restart?.()
  await stage.startGateway()
  await stage.settle('last')
  for (const connection of CONNECTIONS)
    expect(await sayings(stage, connection), connection).toEqual(['first', ...texts, 'last'])
})

test('a gateway that starts while Redis is away says what to do, is live, and ends with 0 when asked', async () => {
  const stage = await openStage(openFolder())
  await stopRedis()
  const { gateway, msg, address } = await startWithoutRedis(stage)
  expect(msg).toMatch(/^Redis at \S+ does not answer \(ECONNREFUSED\): start Redis there, or set redis\.url/)
  const readiness = await (await fetch(`${address}/readyz`)).json()
  expect((readiness as { checks: unknown }).checks).toContainEqual({
    name: 'redis',
    status: 'failed',
    why: msg,
  })
  expect(await gateway.stop()).toBe(0)
  expect(gateway.linesAt('error')).toEqual([])
})

test('at its bound a gateway holds no more: the platforms repeat it, and on RTM history does', async () => {
  const stage = await openStage(openFolder(), ', maxUnconfirmedCount: 40')
  const gateway = await stage.startGateway()
  await stage.settle('first')
  await stopRedis()
  const texts = numbered('meanwhile', 60)
  for (const text of texts) stage.say(text)
  const why = 'it can hold no more'
  await expect.poll(() => gateway.count('holdfast_events_dropped_total')).toBeGreaterThan(60)
  const dropped = await gateway.count('holdfast_events_dropped_total')
  expect(await gateway.count('holdfast_unconfirmed_events'), why).toBeLessThanOrEqual(40 + CONNECTIONS.length)
  const { text } = await gateway.get('/readyz')
  expect(JSON.parse(text).checks).toContainEqual({
    ...{ name: 'queue', status: 'failed', why: expect.stringContaining('as the bound allows') },
  })
  await redis.restart?.()
  await gateway.ready()
  await stage.settle('last')

  for (const connection of ['discord-a', 'discord-b'] as const)
    expect(await sayings(stage, connection), connection).toEqual(['first', ...texts, 'last'])
  const gaps = (await stage.queued.of('all')).filter(({ type }) => type === 'holdfast.gap')
  expect(gaps.map(({ data }) => data.why)).toEqual(['journal-full', 'journal-full'])
  expect(gaps.reduce((sum, { data }) => sum + Number(data.missedCount), 0)).toBe(dropped)
  for (const connection of ['slack-a', 'slack-b'] as const)
    await expect
      .poll(async () => (await sayings(stage, connection)).toSorted(), { timeout: 20_000 })
      .toEqual(['first', ...texts, 'last'].toSorted())
})

/** What a process that dies now leaves: how many events, and up to where its shards have all. */
function onDisk(folder: string) {
  const journals = readdirSync(folder).map((name) => readJournal(readFileSync(join(folder, name))))
  const marks = new Map(journals.flatMap((each) => [...each.marks]))
  const sequenceOf = (unit: string) => {
    const checkpoint = marks.get(unit)?.checkpoint
    return checkpoint?.kind === 'discord' ? checkpoint.sequence : undefined
  }
  return {
    eventCount: journals.flatMap(({ unsettled }) => unsettled).length,
    sequences: [sequenceOf('discord-a/0'), sequenceOf('discord-b/0')],
  }
}

/** How far the shards of a gateway have come. */
async function received(gateway: GatewayProcess): Promise<readonly unknown[]> {
  const { text } = await gateway.get('/v1/connections')
  const units: { unit: string; sequence?: { received: number } }[] = JSON.parse(text).connections
  const of = (name: string) => units.find(({ unit }) => unit === name)?.sequence?.received
  return [of('discord-a/0'), of('discord-b/0')]
}

/** The value of a metric without labels. */
async function valueOfMetric(gateway: GatewayProcess, metric: string): Promise<number> {
  const { text } = await gateway.get('/metrics')
  return Number(new RegExp(`^${metric} (\\S+)$`, 'm').exec(text)?.[1])
}
