import type { HoldfastEvent } from '@holdfast/events'
import { afterEach, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import type { SlackMessage } from '../src/reply-message.ts'
import { type Answer, type Call, type FakePlatform, startFakePlatform } from './fake-platform.ts'
import { replyBench } from './reply-bench.ts'
import { slackCommand, slackMessage, slackPress } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'

let slack: FakePlatform
afterEach(() => slack.close())

const OK: Answer = { json: { ok: true } }
const refused = (error: string): Answer => ({ json: { ok: false, error } })
const over = (error: string): Answer => ({ status: 404, json: { ok: false, error } })

/** Answers by path, each with the first that is left; all else is posted. */
async function startSlack(answers: Readonly<Record<string, readonly Answer[]>> = {}) {
  const left = new Map(Object.entries(answers).map(([path, list]) => [path, [...list]]))
  slack = await startFakePlatform(({ path, body }: Call) => {
    const next = left.get(path)?.shift()
    if (next) return next
    if (path === 'chat.postMessage') return { json: { ok: true, channel: body.channel, ts: '9.0' } }
    return path.startsWith('conversations.') ? { json: { ok: true, messages: [] } } : OK
  })
}

const calls = () => slack.calls.map(({ path }) => path)
const said = () => slack.calls.at(-1)?.body
const run = (job: HeldJob, message: string | SlackMessage) =>
  replyBench(slack.url, (ctx: Context) => ctx.reply(message)).run(job)
const jobOf = (event: HoldfastEvent) => new HeldJob({ event })
const PSST = { text: 'psst', ephemeral: true }

test('answers a command in its channel, as the bot and with the identity that a later run looks for', async () => {
  await startSlack()
  const job = jobOf(slackCommand(slack.url))
  expect(await run(job, 'ahoy')).toEqual({ kind: 'completed' })
  expect(calls()).toEqual(['chat.postMessage'])
  expect(said()).toMatchObject({ channel: 'C1', text: 'ahoy' })
  expect(JSON.parse(String(said()?.metadata))).toMatchObject({ event_type: 'holdfast_reply' })
  expect(job.recorded.get('reply#1')).toBe('{"result":{"channel":"C1","ts":"9.0"}}')
})

test.each<[string, object, string | undefined]>([
  ['in the channel of the message', {}, undefined],
  ['in the thread of the message', { message: { ts: '6.0', thread_ts: '5.0' } }, '5.0'],
  ['in the channel, not in the thread below it', { message: { ts: '6.0', thread_ts: '6.0' } }, undefined],
  [
    'in the thread of a message that one person sees',
    { message: undefined, container: { channel_id: 'C1', message_ts: '6.0', thread_ts: '5.0' } },
    '5.0',
  ],
])('answers a press %s', async (_, data, threadTs) => {
  await startSlack()
  await run(jobOf(slackPress(slack.url, data)), 'ahoy')
  expect(said()).toMatchObject({ channel: 'C1' })
  expect(said()?.thread_ts).toBe(threadTs)
})

test.each<[string, object, string]>([
  ['the channel that a form asked for', { response_urls: [{ channel_id: 'C7', response_url: 'x' }] }, 'C7'],
  ['the person who acted, where there is no channel', {}, 'U1'],
])('answers a form in %s', async (_, data, channel) => {
  await startSlack()
  const event = { ...slackMessage(), type: 'slack.interactive.view_submission' }
  await run(jobOf({ ...event, data: { user: { id: 'U1' }, ...data } }), 'ahoy')
  expect(said()?.channel).toBe(channel)
})

test('looks for an answer to a person in the conversation that Slack opens with them', async () => {
  await startSlack({
    'chat.postMessage': ['hang up'],
    'conversations.open': [{ json: { ok: true, channel: { id: 'D1' } } }],
  })
  const event = { ...slackMessage(), type: 'slack.interactive.shortcut', data: { user: { id: 'U1' } } }
  const job = jobOf(event)
  await run(job, 'ahoy')
  await run(job.again(2), 'ahoy')
  expect(calls()).toEqual([
    'chat.postMessage',
    'conversations.open',
    'conversations.history',
    'chat.postMessage',
  ])
  expect(slack.calls[2]?.body.channel).toBe('D1')
})

test.each(['not_in_channel', 'channel_not_found'])(
  'answers through the response URL where the bot is no member (%s)',
  async (error) => {
    await startSlack({ 'chat.postMessage': [refused(error)] })
    const job = jobOf(slackCommand(slack.url))
    expect(await run(job, 'ahoy')).toEqual({ kind: 'completed' })
    expect(calls()).toEqual(['chat.postMessage', 'hooks/1'])
    expect(said()).toEqual({ text: 'ahoy', response_type: 'in_channel', replace_original: false })
    expect(slack.calls[1]?.authorization).toBeUndefined()
    expect(job.recorded.get('reply#1')).toBe('{"result":{"channel":"C1","ts":""}}')
  },
)

test('whispers through the response URL, in the thread of what was pressed', async () => {
  await startSlack()
  const press = slackPress(slack.url, { message: { ts: '6.0', thread_ts: '5.0' } })
  expect(await run(jobOf(press), PSST)).toEqual({ kind: 'completed' })
  expect(calls()).toEqual(['hooks/1'])
  expect(said()).toEqual({
    text: 'psst',
    response_type: 'ephemeral',
    replace_original: false,
    thread_ts: '5.0',
  })
})

test('a recorded whisper is not repeated', async () => {
  await startSlack()
  const job = jobOf(slackCommand(slack.url))
  await run(job, PSST)
  expect(await run(job.again(), PSST)).toEqual({ kind: 'completed' })
  expect(calls()).toEqual(['hooks/1'])
})

test.each<[string, Answer]>([
  ['the answer never came', 'hang up'],
  ['Slack answered 500', { status: 500, json: {} }],
])('a whisper of which %s is not repeated on suspicion', async (_, answer) => {
  await startSlack({ 'hooks/1': [answer] })
  const job = jobOf(slackCommand(slack.url))
  expect(await run(job, PSST)).toMatchObject({ kind: 'retry' })
  expect(await run(job.again(2), PSST)).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining("can't tell whether this reply was posted"),
  })
  expect(calls()).toEqual(['hooks/1'])
})

