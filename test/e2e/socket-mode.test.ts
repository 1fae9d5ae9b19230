import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill } from 'node:process'
import { type LocalRedis, obtainRedis } from '@holdfast/local-redis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type QueuedEvent, textOf } from './queued-events.ts'
import { numbered, Stage, type StageOptions, slackSocketMode } from './stage.ts'

/*
 * Slack's Socket Mode, from the platform's socket to the queue: each envelope is acknowledged once its event is confirmed,
 * and what Slack delivers again is on the queue once. The built gateway in a process of its own; nobody works on the queues.
 */

/** Slack's three seconds and its minutes between deliveries, as short as a test likes them. */
const IMPATIENT = { acknowledgeMs: 500, eventRetriesMs: [0, 1_000, 3_000] }

interface SocketStageOptions extends Pick<StageOptions, 'redisUrl' | 'more'> {
  readonly sockets?: number
  readonly limits?: NonNullable<NonNullable<StageOptions['simulator']>['slack']>['limits']
}

/** A stage with one connection, `socket`. Only what comes on one socket comes in order. */
function openStage({ sockets = 2, limits = {}, ...options }: SocketStageOptions = {}): Promise<Stage> {
  return Stage.open({
    ...options,
    connections: [],
    moreConnections: (at) => [`  - { id: socket, ${slackSocketMode(at, sockets)} }`],
    simulator: { slack: { limits } },
  })
}

const channelOf = (stage: Stage) => stage.at.slack.channels[0]?.id ?? ''
const personOn = (stage: Stage) => stage.at.slack.users[0]?.id ?? ''

function useCommand(stage: Stage): void {
  const place = { channel: channelOf(stage), user: personOn(stage) }
  stage.simulator.slack.useCommand({ ...place, bot: stage.botOf('slack-a'), command: '/tide', text: 'now' })
}

function say(stage: Stage, ...texts: readonly string[]): void {
  for (const text of texts)
    stage.simulator.slack.say({ channel: channelOf(stage), user: personOn(stage), text })
}

/** Resolves when a message of this text is on the queue. */
const arrived = (stage: Stage, text: string) => stage.queued.until('all', text, ['socket'])

const messages = (events: readonly QueuedEvent[]) => events.filter(({ type }) => type === 'slack.message')
const messagesOf = async (stage: Stage) => messages(await stage.queued.of('all')).map(textOf)

/** What became of envelopes, as the platform's record has it. */
const envelopes = (stage: Stage, what: string) =>
  stage.simulator.record.of('envelope').filter((entry) => entry.what === what)

