import { afterEach, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { type Answer, type Call, type FakePlatform, startFakePlatform } from './fake-platform.ts'
import { replyBench } from './reply-bench.ts'
import { slackMessage } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'

let slack: FakePlatform
afterEach(() => slack.close())

type Stored = { ts: string; channel: string; thread_ts?: unknown; metadata: unknown }

/** A Slack of one channel: posts are kept, history gives them newest first. `interfere` may answer instead. */
async function startSlack(
  interfere: (call: Call, count: number) => Answer | 'post, then hang up' | undefined = () => undefined,
) {
  const posted: Stored[] = []
  const counts = new Map<string, number>()
  slack = await startFakePlatform((call) => {
    const count = (counts.get(call.path) ?? 0) + 1
    counts.set(call.path, count)
    const other = interfere(call, count)
    if (other !== undefined && other !== 'post, then hang up') return other
    if (call.path === 'chat.postMessage') {
      const answer = post(call)
      return other === undefined ? answer : 'hang up'
    }
    return { json: { ok: true, messages: posted.toReversed() } }
  })
  function post({ body }: Call): Answer {
    const ts = `1767225601.00000${posted.length}`
    const metadata: unknown = JSON.parse(String(body.metadata))
    posted.push({ ts, channel: String(body.channel), thread_ts: body.thread_ts, metadata })
    return { json: { ok: true, channel: body.channel, ts } }
  }
  return posted
}

const paths = () => slack.calls.map(({ path }) => path)
const greet = (ctx: Context) => ctx.reply('ahoy')

test('posts in the channel of the event, with its identity as metadata, and records where', async () => {
  const posted = await startSlack()
  const job = new HeldJob()
  expect(await replyBench(slack.url, greet).run(job)).toEqual({ kind: 'completed' })
  expect(slack.calls).toMatchObject([
    { path: 'chat.postMessage', body: { channel: 'C1', text: 'ahoy' }, authorization: 'Bearer xoxb-test' },
  ])
  expect(posted[0]?.metadata).toEqual({
    event_type: 'holdfast_reply',
    event_payload: { id: expect.stringMatching(/^[\w-]{25}$/) },
  })
  expect(job.recorded.get('reply#1')).toBe('{"result":{"channel":"C1","ts":"1767225601.000000"}}')
})

test('a post whose answer never came is looked for, found and recorded, not posted again', async () => {
  const posted = await startSlack(({ path }) =>
    path === 'chat.postMessage' ? 'post, then hang up' : undefined,
  )
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  expect(await bench.run(job)).toMatchObject({ kind: 'retry' })
  const again = job.again(2)
  expect(await bench.run(again)).toEqual({ kind: 'completed' })
  expect(paths()).toEqual(['chat.postMessage', 'conversations.history'])
  expect(posted).toHaveLength(1)
  expect(again.recorded.get('reply#1')).toBe('{"result":{"channel":"C1","ts":"1767225601.000000"}}')
})

test('a job that came back after a change of Redis looks for its post first, although no run of it is remembered', async () => {
  const posted = await startSlack()
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  await bench.run(job)
  const readded = job.readded(bench.clock.wallAt())
  expect(await bench.run(readded)).toEqual({ kind: 'completed' })
  expect(paths()).toEqual(['chat.postMessage', 'conversations.history'])
  expect(posted).toHaveLength(1)
  expect(readded.recorded.get('reply#1')).toBe(job.recorded.get('reply#1'))
})

test('a job that came back after a change of Redis posts what is not there', async () => {
  const posted = await startSlack()
  const bench = replyBench(slack.url, greet)
  await bench.run(new HeldJob().readded(bench.clock.wallAt()))
  expect(paths()).toEqual(['conversations.history', 'chat.postMessage'])
  expect(posted).toHaveLength(1)
})

test('the look-up reads with metadata, from the instant of the event on', async () => {
  await startSlack((_, count) => (count === 1 ? 'post, then hang up' : undefined))
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  await bench.run(job)
  await bench.run(job.again(2))
  expect(slack.calls[1]?.body).toMatchObject({
    channel: 'C1',
    oldest: '1767225600.000100',
    include_all_metadata: 'true',
  })
})

test('a post that never arrived is posted by the next run, after it looked', async () => {
  const posted = await startSlack(({ path }, count) =>
    path === 'chat.postMessage' && count === 1 ? 'hang up' : undefined,
  )
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  await bench.run(job)
  expect(await bench.run(job.again(2))).toEqual({ kind: 'completed' })
  expect(paths()).toEqual(['chat.postMessage', 'conversations.history', 'chat.postMessage'])
  expect(posted).toHaveLength(1)
})

test('a worker that died between post and record leaves a job that finds its post', async () => {
  const posted = await startSlack()
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  await bench.run(job)
  const beforeRecord = new Map([...job.recorded].filter(([key]) => key !== 'reply#1'))
  expect(await bench.run(new HeldJob({ steps: beforeRecord }))).toEqual({ kind: 'completed' })
  expect(posted).toHaveLength(1)
})

test('the look-up waits until a post of a dead worker has had time to arrive', async () => {
  await startSlack()
  const bench = replyBench(slack.url, greet)
  const justBegun = new Map([['begun/reply#1', JSON.stringify({ at: bench.clock.wallAt() })]])
  const before = bench.clock.monotonicMs()
  await bench.run(new HeldJob({ steps: justBegun }))
  expect(bench.clock.monotonicMs() - before).toBe(2_000)
})

test('a run after a failure before the post does not look: nothing of it can be there', async () => {
  await startSlack()
  const bench = replyBench(slack.url, greet)
  expect(await bench.run(new HeldJob({ attempt: 3 }))).toEqual({ kind: 'completed' })
  expect(paths()).toEqual(['chat.postMessage'])
})

test('does not post once the lock is lost', async () => {
  await startSlack()
  const job = new HeldJob()
  job.lockLost = true
  expect(await replyBench(slack.url, greet).run(job)).toEqual({ kind: 'returned' })
  expect(slack.calls).toEqual([])
})

test('looks in the thread when the reply went there', async () => {
  const posted = await startSlack((_, count) => (count === 1 ? 'post, then hang up' : undefined))
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob({ event: slackMessage({ thread_ts: '1767225500.000001' }) })
  await bench.run(job)
  await bench.run(job.again(2))
  expect(posted).toMatchObject([{ thread_ts: '1767225500.000001' }])
  expect(slack.calls[1]).toMatchObject({ path: 'conversations.replies', body: { ts: '1767225500.000001' } })
})

test.each<[string, object, boolean | string | undefined, string | undefined]>([
  ['stays in the thread of the event', { thread_ts: '5.0' }, undefined, '5.0'],
  ['leaves the thread when told to', { thread_ts: '5.0' }, false, undefined],
  ['opens a thread below the message', {}, true, '1767225600.000100'],
  [
    'follows an edit into the thread of its message',
    { message: { ts: '6.0', thread_ts: '5.0' } },
    undefined,
    '5.0',
  ],
  ['opens a thread below the message that was edited', { message: { ts: '6.0' } }, true, '6.0'],
  ['goes to a thread that is named', {}, '7.0', '7.0'],
])('a reply %s', async (_, data, thread, expected) => {
  const posted = await startSlack()
  const message = thread === undefined ? 'ahoy' : { text: 'ahoy', thread }
  await replyBench(slack.url, (ctx) => ctx.reply(message)).run(new HeldJob({ event: slackMessage(data) }))
  expect(posted[0]?.thread_ts).toBe(expected)
})

test('follows the pages of history and stops at its bound', async () => {
  await startSlack(({ path }, count) => {
    if (path === 'chat.postMessage') return 'hang up'
    return { json: { ok: true, messages: [], response_metadata: { next_cursor: `page${count + 1}` } } }
  })
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  await bench.run(job)
  expect(await bench.run(job.again(2))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining("can't tell whether this reply was posted"),
  })
  expect(slack.calls.slice(1).map(({ body }) => body.cursor)).toEqual([
    undefined,
    ...Array.from({ length: 9 }, (_, index) => `page${index + 2}`),
  ])
})

