import { afterEach, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { type FakeInteraction, type Interference, startFakeInteraction } from './fake-interaction.ts'
import type { Call } from './fake-platform.ts'
import { replyBench } from './reply-bench.ts'
import { discordInteraction, INTERACTION_ID } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'

let discord: FakeInteraction
let bench: ReturnType<typeof replyBench>

afterEach(async () => {
  bench.close()
  await discord.close()
})

type Handle = (ctx: Context) => unknown

const greet: Handle = (ctx) => ctx.reply('ahoy')
const whisper: Handle = (ctx) => ctx.reply({ content: 'psst', flags: 64 })
const greetTwice: Handle = async (ctx) => {
  await ctx.reply('one')
  await ctx.reply('two')
}

async function start(handle: Handle = greet, interfere?: (call: Call) => Interference) {
  discord = await startFakeInteraction(interfere)
  bench = replyBench(discord.url, handle)
  return discord.world
}

const job = (data: object = {}) => new HeldJob({ event: discordInteraction(data) })
const methods = () => discord.calls.map(({ method, path }) => `${method} ${path.split('?')[0]}`)

const CALLBACK = `POST v10/interactions/${INTERACTION_ID}/interaction-token/callback`
const ORIGINAL = 'GET v10/webhooks/9/interaction-token/messages/@original'
const FILL = 'PATCH v10/webhooks/9/interaction-token/messages/@original'
const FOLLOW_UP = 'POST v10/webhooks/9/interaction-token'
const IN_CHANNEL = 'POST v10/channels/77/messages'
const LOOK = 'GET v10/channels/77/messages'

/** Loses the answer of the first call to `which`; the call has its effect or not. */
function loseFirst(which: string, how: 'hang up' | 'do it, then hang up') {
  let lost = false
  return ({ method, path }: Call): Interference => {
    if (lost || `${method} ${path.split('?')[0]}` !== which) return undefined
    lost = true
    return how
  }
}

/** The job as its next worker finds it when the last one died before the record of `key`. */
function diedBeforeRecord(taken: HeldJob, key: string): HeldJob {
  const steps = new Map([...taken.recorded].filter(([recorded]) => recorded !== key))
  return new HeldJob({ data: taken.data, steps })
}

test('answers with the message as given, without the token of the bot, and records where', async () => {
  await start((ctx) => ctx.reply({ content: 'ahoy', flags: 64, embeds: [{ title: 'tides' }], quote: true }))
  const taken = job()
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK])
  expect(discord.calls[0]?.body).toEqual({
    type: 4,
    data: { content: 'ahoy', flags: 64, embeds: [{ title: 'tides' }] },
  })
  expect(discord.calls[0]?.authorization).toBeUndefined()
  expect(taken.recorded.get('reply#1')).toBe('{"result":{"channel_id":"77","id":"1456000000000000101"}}')
})

test('reads the answer back where Discord does not say as what it went out', async () => {
  const world = await start(greet, ({ path }) => {
    if (!path.includes('/callback')) return undefined
    discord.answerElsewhere()
    return { json: {} }
  })
  const taken = job()
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, ORIGINAL])
  expect(taken.recorded.get('reply#1')).toContain(world.original?.id)
})

test('a recorded answer is not given again', async () => {
  await start()
  const taken = job()
  await bench.run(taken)
  expect(await bench.run(taken.again())).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK])
})

test('an interaction that came back after a change of Redis finds its answer and its follow-up', async () => {
  const world = await start(greetTwice)
  const taken = job()
  await bench.run(taken)
  const posted = methods().length
  const readded = taken.readded(bench.clock.wallAt())
  expect(await bench.run(readded)).toEqual({ kind: 'completed' })
  expect(methods().slice(posted)).toEqual([ORIGINAL, LOOK])
  expect(readded.recorded.get('reply#1')).toContain(world.original?.id)
  expect(readded.recorded.get('reply#2')).toBe(taken.recorded.get('reply#2'))
})

test('a worker that died before the post leaves a job that answers', async () => {
  const world = await start()
  const begun = new Map([['begun/answer', '{"at":0,"by":"reply#1"}']])
  expect(await bench.run(new HeldJob({ event: discordInteraction(), steps: begun }))).toEqual({
    kind: 'completed',
  })
  expect(methods()).toEqual([ORIGINAL, CALLBACK])
  expect(world.original).toMatchObject({ content: 'ahoy' })
})

