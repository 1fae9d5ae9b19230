import { randomUUID } from 'node:crypto'
import { createRedisSink, createRedisSource, createRegistry, type Registry, type Sink } from '@holdfast/queue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from '../src/command-line.ts'
import { subscriptions } from '../src/commands/subscriptions.ts'

const redis = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }
const wish = {
  workerId: 'w',
  subscription: 'commands',
  patterns: ['slack.*'],
  order: 'conversation',
} as const

let prefix: string
let sink: Sink
let registry: Registry
let closing: (() => Promise<unknown>)[]
beforeEach(async () => {
  prefix = `{subscriptions-${randomUUID()}}`
  sink = createRedisSink({ redis, prefix, bounds: () => undefined })
  registry = createRegistry({ redis, prefix })
  closing = [() => sink.stop(), () => registry.stop()]
  await sink.start()
})
afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

async function run(args: readonly string[], answer?: string) {
  const out: string[] = []
  const err: string[] = []
  const ask = async () => answer ?? ''
  const terminal = {
    env: { REDIS_URL: redis.url, HOLDFAST_PREFIX: prefix },
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    ...(answer === undefined ? {} : { ask }),
  }
  const words = ['subscriptions', ...args]
  const code = await runCommandLine({ commands: [subscriptions], version: '0' }, words, terminal)
  return { code, out, err }
}

async function put(...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const event = { id, type: 'slack.message', delivery: 'live', dedupeWindowMs: 60_000 } as const
    await sink.enqueue({
      event: { ...event, interactive: false, text: JSON.stringify({ id }) },
      subscriptions: ['commands'],
    })
  }
}

async function work(): Promise<void> {
  const source = createRedisSource({
    redis,
    prefix,
    subscription: 'commands',
    concurrency: 1,
    run: async () => ({ kind: 'completed' }),
  })
  await source.start()
  closing.push(() => source.stop())
}

test('ls shows each subscription with its state and what is in it', async () => {
  expect(await run(['ls'])).toMatchObject({ code: 0, out: [expect.stringContaining('No subscriptions')] })
  await registry.declareFixed([{ name: 'audit', patterns: ['discord.*'] }])
  await registry.declare({ ...wish, devExpiryMs: 60_000 })
  await put('e.1', 'e.2')
  expect((await run(['pause', 'commands'])).code).toBe(0)
  const { code, out } = await run(['ls'])
  expect(code).toBe(0)
  expect(out.join('\n')).toMatch(/^2 subscriptions\.\n\nSUBSCRIPTION +STATE/)
  expect(out.at(-2)).toMatch(/^audit +fixed by the file +0 +0 .*discord\.\*$/)
  expect(out.at(-1)).toMatch(/^commands +paused, development +0 +2 +0 .*slack\.\*$/)
  const lines = (await run(['ls', '--json'])).out.map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { name: 'audit', fixed: true, paused: false },
    { name: 'commands', paused: true, depth: { waiting: 2 }, blockers: [] },
  ])
  expect((await run(['resume', 'commands'])).out).toEqual(['commands goes on'])
  expect((await run(['ls'])).out.at(-1)).toMatch(/^commands +development /)
})

test('rm removes a subscription for good once that is meant', async () => {
  await registry.declare(wish)
  await registry.withdraw('w')
  await put('e.1')
  expect(await run(['rm', 'commands'])).toMatchObject({ code: 2, err: [expect.stringContaining('--yes')] })
  expect((await run(['rm', 'commands'], 'n')).code).toBe(1)
  expect((await registry.wishes()).subscriptions).toHaveLength(1)
  const { code, out } = await run(['rm', 'commands', '--json'], 'y')
  expect(code).toBe(0)
  expect(out).toEqual(['{"subscription":"commands","state":"removed","events":1}'])
  expect((await registry.wishes()).subscriptions).toEqual([])
  expect(await run(['rm', 'commands', '--yes'])).toMatchObject({
    code: 1,
    err: [
      'holdfast: subscriptions: commands: there is no such subscription; holdfast subscriptions ls shows them',
    ],
  })
})

test('rm refuses under live workers, unless it is forced to, and what the file fixes', async () => {
  await registry.declareFixed([{ name: 'audit', patterns: ['discord.*'] }])
  expect((await run(['rm', 'audit', '--force'])).err[0]).toContain('the configuration file has it')
  await work()
  await registry.declare(wish)
  const refused = await run(['rm', 'commands', '--json'])
  expect(refused).toMatchObject({
    code: 1,
    err: [expect.stringContaining('stop them first, or use --force')],
  })
  expect(refused.out).toEqual(['{"subscription":"commands","state":"refused","why":"workers"}'])
  expect((await run(['rm', 'commands', '--force'])).code).toBe(0)
})

test.each([
  [[], 'say what to do: ls, rm, pause, resume'],
  [['pasue', 'commands'], 'did you mean "pause"?'],
  [['rm'], 'rm takes one name'],
  [['ls', 'commands'], 'ls takes no name'],
])('%j is told what to type instead', async (args, told) => {
  expect(await run(args)).toMatchObject({ code: 2, err: [expect.stringContaining(told)] })
})

test.each(['pause', 'resume'])('%s of a subscription that is not there ends with 1', async (verb) => {
  expect((await run([verb, 'none'])).code).toBe(1)
})