test('a limited rate gives the slot back for as long as Slack asks', async () => {
  await startSlack(() => ({ status: 429, headers: { 'retry-after': '30' }, json: {} }))
  const outcome = await replyBench(slack.url, greet).run(new HeldJob({ attempt: 3 }))
  expect(outcome).toMatchObject({ kind: 'retry', delayMs: 31_500 })
  expect(slack.calls).toHaveLength(1)
})

test.each<[string, Answer]>([
  ['HTTP 500', { status: 500, json: {} }],
  ['internal_error', { json: { ok: false, error: 'internal_error' } }],
  ['fatal_error', { json: { ok: false, error: 'fatal_error' } }],
])('%s leaves open whether it was posted: the next run looks first', async (_, answer) => {
  await startSlack((_call, count) => (count === 1 ? answer : undefined))
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  expect(await bench.run(job)).toMatchObject({ kind: 'retry' })
  await bench.run(job.again(2))
  expect(paths()[1]).toBe('conversations.history')
})

test('a refusal is a dead letter at once, with the word of Slack', async () => {
  await startSlack(() => ({ json: { ok: false, error: 'not_in_channel' } }))
  const outcome = await replyBench(slack.url, greet).run(new HeldJob())
  expect(outcome).toMatchObject({
    kind: 'dead',
    reason: 'NonRetryableError: the reply was refused: not_in_channel',
  })
})

const TOKEN_ERRORS = ['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive']