test('a post whose answer never came is found by the next run, and nothing is posted again', async () => {
  const world = await start(greet, loseFirst(CALLBACK, 'do it, then hang up'))
  const taken = job()
  expect(await bench.run(taken)).toMatchObject({ kind: 'retry' })
  const again = taken.again(2)
  expect(await bench.run(again)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, ORIGINAL])
  expect(again.recorded.get('reply#1')).toContain(world.original?.id)
})

test('a worker that died between post and record leaves a job that finds its answer, however late', async () => {
  const world = await start()
  const taken = job()
  await bench.run(taken)
  world.late = true
  expect(await bench.run(diedBeforeRecord(taken, 'reply#1'))).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, ORIGINAL])
})

test('a post of a dead worker that arrives between look-up and post is taken for what it is', async () => {
  const world = await start(greet, ({ path }) => {
    if (path.includes('/callback')) discord.answerElsewhere()
    return undefined
  })
  const begun = new Map([['begun/answer', '{"at":0,"by":"reply#1"}']])
  const taken = new HeldJob({ event: discordInteraction(), steps: begun })
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([ORIGINAL, CALLBACK, ORIGINAL])
  expect(taken.recorded.get('reply#1')).toContain(world.original?.id)
  expect(world.followUps).toEqual([])
})

test('too late, the bot posts in the channel, once over all runs', async () => {
  const world = await start()
  world.late = true
  const taken = job()
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, ORIGINAL, IN_CHANNEL])
  expect(discord.calls[2]).toMatchObject({ authorization: 'Bot discord-test', body: { enforce_nonce: true } })
  expect(await bench.run(diedBeforeRecord(taken, 'reply#1'))).toEqual({ kind: 'completed' })
  expect(world.channelPosts).toMatchObject([{ content: 'ahoy' }])
})

test('too late, what only one person may see is not posted at all', async () => {
  const world = await start(whisper)
  world.late = true
  expect(await bench.run(job())).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining('what only one person may see is not posted in the channel'),
  })
  expect(world.channelPosts).toEqual([])
})

test.each([
  ["another's direct messages", { context: 2, authorizing_integration_owners: { 1: '5' } }],
  ['a guild the bot is no member of', { authorizing_integration_owners: { 1: '5' } }],
  ['nowhere', { channel_id: undefined }],
])('too late in %s, it says that there is no channel', async (_, data) => {
  const world = await start()
  world.late = true
  expect(await bench.run(job(data))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining('the bot has no channel here'),
  })
  expect(methods()).not.toContain(IN_CHANNEL)
})

test('further replies follow up on the answer, in the order of the calls, awaited or not', async () => {
  const world = await start((ctx) => Promise.all([ctx.reply('one'), ctx.reply('two'), ctx.reply('three')]))
  expect(await bench.run(job())).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, FOLLOW_UP, FOLLOW_UP])
  expect(world.followUps.map(({ content }) => content)).toEqual(['two', 'three'])
  expect(discord.calls.every(({ authorization }) => authorization === undefined)).toBe(true)
})

test('which reply is the answer is remembered: a later run follows up with the other', async () => {
  const world = await start(greetTwice, loseFirst(FOLLOW_UP, 'hang up'))
  const taken = job()
  expect(await bench.run(taken)).toMatchObject({ kind: 'retry' })
  expect(await bench.run(taken.again(2))).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, FOLLOW_UP, LOOK, FOLLOW_UP])
  expect(world.followUps).toHaveLength(1)
})

test('a follow-up whose answer never came is found in the channel, not posted again', async () => {
  const world = await start(greetTwice, loseFirst(FOLLOW_UP, 'do it, then hang up'))
  const taken = job()
  expect(await bench.run(taken)).toMatchObject({ kind: 'retry' })
  const again = taken.again(2)
  expect(await bench.run(again)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, FOLLOW_UP, LOOK])
  expect(again.recorded.get('reply#2')).toContain(world.followUps[0]?.id)
})

