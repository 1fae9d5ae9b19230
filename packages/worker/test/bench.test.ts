import { expect, test } from 'vitest'
import { createWorker, discordChannel, type Worker, type WorkerOptions } from '../src/index.ts'
import { createTestBench, type TestBench } from '../src/testing.ts'

const bot = (options: Partial<WorkerOptions> = {}) => createWorker({ subscription: 'commands', ...options })

const said = (text: string, channel = 'C1') =>
  ({ type: 'slack.message', data: { channel, user: 'U1', text } }) as const

/** A promise that a test ends. */
function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('runs the events of a conversation one after the other, and those of others beside them', async () => {
  const worker = bot()
  const log: string[] = []
  const { open, opened } = gate()
  worker.on('slack.message', async ({ data }) => {
    log.push(`begin ${data.text}`)
    if (data.text === 'first') await opened
    log.push(`end ${data.text}`)
  })
  const bench = createTestBench(worker)
  const sending = bench.sendAll([said('first'), said('second'), said('aside', 'C2')])
  while (log.length < 3) await new Promise(setImmediate)
  expect(log).toEqual(['begin first', 'begin aside', 'end aside'])
  open()
  const [first] = await sending
  expect(log.slice(3)).toEqual(['end first', 'begin second', 'end second'])
  expect(first?.outcome).toEqual({ kind: 'completed' })
})

test('tries again when its time has come, and keeps what failed too often as a dead letter', async () => {
  const worker = bot({ attempts: 3, backoff: { baseMs: 60_000, maxMs: 600_000 } })
  const attempts: number[] = []
  worker.on('slack.message', (_, ctx) => {
    attempts.push(ctx.attempt)
    throw new Error('boom')
  })
  const bench = createTestBench(worker)
  const sent = await bench.send(said('try'))
  expect(sent.outcome).toMatchObject({ kind: 'retry' })
  await bench.advance('1s')
  expect(attempts).toEqual([1])
  await bench.advance('10m')
  expect(attempts).toEqual([1, 2, 3])
  expect(bench.deadLetters).toMatchObject([{ reason: 'Error: boom', event: { data: { text: 'try' } } }])
})

function charging(): { worker: Worker; ran: string[] } {
  const worker = bot()
  const ran: string[] = []
  worker.on('slack.message', async (_, ctx) => {
    await ctx.step('look up', () => void ran.push('look up'))
    const id = await ctx.step('charge', () => {
      ran.push('charge')
      return 'ch_1'
    })
    await ctx.reply(`charged ${id}`)
  })
  return { worker, ran }
}

test.each([
  ['before-record', ['look up', 'charge', 'charge']],
  ['after-record', ['look up', 'charge']],
] as const)(
  'a worker that dies at a step (%s) runs the job again, with what was recorded skipped',
  async (moment, expected) => {
    const { worker, ran } = charging()
    const bench = createTestBench(worker)
    bench.crashAt('charge', moment)
    const sent = await bench.send(said('buy'))
    expect(ran).toEqual(expected)
    expect(bench.replies.map(({ text }) => text)).toEqual(['charged ch_1'])
    expect(sent.outcome).toEqual({ kind: 'completed' })
  },
)

test('a reply that was posted before the crash is recognised, and there is one', async () => {
  const { worker } = charging()
  const bench = createTestBench(worker)
  const [crash, never] = [bench.crashAt('reply#1'), bench.crashAt('reply#2')]
  await bench.send(said('buy'))
  expect([crash.happened, never.happened]).toEqual([true, false])
  expect(bench.replies).toHaveLength(1)
})

test('all that a worker runs dies with it, and writes nothing more', async () => {
  const worker = bot()
  const runs: string[] = []
  const { open, opened } = gate()
  worker.on('slack.message', async ({ data }, ctx) => {
    runs.push(data.text ?? '')
    if (runs.length === 1) {
      await opened
      await ctx.step('late', () => void runs.push('from the grave'))
    }
    await ctx.reply(`${data.text}`)
  })
  const bench = createTestBench(worker)
  const sending = bench.send(said('one'))
  while (runs.length === 0) await new Promise(setImmediate)
  await bench.crash()
  open()
  await sending
  await bench.settled()
  expect(runs).toEqual(['one', 'one'])
  expect(bench.replies.map(({ text }) => text)).toEqual(['one'])
})

test('a platform that limits or is away delays a job and spends no attempt; what it refuses is a dead letter', async () => {
  const worker = bot({ attempts: 1 })
  worker.on('slack.message', ({ data }, ctx) => ctx.reply(`${data.text}`))
  const bench = createTestBench(worker)
  bench.failReplies({ with: 429, retryAfterMs: 30_000 })
  bench.failReplies({ with: 503, times: 2 })
  bench.failReplies({ with: 'answer-lost' })
  await bench.send(said('patience'))
  await bench.advance('29s')
  expect(bench.replies).toEqual([])
  await bench.advance('1h')
  expect(bench.replies.map(({ text }) => text)).toEqual(['patience'])
  expect(bench.deadLetters).toEqual([])
  bench.failReplies({ with: 403 })
  await bench.send(said('refused'))
  expect(bench.deadLetters).toMatchObject([{ reason: expect.stringContaining('HTTP 403') }])
})