test.each(TOKEN_ERRORS)(
  '%s is no refusal of the reply: the job waits, and is posted with a token that is valid',
  async (error) => {
    const posted = await startSlack((_, count) => (count === 1 ? { json: { ok: false, error } } : undefined))
    const bench = replyBench(slack.url, greet)
    const job = new HeldJob({ attempt: 3 })
    expect(await bench.run(job)).toMatchObject({
      kind: 'retry',
      delayMs: 22_500,
      reason: `TokenError: Slack refuses the token (${error}): set SLACK_BOT_TOKEN and restart; the job waits`,
    })
    expect(await bench.run(job.again(4))).toEqual({ kind: 'completed' })
    expect(paths()).toEqual(['chat.postMessage', 'chat.postMessage'])
    expect(posted).toHaveLength(1)
  },
)

test('a token that ctx.slack finds refused is a wait, too', async () => {
  await startSlack(() => ({ json: { ok: false, error: 'token_revoked' } }))
  const outcome = await replyBench(slack.url, (ctx) => ctx.slack.auth.test()).run(new HeldJob({ attempt: 3 }))
  expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('token_revoked') })
})

test('looks before it posts again, however often Slack refused meanwhile, where one post is uncertain', async () => {
  const posted = await startSlack(({ path }, count) => {
    if (path !== 'chat.postMessage' || count > 2) return undefined
    return count === 1 ? 'hang up' : { json: { ok: false, error: 'invalid_auth' } }
  })
  const bench = replyBench(slack.url, greet)
  let job = new HeldJob()
  for (const taken of [2, 3]) {
    expect(await bench.run(job)).toMatchObject({ kind: 'retry' })
    job = job.again(taken)
  }
  await bench.run(job)
  const [post, look] = ['chat.postMessage', 'conversations.history']
  expect(paths()).toEqual([post, look, post, look, post])
  expect(posted).toHaveLength(1)
})

test('a refused look-up does not post on suspicion, and says which scope it needs', async () => {
  await startSlack(({ path }) =>
    path === 'chat.postMessage'
      ? 'post, then hang up'
      : { json: { ok: false, error: 'missing_scope', needed: 'channels:history' } },
  )
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  await bench.run(job)
  expect(await bench.run(job.again(2))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining('missing_scope (needs channels:history)'),
  })
  expect(paths()).toEqual(['chat.postMessage', 'conversations.history'])
})

test('a limited look-up waits as Slack asks, and has posted nothing', async () => {
  await startSlack(({ path }, count) => {
    if (path === 'chat.postMessage') return count === 1 ? 'post, then hang up' : undefined
    return { status: 429, headers: { 'retry-after': '60' }, json: {} }
  })
  const bench = replyBench(slack.url, greet)
  const job = new HeldJob()
  await bench.run(job)
  expect(await bench.run(job.again(2))).toMatchObject({ kind: 'retry', delayMs: 63_000 })
  expect(paths()).toEqual(['chat.postMessage', 'conversations.history'])
})

test('two replies of one handler have identities of their own', async () => {
  const posted = await startSlack()
  const twice = async (ctx: Context) => {
    await ctx.reply('one')
    await ctx.reply('two')
  }
  await replyBench(slack.url, twice).run(new HeldJob())
  expect(new Set(posted.map(({ metadata }) => JSON.stringify(metadata))).size).toBe(2)
})

test('replies where a reaction was added', async () => {
  const posted = await startSlack()
  const reaction = {
    type: 'reaction_added',
    item: { type: 'message', channel: 'C9', ts: '4.0' },
    event_ts: '6.0',
  }
  const event = { ...slackMessage(), type: 'slack.reaction_added', data: reaction }
  await replyBench(slack.url, greet).run(new HeldJob({ event }))
  expect(posted).toMatchObject([{ channel: 'C9' }])
})

test('stays in the channel where a message with a thread below it was edited', async () => {
  const posted = await startSlack()
  const event = slackMessage({ message: { ts: '6.0', thread_ts: '6.0' } })
  await replyBench(slack.url, greet).run(new HeldJob({ event }))
  expect(posted[0]?.thread_ts).toBeUndefined()
})

test('a message cannot be ephemeral where nobody acted: it is refused before anything is posted', async () => {
  await startSlack()
  const whisper = (ctx: Context) => ctx.reply({ text: 'psst', ephemeral: true })
  const outcome = await replyBench(slack.url, whisper).run(new HeldJob())
  expect(outcome).toMatchObject({ kind: 'dead', reason: expect.stringContaining('response_url') })
  expect(slack.calls).toEqual([])
})

test('says what to use for an event without a channel', async () => {
  await startSlack()
  const event = { ...slackMessage(), type: 'slack.team_join', data: { user: {} } }
  const outcome = await replyBench(slack.url, greet).run(new HeldJob({ event }))
  expect(outcome).toMatchObject({ kind: 'dead', reason: expect.stringContaining('use ctx.slack') })
})