test('the look-up for a follow-up passes over strangers and the other replies of the job', async () => {
  const world = await start(async (ctx) => {
    await ctx.reply('one')
    await ctx.reply('two')
    await ctx.reply('three')
  })
  const stranger = { id: '1456000000000000003', channel_id: '77', application_id: '8', content: 'two' }
  const ofAnother = { id: '1', original_response_message_id: '2' }
  world.strangers.push(stranger, { ...stranger, application_id: '9', interaction_metadata: ofAnother })
  const taken = job()
  await bench.run(taken)
  const again = diedBeforeRecord(taken, 'reply#3')
  expect(await bench.run(again)).toEqual({ kind: 'completed' })
  expect(world.followUps).toHaveLength(2)
  expect(again.recorded.get('reply#3')).toContain(world.followUps[1]?.id)
})

test('the look-up for a follow-up waits until a post of a dead worker has had time to arrive', async () => {
  await start(greetTwice)
  const taken = job()
  await bench.run(taken)
  const before = bench.clock.monotonicMs()
  await bench.run(diedBeforeRecord(taken, 'reply#2'))
  expect(bench.clock.monotonicMs() - before).toBe(2_000)
})

test('a follow-up that only one person sees is never repeated: the job says that it can not tell', async () => {
  const world = await start(
    async (ctx) => {
      await ctx.reply('one')
      await whisper(ctx)
    },
    loseFirst(FOLLOW_UP, 'do it, then hang up'),
  )
  const taken = job()
  await bench.run(taken)
  expect(await bench.run(taken.again(2))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining("can't tell whether this follow-up was posted"),
  })
  expect(world.followUps).toHaveLength(1)
})

test('says which right is missing where the channel may not be read', async () => {
  await start(greetTwice, (call) =>
    call.method === 'GET' && call.path.startsWith('v10/channels/')
      ? { status: 403, json: { code: 50_001, message: 'Missing Access' } }
      : loseFollowUp(call),
  )
  const loseFollowUp = loseFirst(FOLLOW_UP, 'do it, then hang up')
  const taken = job()
  await bench.run(taken)
  expect(await bench.run(taken.again(2))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining('50001 Missing Access (HTTP 403); it needs to read the channel'),
  })
})

test('after the 15 minutes of its token, a follow-up is posted in the channel, once over all runs', async () => {
  const world = await start(async (ctx) => {
    await ctx.reply('one')
    world.tokenOver = true
    await ctx.reply('two')
  })
  const taken = job()
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, FOLLOW_UP, IN_CHANNEL])
  expect(await bench.run(diedBeforeRecord(taken, 'reply#2'))).toEqual({ kind: 'completed' })
  expect(world.channelPosts).toMatchObject([{ content: 'two' }])
  expect(methods()).not.toContain(LOOK)
})

test('an answer whose fate can not be seen any more is not repeated', async () => {
  const world = await start()
  const taken = job()
  await bench.run(taken)
  world.late = true
  world.answered = false // Discord has forgotten: the callback is refused as unknown
  world.tokenOver = true
  expect(await bench.run(diedBeforeRecord(taken, 'reply#1'))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining("can't tell"),
  })
  expect(world.channelPosts).toEqual([])
})

test('fills what the handler has deferred, once', async () => {
  const world = await start()
  discord.defer()
  const taken = job()
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, ORIGINAL, FILL])
  expect(await bench.run(diedBeforeRecord(taken, 'reply#1'))).toEqual({ kind: 'completed' })
  expect(methods().slice(3)).toEqual([ORIGINAL])
  expect(world).toMatchObject({ original: { content: 'ahoy', flags: 0 }, followUps: [] })
})

test('does not fill for all to see what was meant for one', async () => {
  const world = await start(whisper)
  discord.defer()
  expect(await bench.run(job())).toMatchObject({ kind: 'dead', reason: expect.stringContaining('deferred') })
  expect(world.original).toMatchObject({ content: 'from elsewhere' })
})

test('nor by a follow-up, where the answer before it has failed', async () => {
  const handle: Handle = (ctx) => ctx.reply('ahoy').catch(() => whisper(ctx))
  const world = await start(handle, loseFirst(FILL, 'hang up'))
  discord.defer()
  expect(await bench.run(job())).toMatchObject({ kind: 'dead', reason: expect.stringContaining('deferred') })
  expect(world.original).toMatchObject({ content: 'from elsewhere' })
  expect(methods()).not.toContain(FOLLOW_UP)
})

test('fills an ephemeral deferral with an ephemeral answer', async () => {
  const world = await start(whisper)
  discord.defer(64)
  expect(await bench.run(job())).toEqual({ kind: 'completed' })
  expect(world.original).toMatchObject({ content: 'psst', flags: 64 })
})