/** A bot's message with a button; resolves to its `ts`. */
async function postButton({ at }: Stage, channel: string): Promise<string> {
  const button = { type: 'button', text: { type: 'plain_text', text: 'High' }, action_id: 'high', value: '1' }
  const response = await fetch(`${at.slackApiUrl}chat.postMessage`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${at.slack.bots[0]?.token}`,
      'content-type': 'application/json; charset=utf-8',
    },
    body: JSON.stringify({
      channel,
      text: 'Which tide?',
      blocks: [{ type: 'actions', block_id: 'tides', elements: [button] }],
    }),
  })
  const { ts } = (await response.json()) as { ts: string }
  return ts
}

test('a message, a slash command and a press are on their queues, and acknowledged on the sockets they came on', async () => {
  const stage = await openStage()
  const gateway = await stage.startGateway()
  const [channel, user] = [channelOf(stage), personOn(stage)]
  say(stage, 'hello')
  useCommand(stage)
  const ts = await postButton(stage, channel)
  stage.simulator.slack.press({ channel, user, ts, actionId: 'high' })
  await expect.poll(async () => (await stage.queued.of('all.interactive')).length).toBe(2)
  await arrived(stage, 'Which tide?')

  expect((await stage.queued.of('all.interactive')).map(({ type }) => type)).toEqual([
    'slack.slash_commands',
    'slack.interactive.block_actions',
  ])
  expect(await messagesOf(stage)).toEqual(['hello', 'Which tide?'])
  const sent = envelopes(stage, 'sent').map(({ envelope, socket }) => ({ envelope, socket }))
  await expect.poll(() => envelopes(stage, 'acknowledged').length).toBe(sent.length)
  expect(envelopes(stage, 'acknowledged')).toEqual(
    expect.arrayContaining(sent.map((delivery) => expect.objectContaining(delivery))),
  )
  const { connections } = JSON.parse((await gateway.get('/v1/connections')).text)
  expect(connections).toMatchObject([{ unit: 'socket', state: 'connected', sockets: { open: 2, wanted: 2 } }])
})

test('what Slack delivers again, because acknowledgements were lost, is on the queue once', async () => {
  const stage = await openStage({ sockets: 1, limits: IMPATIENT })
  const gateway = await stage.startGateway()
  stage.simulator.fault({ fault: 'lose-acknowledgements', platform: 'slack', count: 5 })
  const texts = numbered('once', 10)
  say(stage, ...texts)
  await expect.poll(() => gateway.count('holdfast_events_duplicate_total')).toBe(5)
  await expect.poll(() => envelopes(stage, 'acknowledged').length).toBe(10)
  expect(await messagesOf(stage)).toEqual(texts)
  expect(envelopes(stage, 'unanswered')).toHaveLength(5)
  expect(envelopes(stage, 'given-up')).toEqual([])
})

test('a socket that Slack asks to replace hands over under a stream: nothing is lost, nothing twice', async () => {
  const stage = await openStage({ sockets: 1, limits: IMPATIENT })
  const gateway = await stage.startGateway()
  const parts = ['one', 'two', 'three', 'four', 'five']
  const texts = parts.flatMap((part) => numbered(part, 40))
  for (const part of parts) {
    await stage.talk(part, 40, 10)
    if (part !== 'five') stage.simulator.fault({ fault: 'refresh', platform: 'slack', forMs: 10_000 })
  }
  await arrived(stage, 'five 39')
  const opened = () => stage.simulator.record.of('socket').filter(({ what }) => what === 'opened')
  await expect.poll(() => opened().length).toBeGreaterThanOrEqual(3)
  await expect.poll(async () => (await messagesOf(stage)).length).toBe(200)
  expect((await messagesOf(stage)).toSorted()).toEqual(texts.toSorted())
  await expect
    .poll(() => envelopes(stage, 'acknowledged').length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(200)
  expect(envelopes(stage, 'given-up')).toEqual([])
  expect(gateway.linesAt('error', 'warn')).toEqual([])
})

test('what is said while no gateway runs comes to the next one, and no gap is announced for it', async () => {
  const stage = await openStage({ limits: { ...IMPATIENT, eventRetriesMs: [0, 2_000, 6_000] } })
  const before = await stage.startGateway()
  say(stage, 'before')
  await arrived(stage, 'before')
  expect(await before.stop()).toBe(0)
  say(stage, 'nobody hears')
  await stage.startGateway()
  say(stage, 'after')
  await arrived(stage, 'after')
  await arrived(stage, 'nobody hears')
  const events = await stage.queued.of('all')
  expect(messages(events).map(textOf).toSorted()).toEqual(['after', 'before', 'nobody hears'])
  expect(events.filter(({ type }) => type === 'holdfast.gap')).toEqual([])
})

let redis: LocalRedis
beforeAll(async () => {
  // The tests' own Redis serves other suites; this one is frozen.
  redis = await obtainRedis({ folder: '.holdfast/redis', env: { PATH: process.env.PATH } })
})
afterAll(() => redis.stop())

test('while Redis hangs nothing is acknowledged; what Slack then delivers again is on the queue once', async () => {
  const stage = await openStage({ redisUrl: redis.url, sockets: 1, limits: IMPATIENT })
  const gateway = await stage.startGateway()
  say(stage, 'before')
  await arrived(stage, 'before')
  await expect.poll(() => envelopes(stage, 'acknowledged').length).toBe(1)
  const pid = redis.pid ?? 0
  kill(pid, 'SIGSTOP')
  const texts = numbered('it hangs', 20)
  say(stage, ...texts)
  const again = () => envelopes(stage, 'sent').filter(({ attempt }) => attempt > 0).length
  await expect.poll(again, { timeout: 10_000 }).toBeGreaterThanOrEqual(20)
  expect(envelopes(stage, 'acknowledged')).toHaveLength(1)
  expect(await gateway.count('holdfast_unconfirmed_events')).toBe(20)
  kill(pid, 'SIGCONT')

  say(stage, 'after')
  await arrived(stage, 'after')
  await expect
    .poll(() => new Set(envelopes(stage, 'acknowledged').map(({ subject }) => subject)).size)
    .toBe(22)
  expect(await messagesOf(stage)).toEqual(['before', ...texts, 'after'])
  expect(envelopes(stage, 'given-up')).toEqual([])
})

test('a slash command while Redis hangs is acknowledged in time, for the journal has it, and is on the queue once', async () => {
  const journalDir = mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
  onTestFinished(() => rmSync(journalDir, { recursive: true }))
  const stage = await openStage({
    redisUrl: redis.url,
    more: [`gateway: { journalDir: '${journalDir}', replicaId: socket-mode }`],
  })
  const gateway = await stage.startGateway()
  const pid = redis.pid ?? 0
  kill(pid, 'SIGSTOP')
  useCommand(stage)
  await expect.poll(() => envelopes(stage, 'acknowledged').length, { timeout: 10_000 }).toBe(1)
  await gateway.kill()
  // What lay in Redis' own buffer counts as well: the journal's copy is recognised.
  kill(pid, 'SIGCONT')
  const next = await stage.startGateway()
  await next.says(({ msg }) => msg.includes('journal'))
  const commands = async () => (await stage.queued.of('all.interactive')).map(({ type }) => type)
  await expect.poll(commands).toEqual(['slack.slash_commands'])
  expect(envelopes(stage, 'unanswered')).toEqual([])
})