test('replies name the channel that they go to', async () => {
  const worker = bot()
  worker.on('discord.*', (_, ctx) => ctx.reply('here'))
  worker.on('slack.*', async (_, ctx) => {
    await ctx.reply('here')
    await ctx.reply('there', { to: discordChannel('88') })
  })
  const bench = createTestBench(worker)
  await bench.send(said('a', 'C7'))
  await bench.send({ type: 'discord.MESSAGE_CREATE', data: { channel_id: '77', content: 'b' } })
  expect(bench.replies.map(({ platform, channel }) => [platform, channel])).toEqual([
    ['slack', 'C7'],
    ['discord', '88'],
    ['discord', '77'],
  ])
})

test('a roll gives what runs to the new version, which skips what the old one has recorded', async () => {
  const [before, after] = [bot(), bot()]
  const { opened } = gate()
  const ran: string[] = []
  const { open: begin, opened: begun } = gate()
  before.on('slack.message', async (_, ctx) => {
    await ctx.step('load', () => void ran.push('v1 load'))
    begin()
    await opened
  })
  after.on('slack.message', async (_, ctx) => {
    await ctx.step('load', () => void ran.push('v2 load'))
    await ctx.reply('v2')
  })
  const bench = createTestBench(before)
  const sending = bench.send(said('roll'))
  await begun
  await bench.replaceWith(after)
  expect((await sending).outcome).toEqual({ kind: 'completed' })
  expect(ran).toEqual(['v1 load'])
  expect(bench.replies.map(({ text }) => text)).toEqual(['v2'])
})

test('an event goes to the version that has a handler for it', async () => {
  const [before, after] = [bot(), bot()]
  before.on('slack.message', (_, ctx) => ctx.reply('v1'))
  after.on('slack.app_mention', (_, ctx) => ctx.reply('v2'))
  const bench = createTestBench(before)
  await bench.add(after)
  await bench.sendAll([
    said('a'),
    { type: 'slack.app_mention', data: { channel: 'C1', text: 'b' } },
    said('c', 'C2'),
  ])
  await bench.advance('1m')
  expect(bench.replies.map(({ text }) => text).toSorted()).toEqual(['v1', 'v1', 'v2'])
})

test('the same fact is queued once', async () => {
  const worker = bot()
  worker.on('slack.message', (_, ctx) => ctx.reply('once'))
  const bench = createTestBench(worker)
  await bench.send({ ...said('a'), id: 'mine' })
  await bench.send({ ...said('a'), id: 'mine' })
  expect(bench.replies.map(({ eventId }) => eventId)).toEqual(['mine'])
})

test('a handler that does not end is named', async () => {
  const worker = bot()
  const { open, opened } = gate()
  worker.on('slack.message', () => opened)
  const bench = createTestBench(worker, { patienceMs: 20 })
  await expect(bench.send(said('a'))).rejects.toThrow('running: slack.message (test.1)')
  open()
  await bench.settled()
})

test('what is wrong with a worker or a time is told', async () => {
  await expect(createTestBench(bot()).send(said('a'))).rejects.toThrow('the worker has no handler')
  const worker = bot()
  worker.on('slack.message', () => {})
  const bench = createTestBench(worker)
  await expect(bench.add(bot({ subscription: 'others' }))).rejects.toThrow('this one is of others')
  await expect(bench.advance('soon' as never)).rejects.toThrow('"soon" is no time to come')
  await expect(bench.advance(-1)).rejects.toThrow('-1 is no time to come')
})

function reminding(): { worker: Worker; begun: string[] } {
  const worker = bot()
  const begun: string[] = []
  worker.on('slack.message', async ({ data }, ctx) => {
    begun.push(data.text ?? '')
    if (data.text !== 'remind') return
    await ctx.reply('in an hour')
    await ctx.sleep('an hour', 3_600_000)
    await ctx.reply('now')
  })
  return { worker, begun }
}

test('a sleep ends when the time is moved to its end, over restarts, and lets others of its conversation run', async () => {
  const { worker, begun } = reminding()
  const bench = createTestBench(worker)
  await bench.send(said('remind'))
  expect(bench.suspended).toMatchObject([
    { event: { data: { text: 'remind' } }, wakeAt: new Date(bench.now.getTime() + 3_600_000) },
  ])
  await bench.send(said('other'))
  await bench.restart()
  await bench.advance('59m')
  expect(begun).toEqual(['remind', 'other'])
  await bench.advance('1m')
  expect(bench.replies.map(({ text }) => text)).toEqual(['in an hour', 'now'])
  expect(begun).toEqual(['remind', 'other', 'remind'])
  expect(bench.suspended).toEqual([])
})

