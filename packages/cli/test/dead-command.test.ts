import { randomUUID } from 'node:crypto'
import {
  createRedisSink,
  createRedisSource,
  createRegistry,
  type Outcome,
  type Registry,
  type Sink,
} from '@holdfast/queue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from '../src/command-line.ts'
import { dead } from '../src/commands/dead.ts'

const redis = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }

let prefix: string
let sink: Sink
let registry: Registry
beforeEach(async () => {
  prefix = `{dead-${randomUUID()}}`
  sink = createRedisSink({ redis, prefix, bounds: () => undefined })
  registry = createRegistry({ redis, prefix })
  await sink.start()
})
afterEach(async () => {
  await Promise.all([sink.stop(), registry.stop()])
})

async function run(args: readonly string[], answer?: string) {
  const out: string[] = []
  const err: string[] = []
  const questions: string[] = []
  const ask = async (question: string) => {
    questions.push(question)
    return answer ?? ''
  }
  const terminal = {
    env: { REDIS_URL: redis.url, HOLDFAST_PREFIX: prefix },
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    ...(answer === undefined ? {} : { ask }),
  }
  const code = await runCommandLine({ commands: [dead], version: '0' }, ['dead', ...args], terminal)
  return { code, out, err, questions }
}

/** Events of `commands` that become dead letters, each for its reason. */
async function bury(...letters: readonly (readonly [id: string, type: string, reason: string])[]) {
  await registry.declare({ workerId: 'w', subscription: 'commands', patterns: ['slack.*'], order: 'none' })
  const reasons = new Map(letters.map(([id, , reason]) => [id, reason]))
  let left = letters.length
  let over = () => {}
  const all = new Promise<void>((resolve) => {
    over = resolve
  })
  const source = createRedisSource({
    redis,
    prefix,
    subscription: 'commands',
    concurrency: 1,
    run: async (job): Promise<Outcome> => {
      await job.recordStep('step:report', '1')
      left -= 1
      if (left === 0) over()
      return { kind: 'dead', reason: reasons.get(job.id) ?? '', stack: 'Error: at handler.ts:1' }
    },
  })
  for (const [id, type] of letters) {
    const text = JSON.stringify({ id, type, data: { text: `hello from ${id}` } })
    const event = { id, type, text, delivery: 'live', dedupeWindowMs: 60_000, interactive: false } as const
    await sink.enqueue({ event, subscriptions: ['commands'] })
  }
  await source.start()
  await all
  await source.stop()
}

test('lists, shows, retries and drops', async () => {
  await bury(
    ['e.1', 'slack.message', 'no-handler: no live worker has one for slack.message'],
    ['e.2', 'slack.reaction_added', 'TypeError: x\nis undefined'],
    ['e.3', 'slack.message', 'no-handler: no live worker has one for slack.message'],
  )
  const { code, out } = await run(['ls'])
  expect([code, out[0]]).toEqual([0, '3 dead letters:'])
  expect(out[1]).toMatch(/^QUEUE +ID +TYPE +DIED +TRIES +REASON$/)
  expect(out).toContainEqual(
    expect.stringMatching(/^commands +e\.2 +slack\.reaction_added +\d+ s ago +1 +TypeError: x is undefined$/),
  )
  expect((await run(['ls', 'commands', '--reason', 'no-handler', '--limit', '1'])).out).toEqual([
    '1 of 3 dead letters:',
    expect.anything(),
    expect.stringContaining('e.1'),
  ])
  expect((await run(['ls', '--older-than', '1h'])).out).toEqual(['0 of 3 dead letters:'])

  const shown = (await run(['show', 'commands', 'e.2'])).out.join('\n')
  expect(shown).toContain('steps     step:report')
  expect(shown).toContain('at handler.ts:1')
  expect(shown).toContain('hello from e.2')
  const json = JSON.parse((await run(['show', 'commands', 'e.2', '--json'])).out.join(''))
  expect(json).toMatchObject({ id: 'e.2', attemptCount: 1, steps: ['step:report'], died: expect.any(String) })

  expect(await run(['retry', 'commands', '--reason', 'no-handler', '--json'])).toMatchObject({
    code: 0,
    out: ['{"retried":2}'],
  })
  expect(await run(['drop', 'commands', 'e.2'])).toMatchObject({ code: 0, out: ['1 dead letter dropped'] })
  expect((await run(['ls'])).out).toEqual(['No dead letters.'])
  expect(await run(['ls', 'comands'])).toMatchObject({
    code: 0,
    err: ['holdfast: dead: there is no subscription comands; did you mean "commands"?'],
  })
})

test('asks before it drops what was not named, and drops nothing without a yes', async () => {
  await bury(['e.1', 'slack.message', 'no'], ['e.2', 'slack.message', 'no'])
  expect(await run(['drop', 'commands', '--all'])).toMatchObject({
    code: 2,
    err: ['holdfast: dead: that would drop 2 dead letters of commands for good: add --yes if it shall'],
  })
  expect(await run(['drop', 'commands', '--limit', '1'], '')).toMatchObject({
    code: 1,
    err: ['holdfast: dead: nothing was dropped'],
    questions: ['This will drop 1 dead letter of commands for good. Go on? [y/N] '],
  })
  expect(await run(['drop', 'commands', '--limit', '1'], 'y')).toMatchObject({
    code: 0,
    out: ['1 dead letter dropped'],
  })
  expect(await run(['drop', 'commands', '--all', '--yes'], 'n')).toMatchObject({
    out: ['1 dead letter dropped'],
    questions: [],
  })
})

test.each([
  [[], 'say what to do: ls, show, retry, drop'],
  [['lst'], 'it can\'t "lst"; did you mean "ls"?'],
  [['retry'], 'name the subscription'],
  [['retry', 'commands'], 'say which: ids, --type'],
  [['drop', 'commands', 'e.1', '--all'], 'not both'],
  [['show', 'commands'], 'show takes a subscription and one id'],
  [['ls', 'commands', 'e.1'], 'ls takes no ids'],
  [['ls', '--older-than', 'long'], '--older-than is "long"'],
  [['ls', '--limit', '0'], '--limit is "0"'],
  [['ls', 'commands', '--type', 'slak.message'], 'did you mean "slack.message"'],
])('%j is refused with 2 and one line', async (args, line) => {
  const { code, out, err } = await run(args)
  expect([code, out, err.length]).toEqual([2, [], 1])
  expect(err[0]).toContain(line)
})

test('says with 1 that there is none of that id', async () => {
  for (const verb of ['show', 'retry', 'drop'])
    expect(await run([verb, 'commands', 'e.9'])).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/^holdfast: dead: commands has no .*holdfast dead ls commands/)],
    })
})

test('ends with 2 and one line where Redis does not answer', async () => {
  const err: string[] = []
  const terminal = {
    env: { REDIS_URL: 'redis://127.0.0.1:1' },
    out: () => {},
    err: (line: string) => void err.push(line),
  }
  expect(await runCommandLine({ commands: [dead], version: '0' }, ['dead', 'ls'], terminal)).toBe(2)
  expect(err).toEqual([expect.stringMatching(/^holdfast: Redis at redis:\/\/127\.0\.0\.1:1 does not answer/)])
})
