import type { HoldfastEvent } from '@holdfast/events'
import { expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { overlaps, readWaitPattern } from '../src/wait-pattern.ts'
import { createWait, matchesWait, writeWaitEnd } from '../src/wait-spec.ts'
import { handlerBench } from './handler-bench.ts'
import { discordInteraction, slackMessage } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'

const HOUR_MS = 3_600_000

const reaction = (id = 'reaction.1'): HoldfastEvent => ({
  ...slackMessage({ reaction: 'ok' }),
  id,
  type: 'slack.reaction_added',
  actor: 'U2',
})

const approval = (ctx: Context) =>
  ctx.waitFor('approval', 'slack.reaction_added', { where: { actor: 'U2' }, timeoutMs: HOUR_MS })

test('puts the handler away until the event is given to its job', async () => {
  const got: unknown[] = []
  const bench = handlerBench(async (ctx) => got.push(await approval(ctx)))
  const job = new HeldJob()
  const asleep = await bench.suspend(job)
  expect(asleep).toEqual({
    kind: 'suspended',
    wakeAt: bench.clock.wallAt() + HOUR_MS,
    waits: [
      {
        key: 'wait:approval',
        pattern: 'slack.reaction_added',
        subject: 'T1/C1',
        spec: '{"v":1,"where":{"actor":"U2"}}',
      },
    ],
  })
  expect(await bench.run(bench.give(job, asleep.waits[0], reaction()))).toEqual({ kind: 'completed' })
  expect(got).toEqual([reaction()])
})

test('gives nothing when nothing came in time, and finds nothing later', async () => {
  const got: unknown[] = []
  const bench = handlerBench(async (ctx) => {
    got.push(await approval(ctx))
    if (got.length === 1) throw new Error('between')
  })
  const job = new HeldJob()
  const woken = bench.wake(job, await bench.suspend(job))
  await bench.run(woken)
  const again = woken.again(2)
  again.past = [{ id: 'reaction.1', data: reaction(), number: 1 }]
  expect(await bench.run(again)).toEqual({ kind: 'completed' })
  expect(got).toEqual([undefined, undefined])
})

test('waits a day where nothing else is said, and any event of the conversation will do', async () => {
  const bench = handlerBench((ctx) => ctx.waitFor('a', 'slack.*'))
  const { wakeAt, waits } = await bench.suspend(new HeldJob())
  expect(wakeAt - bench.clock.wallAt()).toBe(24 * HOUR_MS)
  expect(waits).toMatchObject([{ pattern: 'slack.*', subject: 'T1/C1', spec: '{"v":1,"where":{}}' }])
})

test.each<[string, object, { subject?: string }]>([
  ['another conversation', { subject: 'T1/C9' }, { subject: 'T1/C9' }],
  ['any conversation', { subject: '*' }, {}],
])('waits in %s where it is named', async (_, where, wanted) => {
  const bench = handlerBench((ctx) => ctx.waitFor('a', 'slack.message', { where }))
  const { waits } = await bench.suspend(new HeldJob())
  expect(waits).toEqual([{ key: 'wait:a', pattern: 'slack.message', ...wanted, spec: '{"v":1,"where":{}}' }])
})

test('is given what came before it waited, since before the last step began', async () => {
  const got: unknown[] = []
  const { run } = handlerBench(async (ctx) => {
    await ctx.step('show a button', () => {
      job.lastStepAt = 10_000
    })
    got.push(await approval(ctx))
  })
  const job = new HeldJob({ lastStepAt: 5_000 })
  job.past = [
    { id: 'other.1', data: { ...reaction('other.1'), actor: 'U3' }, number: 6 },
    { id: 'reaction.1', data: reaction(), number: 7 },
  ]
  expect(await run(job)).toEqual({ kind: 'completed' })
  expect(got).toEqual([reaction()])
  expect(job.looked).toEqual([{ key: 'wait:approval', sinceAt: 5_000 }])
  expect(job.past).toHaveLength(1)
  expect(await run(job.again())).toEqual({ kind: 'completed' })
  expect(got).toEqual([reaction(), reaction()])
})

test('looks back to before the last step where an earlier run has recorded it, and died', async () => {
  const { suspend } = handlerBench(approval)
  const job = new HeldJob({ lastStepAt: 456, stepBeforeAt: 123 })
  await suspend(job)
  const later = job.again()
  await suspend(later)
  expect([...job.looked, ...later.looked].map(({ sinceAt }) => sinceAt)).toEqual([123, 123])
})

test('takes neither its own event of the past nor one it can’t read', async () => {
  const { suspend } = handlerBench((ctx) => ctx.waitFor('a', 'slack.message'))
  const job = new HeldJob()
  job.past = [
    { id: job.id, data: job.data, number: 3 },
    { id: 'new.1', data: { ...slackMessage(), hfversion: 99 }, number: 8 },
  ]
  expect((await suspend(job)).waits).toHaveLength(1)
  expect(job.past).toHaveLength(2)
})

test('a race of waits and a sleep is one suspension, and only what is still awaited is waited for after it', async () => {
  const bench = handlerBench(async (ctx) => {
    const won = await Promise.race([
      ctx.waitFor('yes', 'slack.reaction_added').then(() => 'yes'),
      ctx.waitFor('no', 'slack.reaction_removed').then(() => 'no'),
      ctx.sleep('limit', HOUR_MS).then(() => 'late'),
    ])
    await ctx.step(`was ${won}`, () => {})
    await ctx.sleep('tomorrow', 24 * HOUR_MS)
  })
  const job = new HeldJob()
  const first = await bench.suspend(job)
  expect(first.wakeAt - bench.clock.wallAt()).toBe(HOUR_MS)
  expect(first.waits.map(({ key }) => key)).toEqual(['wait:yes', 'wait:no'])
  const woken = bench.wake(job, first)
  const second = await bench.suspend(woken)
  expect(woken.recorded.has('step:was late')).toBe(true)
  expect(second.waits).toEqual([])
  expect(second.wakeAt - bench.clock.wallAt()).toBe(24 * HOUR_MS)
})

test('the event of another interaction can be waited for, and answered', async () => {
  const press = { ...discordInteraction(), id: 'press.1' }
  const bench = handlerBench(async (ctx) => {
    const pressed = await ctx.waitFor('press', 'discord.INTERACTION_CREATE', {
      where: { subject: '*', data: { id: '7' } },
    })
    if (pressed) await ctx.reply('thanks', { to: pressed })
  })
  const job = new HeldJob()
  const { waits } = await bench.suspend(job)
  expect(await bench.run(bench.give(job, waits[0], press))).toEqual({ kind: 'completed' })
  expect(bench.posted).toEqual(['reply#1'])
})

test.each<[string, (ctx: Context) => unknown, string]>([
  ['a name used twice', (ctx) => Promise.all([ctx.waitFor('a', '*'), ctx.waitFor('a', '*')]), 'used before'],
  ['no pattern', (ctx) => ctx.waitFor('a', undefined as never), 'event pattern'],
  ['a pattern with a fault', (ctx) => ctx.waitFor('a', 'slak.message'), 'did you mean "slack.message"?'],
  [
    'a time that is none',
    (ctx) => ctx.waitFor('a', '*', { timeoutMs: Infinity }),
    'timeoutMs of ctx.waitFor',
  ],
  ['a function', (ctx) => ctx.waitFor('a', '*', { where: (() => true) as never }), 'where is no object'],
  ['a list', (ctx) => ctx.waitFor('a', '*', { where: [] as never }), 'where is no object'],
  [
    'a date',
    (ctx) => ctx.waitFor('a', '*', { where: { data: new Date() as never } }),
    'where.data is a Date',
  ],
  [
    'what is not there',
    (ctx) => ctx.waitFor('a', '*', { where: { actor: undefined } as never }),
    'where.actor is undefined',
  ],
  [
    'a field of the payload beside the event’s own',
    (ctx) => ctx.waitFor('a', '*', { where: { user: 'U1' } as never }),
    "an event has no user; what is the payload's goes below data",
  ],
  [
    'too much',
    (ctx) => ctx.waitFor('a', '*', { where: { data: 'x'.repeat(17_000) as never } }),
    '16384 are allowed',
  ],
  [
    'an option it does not know',
    (ctx) => ctx.waitFor('a', '*', { timeout: 5 } as never),
    'option timeout of ctx.waitFor',
  ],
  ['a wait inside of a step', (ctx) => ctx.step('s', () => ctx.waitFor('a', '*')), 'inside of step:s'],
])('refuses %s, and no attempt can mend it', async (_, handle, reason) => {
  const { run } = handlerBench(handle)
  expect(await run(new HeldJob())).toMatchObject({ kind: 'dead', reason: expect.stringContaining(reason) })
})

const waiter = (jobId: string, where: object = {}) => ({
  queue: 'commands',
  jobId,
  wait: createWait('wait:a', 'slack.message', where, 'T1/C1'),
})

test('an event is given to the first that waits for it, before its handler is looked for', async () => {
  let ran = false
  const { run } = handlerBench(() => {
    ran = true
  })
  const waiters = [waiter('other', { actor: 'nobody' }), waiter('gone'), waiter('second'), waiter('third')]
  const job = new HeldJob({ waiters })
  job.gone.add('gone')
  expect(await run(job)).toEqual({ kind: 'given' })
  expect(job.given.map(({ jobId }) => jobId)).toEqual(['second'])
  expect(JSON.parse(job.given[0]?.text ?? '')).toMatchObject({ result: { id: slackMessage().id } })
  expect(ran).toBe(false)
})

test('a worker without a handler gives an event to who waits for it', async () => {
  const { run } = handlerBench(() => {})
  const event = { ...slackMessage(), type: 'slack.pin_added' }
  const waits = { ...waiter('waits'), wait: createWait('wait:a', 'slack.*', {}, undefined) }
  expect(await run(new HeldJob({ event, waiters: [waits] }))).toEqual({ kind: 'given' })
})

test('nobody waits any more, or for this: the handler gets it', async () => {
  let runs = 0
  const { run } = handlerBench(() => {
    runs += 1
  })
  const job = new HeldJob({ waiters: [waiter('gone'), waiter('other', { actor: 'nobody' })] })
  job.gone.add('gone')
  expect(await run(job)).toEqual({ kind: 'completed' })
  expect(runs).toBe(1)
})

test('an event whose handler has begun stays with it', async () => {
  const { run } = handlerBench(() => {})
  const job = new HeldJob({ waiters: [waiter('late')], steps: new Map([['step:a', '{"result":1}']]) })
  expect(await run(job)).toEqual({ kind: 'completed' })
  expect(job.given).toEqual([])
})

test('a job that is lost while its event is given away is given back', async () => {
  const { run } = handlerBench(() => {})
  const job = new HeldJob({ waiters: [waiter('waits')] })
  job.lockLost = true
  expect(await run(job)).toEqual({ kind: 'returned' })
})

test('a job whose event can not be given away now is tried again a little later, not at once', async () => {
  const { run } = handlerBench(() => {})
  const job = new HeldJob({ waiters: [waiter('waits')] })
  job.giveTo = () => Promise.reject(new Error('WRONGTYPE'))
  expect(await run(job)).toEqual({ kind: 'passed', delayMs: 200 })
})

test.each(['no JSON', 'null', '{"v":2,"where":{}}', '{"v":1}'])(
  'a wait that can not be read has no event: %s',
  (spec) => {
    const wait = { key: 'wait:a', pattern: 'slack.message', spec }
    expect(matchesWait(slackMessage(), wait)).toBe(false)
    expect(matchesWait(slackMessage(), { ...wait, spec: '{"v":1,"where":{},"later":true}' })).toBe(true)
    expect(matchesWait(slackMessage(), { ...wait, pattern: '??', spec: '{"v":1,"where":{}}' })).toBe(false)
  },
)

test('the end of a wait is remembered as a step’s result is', () => {
  expect(writeWaitEnd({ event: undefined, at: 5 })).toBe('{"at":5}')
})

test('refuses to wait for what does not come to the subscription, and says what does', async () => {
  const asked: string[] = []
  const wishedFor = (all: readonly string[] | undefined) => ({
    own: ['slack.message'],
    all: async () => {
      asked.push('all')
      return all
    },
  })
  const waiting = (ctx: Context) => ctx.waitFor('a', 'slack.reaction_added')
  const { run } = handlerBench(waiting, { wishedFor: wishedFor(['slack.message', 'discord.*']) })
  expect(await run(new HeldJob())).toMatchObject({
    kind: 'dead',
    reason:
      'NonRetryableError: no slack.reaction_added comes to this subscription, which has slack.message, discord.*: add it to the option events, or take those that nobody waits for with worker.on("slack.reaction_added", () => {})',
  })
  const misspelt = handlerBench((ctx) => ctx.waitFor('a', 'slack.mesage'), {
    wishedFor: wishedFor(['slack.message']),
  })
  expect(await misspelt.run(new HeldJob())).toMatchObject({
    reason: expect.stringContaining('which has slack.message; did you mean "slack.message"?'),
  })
  asked.length = 1
  for (const all of [['slack.*'], ['*'], undefined]) {
    const other = handlerBench(waiting, { wishedFor: wishedFor(all) })
    expect(await other.run(new HeldJob())).toMatchObject({ kind: 'suspended' })
  }
  expect(asked).toHaveLength(4)
  const own = handlerBench((ctx) => ctx.waitFor('a', 'slack.message'), { wishedFor: wishedFor([]) })
  expect(await own.run(new HeldJob())).toMatchObject({ kind: 'suspended' })
  expect(asked).toHaveLength(4)
})

const parsed = (text: string) => readWaitPattern(text)

test.each<[string, string, boolean]>([
  ['slack.message', 'slack.message', true],
  ['slack.message', 'slack.reaction_added', false],
  ['slack.*', 'slack.interactive.block_actions', true],
  ['slack.*', 'slack.interactive.*', true],
  ['slack.interactive.*', 'slack.message', false],
  ['*', 'discord.MESSAGE_CREATE', true],
  ['discord.*', 'slack.*', false],
  ['slack.*.block_actions', 'slack.interactive.*', true],
])('%s and %s have an event in common: %s', (one, other, expected) => {
  expect(overlaps(parsed(one), parsed(other))).toBe(expected)
  expect(overlaps(parsed(other), parsed(one))).toBe(expected)
})