test('follows up where somebody else has answered', async () => {
  const world = await start()
  discord.answerElsewhere()
  const taken = job()
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(await bench.run(diedBeforeRecord(taken, 'reply#1'))).toEqual({ kind: 'completed' })
  expect(world.followUps).toMatchObject([{ content: 'ahoy' }])
})

test('what somebody else has answered is not taken for ours because it could not be read at once', async () => {
  const world = await start(greet, loseFirst(ORIGINAL, 'hang up'))
  discord.answerElsewhere()
  const taken = job()
  expect(await bench.run(taken)).toMatchObject({ kind: 'retry' })
  expect(await bench.run(taken.again(2))).toEqual({ kind: 'completed' })
  expect(world.followUps).toMatchObject([{ content: 'ahoy' }])
})

test('a press that was answered by a change of its message is followed up, also by a later run', async () => {
  const world = await start()
  discord.answerElsewhere()
  const begun = new Map([['begun/answer', '{"at":0,"by":"reply#1"}']])
  const event = discordInteraction({ type: 3, message: { id: world.original?.id } })
  expect(await bench.run(new HeldJob({ event, steps: begun }))).toEqual({ kind: 'completed' })
  expect(world.followUps).toMatchObject([{ content: 'ahoy' }])
})

test('a refused answer leaves the first place to the next reply', async () => {
  let count = 0
  const handle: Handle = async (ctx) => {
    await ctx.reply('x'.repeat(2_001)).catch(() => ctx.reply('too long'))
  }
  const world = await start(handle, ({ path }) => {
    count += 1
    return path.includes('/callback') && count === 1
      ? { status: 400, json: { code: 50_035, message: 'Invalid Form Body' } }
      : undefined
  })
  expect(await bench.run(job())).toEqual({ kind: 'completed' })
  expect(world.original).toMatchObject({ content: 'too long' })
})

test.each([
  ['the answer', CALLBACK, greet],
  ['a follow-up', FOLLOW_UP, greetTwice],
])(
  'a long limit on %s gives the slot back for as long as Discord asks, and nothing is looked for',
  async (_, which, handle) => {
    let limited = false
    const world = await start(handle, ({ method, path }) => {
      if (limited || `${method} ${path.split('?')[0]}` !== which) return undefined
      limited = true
      const headers = { 'retry-after': '30', 'x-ratelimit-scope': 'user' }
      return { status: 429, headers, json: { retry_after: 30, global: false, message: 'slow' } }
    })
    const taken = job()
    const outcome = await bench.run(taken)
    expect(outcome).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('Discord limits the rate'),
    })
    expect(outcome).toHaveProperty(
      'delayMs',
      expect.toSatisfy((ms: number) => ms >= 30_000 && ms <= 33_000),
    )
    const again = taken.again(2)
    await bench.run(again)
    expect(methods()).not.toContain(ORIGINAL)
    expect(methods()).not.toContain(LOOK)
    expect(world.original).toBeDefined()
  },
)

test('HTTP 500 leaves the next try to the queue, which looks first', async () => {
  let failed = false
  await start(greet, () => {
    if (failed) return undefined
    failed = true
    return { status: 500, json: {} }
  })
  const taken = job()
  expect(await bench.run(taken)).toMatchObject({ kind: 'retry' })
  expect(await bench.run(taken.again(2))).toEqual({ kind: 'completed' })
  expect(methods()).toEqual([CALLBACK, ORIGINAL, CALLBACK])
})

test.each([
  ['without a token', { token: undefined }, 'no id, token or application_id'],
  ['with an id that is none', { id: '../channels' }, 'no id, token or application_id'],
  ['without an application', { application_id: 9 }, 'no id, token or application_id'],
  ['that completes what is typed', { type: 4 }, 'takes choices, not a message'],
])('refuses an interaction %s', async (_, data, reason) => {
  await start()
  expect(await bench.run(job(data))).toMatchObject({ kind: 'dead', reason: expect.stringContaining(reason) })
  expect(discord.calls).toEqual([])
})

test('answers a modal as it does a command', async () => {
  const world = await start()
  expect(await bench.run(job({ type: 5, data: { custom_id: 'form', components: [] } }))).toEqual({
    kind: 'completed',
  })
  expect(world.original).toMatchObject({ content: 'ahoy' })
})