test.each([
  ['7', 7_350],
  ['Thu, 01 Jan 2026 00:00:00 GMT', 5_250],
])('a whisper that Slack limited goes out when it asks for it again: %s', async (retryAfter, delayMs) => {
  await startSlack({ 'hooks/1': [{ status: 429, headers: { 'retry-after': retryAfter }, json: {} }] })
  const job = jobOf(slackCommand(slack.url))
  expect(await run(job, PSST)).toMatchObject({ kind: 'retry', delayMs })
  expect(await run(job.again(2), PSST)).toEqual({ kind: 'completed' })
  expect(calls()).toEqual(['hooks/1', 'hooks/1'])
})

test.each(['expired_url', 'used_url'])(
  'a whisper that comes too late is a dead letter: %s',
  async (error) => {
    await startSlack({ 'hooks/1': [over(error), over(error)] })
    const job = jobOf(slackCommand(slack.url))
    const late = { kind: 'dead', reason: expect.stringContaining('five times, or its 30 minutes are over') }
    expect(await run(job, PSST)).toMatchObject(late)
    // Nothing was posted: whoever tries the dead letter again is told the same, and not that it is uncertain.
    expect(await run(job.again(), PSST)).toMatchObject(late)
  },
)

test('a refusal of the response URL is a dead letter with the word of Slack', async () => {
  await startSlack({ 'hooks/1': [{ status: 400, json: { ok: false, error: 'invalid_blocks' } }] })
  const outcome = await run(jobOf(slackCommand(slack.url)), PSST)
  expect(outcome).toMatchObject({ kind: 'dead', reason: expect.stringContaining('invalid_blocks') })
})

test('replaces the message that was pressed on, and does it again where its answer never came', async () => {
  await startSlack({ 'hooks/1': ['hang up'] })
  const job = jobOf(slackPress(slack.url))
  const done = { text: 'done', replace_original: true }
  expect(await run(job, done)).toMatchObject({ kind: 'retry' })
  const again = job.again(2)
  expect(await run(again, done)).toEqual({ kind: 'completed' })
  expect(slack.calls.map(({ path, body }) => [path, body])).toEqual([
    ['hooks/1', done],
    ['hooks/1', done],
  ])
  expect(again.recorded.get('reply#1')).toBe('{"result":{"channel":"C1","ts":"1767225500.000001"}}')
})

test('replaces the message by its name once the response URL is over, and all of it', async () => {
  await startSlack({ 'hooks/1': [over('used_url')] })
  const outcome = await run(jobOf(slackPress(slack.url)), { text: 'done', replace_original: true })
  expect(outcome).toEqual({ kind: 'completed' })
  expect(calls()).toEqual(['hooks/1', 'chat.update'])
  expect(said()).toMatchObject({ channel: 'C1', ts: '1767225500.000001', text: 'done', blocks: '[]' })
})

test('what one person sees cannot be replaced once the response URL is over', async () => {
  await startSlack({ 'hooks/1': [over('expired_url')] })
  const container = { channel_id: 'C1', message_ts: '6.0', is_ephemeral: true }
  const press = slackPress(slack.url, { message: undefined, container })
  const outcome = await run(jobOf(press), { text: 'done', replace_original: true })
  expect(outcome).toMatchObject({ kind: 'dead', reason: expect.stringContaining('nothing else reaches') })
  expect(calls()).toEqual(['hooks/1'])
})

test('deletes the message that was pressed on; one that is gone already is deleted', async () => {
  await startSlack({ 'hooks/1': [OK, over('used_url')], 'chat.delete': [refused('message_not_found')] })
  const gone = { delete_original: true }
  expect(await run(jobOf(slackPress(slack.url)), gone)).toEqual({ kind: 'completed' })
  expect(said()).toEqual({ delete_original: true })
  expect(await run(jobOf(slackPress(slack.url)), gone)).toEqual({ kind: 'completed' })
  expect(calls()).toEqual(['hooks/1', 'hooks/1', 'chat.delete'])
})

test('a list of choices is no conversation: the reply is refused', async () => {
  await startSlack()
  const event = slackPress(slack.url)
  const outcome = await run(jobOf({ ...event, type: 'slack.interactive.block_suggestion' }), 'ahoy')
  expect(outcome).toMatchObject({ kind: 'dead', reason: expect.stringContaining('takes choices') })
  expect(calls()).toEqual([])
})