test('a worker that dies as it falls asleep sleeps on until the same instant', async () => {
  const { worker } = reminding()
  const bench = createTestBench(worker)
  const crash = bench.crashAt('an hour', 'after-record')
  await bench.send(said('remind'))
  expect(crash.happened).toBe(true)
  await bench.advance('59m')
  expect(bench.replies.map(({ text }) => text)).toEqual(['in an hour'])
  await bench.advance('1m')
  expect(bench.replies.map(({ text }) => text)).toEqual(['in an hour', 'now'])
})

test('a roll in the middle of a sleep goes on in the new version', async () => {
  const { worker } = reminding()
  const after = bot()
  after.on('slack.message', async (_, ctx) => {
    await ctx.reply('in an hour')
    await ctx.sleep('an hour', 3_600_000)
    await ctx.reply('v2 says now')
  })
  const bench = createTestBench(worker)
  await bench.send(said('remind'))
  await bench.replaceWith(after)
  await bench.advance('1h')
  expect(bench.replies.map(({ text }) => text)).toEqual(['in an hour', 'v2 says now'])
})

test('the clock stands still until it is moved', async () => {
  const worker = bot()
  worker.on('slack.message', () => {})
  const bench = createTestBench(worker, { startsAt: new Date('2026-11-01T08:00:00Z') })
  await bench.send(said('a'))
  expect(bench.now).toEqual(new Date('2026-11-01T08:00:00Z'))
  for (const step of ['250ms', '2s', '5m', '1.5h', '1d'] as const) await bench.advance(step)
  expect(bench.now).toEqual(new Date('2026-11-02T09:35:02.250Z'))
})

function asking(): Worker {
  const worker = bot()
  worker.on('slack.message', async ({ data, actor = '' }, ctx) => {
    if (data.text !== 'ask') return void (await ctx.reply(`heard ${data.text}`))
    await ctx.reply('sure?')
    const answer = await ctx.waitFor('answer', 'slack.message', { where: { actor }, timeoutMs: 600_000 })
    await ctx.reply(answer ? `you said ${answer.data.text}` : 'too late')
  })
  worker.on('slack.interactive.block_actions', (_, ctx) => ctx.reply('pressed'))
  return worker
}

const texts = ({ replies }: TestBench) => replies.map(({ text }) => text)

test('a wait ends with the event that it is for, which goes to no other handler; others go theirs', async () => {
  const bench = createTestBench(asking())
  await bench.send(said('ask'))
  expect(bench.suspended).toMatchObject([{ waits: ['answer'] }])
  await bench.send({ type: 'slack.message', data: { channel: 'C1', user: 'U2', text: 'hi' } })
  await bench.send(said('elsewhere', 'C2'))
  const answer = await bench.send(said('yes'))
  expect(texts(bench)).toEqual(['sure?', 'heard hi', 'heard elsewhere', 'you said yes'])
  expect(answer.outcome).toEqual({ kind: 'given' })
  await bench.advance('1h')
  expect(texts(bench)).toHaveLength(4)
})

test('a wait for which nothing comes ends at its time, over a restart', async () => {
  const bench = createTestBench(asking())
  await bench.send(said('ask'))
  await bench.restart()
  await bench.advance('9m')
  expect(texts(bench)).toEqual(['sure?'])
  await bench.advance('1m')
  expect(texts(bench)).toEqual(['sure?', 'too late'])
})

test('a worker that dies as it is given its answer has it when it comes again', async () => {
  const bench = createTestBench(asking())
  const crash = bench.crashAt('reply#2')
  await bench.send(said('ask'))
  await bench.send(said('yes'))
  expect(crash.happened).toBe(true)
  expect(texts(bench)).toEqual(['sure?', 'you said yes'])
})

test('a press ends a wait of its conversation, and can be answered', async () => {
  const worker = bot()
  worker.on('slack.message', async (_, ctx) => {
    await ctx.reply('sure?')
    const where = { data: { actions: [{ action_id: 'yes' }] } }
    const press = await ctx.waitFor('press', 'slack.interactive.block_actions', { where })
    if (press) await ctx.reply(`${press.data.user.id} pressed`, { to: press })
  })
  worker.on('slack.interactive.block_actions', (_, ctx) => ctx.reply('nobody waited for it'))
  const bench = createTestBench(worker)
  const press = (id: string) =>
    ({
      type: 'slack.interactive.block_actions',
      data: { channel: { id: 'C1' }, user: { id: 'U2' }, actions: [{ action_id: id }] },
    }) as const
  await bench.send(said('deploy'))
  await bench.send(press('no'))
  const pressed = await bench.send(press('yes'))
  expect(texts(bench)).toEqual(['sure?', 'nobody waited for it', 'U2 pressed'])
  expect(bench.replies[2]).toMatchObject({ eventId: pressed.id, channel: 'C1' })
})
