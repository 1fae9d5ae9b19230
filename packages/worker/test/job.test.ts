import { ManualClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { PlatformWaitError } from '../src/errors.ts'
import { Handlers } from '../src/handlers.ts'
import { runJob } from '../src/job.ts'
import type { PeerAnswer } from '../src/peers.ts'
import { createPlatforms } from '../src/platforms.ts'
import type { PostReply, ReplyCall } from '../src/reply.ts'
import { createLogBook } from './log-book.ts'
import { discordMessage, slackMessage } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'

/** A worker with one handler for Slack's messages, whose replies go nowhere. */
function pipeline(handle: (ctx: Context) => unknown, another: PeerAnswer = 'no') {
  const handlers = new Handlers()
  handlers.add('slack.message', (_, ctx) => handle(ctx))
  const giveUp = new AbortController()
  const posted: string[] = []
  const calls: ReplyCall[] = []
  const postReply: PostReply = async (call) => {
    calls.push(call)
    posted.push(call.key)
    return { channel: 'C1', ts: `${posted.length}.0` }
  }
  const { log, lines } = createLogBook()
  const parts = {
    handlers,
    handledByAnother: async () => another,
    policy: { attempts: 3, backoff: { baseMs: 1_000, maxMs: 60_000 } },
    platforms: createPlatforms({}, {}),
    postReply,
    clock: new ManualClock(),
    log,
    giveUp: giveUp.signal,
  }
  return { run: (job: HeldJob) => runJob(job, parts), posted, calls, lines, giveUp }
}

const never = () => new Promise<void>(() => {})

test('completes the job when its handler resolved', async () => {
  const { run, lines } = pipeline(() => {})
  expect(await run(new HeldJob())).toEqual({ kind: 'completed' })
  expect(lines).toEqual([])
})

test('makes what it cannot decode a dead letter that says why', async () => {
  const { run } = pipeline(() => {})
  const { receivedat: _, ...incomplete } = slackMessage()
  const outcome = await run(new HeldJob({ data: incomplete }))
  expect(outcome).toMatchObject({ kind: 'dead', reason: expect.stringMatching(/^undecodable: .*receivedat/) })
})

test.each<[PeerAnswer, object]>([
  ['yes', { kind: 'passed' }],
  ['unknown', { kind: 'passed' }],
  ['no', { kind: 'dead', reason: expect.stringMatching(/^undecodable: .*"hfversion" is 2, .*update/) }],
])('an event of a newer version is for a newer worker, where there is one: %s', async (another, outcome) => {
  const { run } = pipeline(() => {}, another)
  expect(await run(new HeldJob({ data: { ...slackMessage(), hfversion: 2 } }))).toMatchObject(outcome)
})

test('makes an event for which nobody has a handler a dead letter', async () => {
  const { run } = pipeline(() => {})
  const outcome = await run(new HeldJob({ event: { ...slackMessage(), type: 'slack.pin_added' } }))
  expect(outcome).toEqual({ kind: 'dead', reason: 'no-handler: no live worker has one for slack.pin_added' })
})

test.each<[string, PeerAnswer]>([
  ['for which another worker has a handler', 'yes'],
  ['while nobody can tell whether another worker has a handler', 'unknown'],
])('passes an event on %s, be it a gap', async (_, another) => {
  const { run } = pipeline(() => {}, another)
  for (const type of ['slack.pin_added', 'holdfast.gap']) {
    const outcome = await run(new HeldJob({ event: { ...slackMessage(), type } }))
    expect(outcome).toEqual({ kind: 'passed', delayMs: 200 })
  }
})

test('tells of a gap that no handler takes note of, and completes it', async () => {
  const { run, lines } = pipeline(() => {})
  const gap = { ...slackMessage(), type: 'holdfast.gap', data: { why: 'suspended', missedCount: 3 } }
  expect(await run(new HeldJob({ event: gap }))).toEqual({ kind: 'completed' })
  expect(lines).toMatchObject([{ level: 'warn', facts: { gap: gap.data } }])
})

test('does not start a job that must stop already', async () => {
  let started = false
  const { run } = pipeline(() => {
    started = true
  })
  const job = new HeldJob()
  job.abort('drain')
  expect(await run(job)).toEqual({ kind: 'returned' })
  expect(started).toBe(false)
})

test('tells a failure once, with the job and what happens next, and nothing of the payload', async () => {
  const { run, lines } = pipeline(() => {
    throw new Error('boom')
  })
  const outcome = await run(new HeldJob({ event: slackMessage({ text: 'a secret' }) }))
  expect(outcome).toEqual({ kind: 'retry', delayMs: 750, reason: 'Error: boom' })
  expect(lines).toMatchObject([
    {
      level: 'warn',
      facts: { job: 'job.1', type: 'slack.message', attempt: 1 },
      message: 'Error: boom; runs again in 750 ms',
    },
  ])
  expect(JSON.stringify(lines)).not.toContain('a secret')
})

test('tells a dead letter as an error', async () => {
  const { run, lines } = pipeline(() => Promise.reject(new Error('boom')))
  expect(await run(new HeldJob({ attempt: 3 }))).toMatchObject({ kind: 'dead' })
  expect(lines).toMatchObject([{ level: 'error', message: 'Error: boom; kept as a dead letter' }])
})

test('waits for a reply that the handler did not await', async () => {
  const { run, posted } = pipeline((ctx) => {
    void ctx.reply('late')
  })
  const job = new HeldJob()
  expect(await run(job)).toEqual({ kind: 'completed' })
  expect(posted).toEqual(['reply#1'])
  expect(job.recorded.has('reply#1')).toBe(true)
})

test('does not complete when a step that was not awaited failed', async () => {
  const { run } = pipeline((ctx) => {
    void ctx.step('a', () => Promise.reject(new Error('lost')))
  })
  expect(await run(new HeldJob())).toMatchObject({ kind: 'retry', reason: 'Error: lost' })
})

test('skips replies that are recorded, by the order of the calls and by name', async () => {
  let attempt = 0
  const { run, posted } = pipeline(async (ctx) => {
    await ctx.reply('first')
    await ctx.reply('named', { name: 'greeting' })
    if (++attempt === 1) throw new Error('between')
    await ctx.reply('second')
  })
  const job = new HeldJob()
  await run(job)
  expect(await run(job.again(2))).toEqual({ kind: 'completed' })
  expect(posted).toEqual(['reply#1', 'reply:greeting', 'reply#2'])
})

test('a reply to another event is posted where that happened, and known by the job', async () => {
  const press = { ...discordMessage(), id: 'press.1' }
  const { run, calls } = pipeline(async (ctx) => {
    await ctx.reply('here')
    await ctx.reply('there', { to: press, name: 'there' })
  })
  expect(await run(new HeldJob())).toEqual({ kind: 'completed' })
  const own = slackMessage().id
  expect(calls.map(({ event, eventId, key }) => [event.id, eventId, key])).toEqual([
    [own, own, 'reply#1'],
    ['press.1', own, 'reply:there'],
  ])
})

test('a wait for the platform spends no attempt', async () => {
  const attempts: number[] = []
  const { run } = pipeline((ctx) => {
    attempts.push(ctx.attempt)
    if (attempts.length < 5) throw new PlatformWaitError('limited', 1_000)
    throw new Error('boom')
  })
  let job = new HeldJob()
  for (let taken = 1; taken <= 4; taken += 1) {
    expect(await run(job)).toMatchObject({ kind: 'retry', delayMs: 1_050, uncounted: true })
    job = job.again(1)
  }
  expect(await run(job)).toMatchObject({ kind: 'retry', reason: 'Error: boom' })
  expect(attempts).toEqual([1, 1, 1, 1, 1])
})

test.each([
  [() => 5, 'a value of type number'],
  [() => Promise.reject(new Error('begun')), 'work that has begun'],
])('a step of %s is refused, and no other try can mend it', async (wrong, found) => {
  const { run } = pipeline((ctx) => ctx.step('s', wrong() as never))
  expect(await run(new HeldJob())).toMatchObject({
    kind: 'dead',
    reason: `NonRetryableError: step:s was given ${found}, not a function: ctx.step(name, () => …)`,
  })
})

test('a reply with an option that there is not is refused before it is seen by all', async () => {
  const { run, posted } = pipeline((ctx) => ctx.reply('for you alone', { ephemeral: true } as never))
  expect(await run(new HeldJob())).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining('option ephemeral is unknown; there are name, to; what is part of'),
  })
  expect(posted).toEqual([])
})

test.each([undefined, null, 5])(
  'a reply of %j is refused before it begins, and no other try can mend it',
  async (nothing) => {
    const { run, posted } = pipeline((ctx) => ctx.reply(nothing as never))
    expect(await run(new HeldJob())).toMatchObject({
      kind: 'dead',
      reason: expect.stringMatching(
        /^NonRetryableError: ctx\.reply takes a text or a message, and was given /,
      ),
    })
    expect(posted).toEqual([])
  },
)

test('completes a discarded event and says why', async () => {
  const { run, lines } = pipeline((ctx) => ctx.discard('not for us'))
  expect(await run(new HeldJob())).toEqual({ kind: 'completed' })
  expect(lines).toMatchObject([{ level: 'info', message: 'discarded by the handler: not for us' }])
})

test("aborts the handler's signal with an error, and gives the job back when it heeds it", async () => {
  const { run } = pipeline(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  const job = new HeldJob()
  const running = run(job)
  job.abort('drain')
  expect(await running).toEqual({ kind: 'returned' })
})

test('gives back a job whose handler ignores its signal, and refuses what that handler still does', async () => {
  let ctxLater: Context | undefined
  const { run, giveUp, posted, lines } = pipeline((ctx) => {
    ctxLater = ctx
    return never()
  })
  const job = new HeldJob()
  const running = run(job)
  job.abort('drain')
  giveUp.abort()
  expect(await running).toEqual({ kind: 'returned' })
  expect(lines).toMatchObject([{ level: 'warn' }])
  await expect(ctxLater?.reply('from beyond')).rejects.toMatchObject({ code: 'job-ended' })
  expect(posted).toEqual([])
})

test('lets the next event of the conversation start when asked', async () => {
  const { run } = pipeline((ctx) => ctx.leaveLane())
  const job = new HeldJob()
  await run(job)
  expect(job.left).toBe(true)
})

test('a missing token names its variable, and the job waits for it', async () => {
  const { run } = pipeline((ctx) => ctx.slack.auth.test())
  expect(await run(new HeldJob({ attempt: 3 }))).toMatchObject({
    kind: 'retry',
    delayMs: 22_500,
    reason: expect.stringContaining('no slack token for connection acme: set SLACK_BOT_TOKEN'),
  })
})

test.each(['', 'x'.repeat(201), 7, undefined])('refuses a step without a usable name', async (name) => {
  const { run } = pipeline((ctx) => ctx.step(name as string, () => 1))
  expect(await run(new HeldJob())).toMatchObject({ kind: 'dead', reason: expect.stringContaining('name') })
})

test('a step inside of a step is remembered by itself', async () => {
  const ran: string[] = []
  const { run } = pipeline((ctx) =>
    ctx.step('outer', async () => {
      ran.push('outer')
      await ctx.step('inner', () => void ran.push('inner'))
      if (ran.length < 3) throw new Error('between')
    }),
  )
  const job = new HeldJob()
  expect(await run(job)).toMatchObject({ kind: 'retry' })
  const second = job.again(2)
  expect(await run(second)).toEqual({ kind: 'completed' })
  expect(ran).toEqual(['outer', 'inner', 'outer'])
  expect(second.recorded.get('step:inner')).toBe('{"in":"step:outer"}')
})

test('a step that failed may be tried again with the steps inside of it', async () => {
  const { run } = pipeline(async (ctx) => {
    const outer = (fails: boolean) =>
      ctx.step('outer', async () => {
        await ctx.step('inner', () => 1)
        if (fails) throw new Error('first')
        return 2
      })
    await outer(true).catch(() => {})
    expect(await outer(false)).toBe(2)
  })
  expect(await run(new HeldJob())).toEqual({ kind: 'completed' })
})

test('tells of steps that this version does without, and of none inside of a step that need not run', async () => {
  const { run, lines } = pipeline((ctx) => ctx.step('outer', () => {}))
  const steps = new Map([
    ['step:outer', '{}'],
    ['step:inner', '{"in":"step:outer"}'],
    ['step:old name', '{"result":1}'],
    ['begun/reply#1', '{"at":1}'],
    ['wait#1', '{}'],
  ])
  expect(await run(new HeldJob({ steps }))).toEqual({ kind: 'completed' })
  expect(lines).toMatchObject([{ level: 'warn', facts: { steps: ['step:old name'], count: 1 } }])
})

test('a handler logs a sentence, facts and a sentence, or an error, with its job on every line', async () => {
  const { run, lines } = pipeline((ctx) => {
    ctx.log.info('a sentence')
    ctx.log.child({ part: 1 }).warn({ page: 2 }, 'with facts')
    ctx.log.error(new Error('an error'))
  })
  await run(new HeldJob())
  expect(lines).toMatchObject([
    { level: 'info', facts: { type: 'slack.message' }, message: 'a sentence' },
    { level: 'warn', facts: { type: 'slack.message', part: 1, page: 2 }, message: 'with facts' },
    { level: 'error', message: 'an error' },
  ])
})

test('tells of what is asked for after the handler has ended, which nobody may await', async () => {
  let later: (() => void) | undefined
  const { run, lines, posted } = pipeline((ctx) => {
    later = () => void ctx.reply('too late')
  })
  expect(await run(new HeldJob())).toEqual({ kind: 'completed' })
  later?.()
  expect(lines).toMatchObject([{ level: 'warn', facts: { step: 'reply#1' } }])
  expect(posted).toEqual([])
})

test('a job remembers so many steps and no more', async () => {
  const { run } = pipeline((ctx) => ctx.step('one more', () => {}))
  const steps = new Map(Array.from({ length: 1_000 }, (_, number) => [`step:${number}`, '{}']))
  expect(await run(new HeldJob({ steps }))).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining('this job remembers 1000 steps already'),
  })
})

test('a job remembers so much and no more, and replaces what a checkpoint held', async () => {
  const { run } = pipeline(async (ctx) => {
    const cursor = ctx.checkpoint<string>('c')
    for (let turn = 0; turn < 40; turn += 1) await cursor.set('x'.repeat(200_000))
    for (let turn = 0; turn < 40; turn += 1) await ctx.step(`s${turn}`, () => 'x'.repeat(200_000))
  })
  const job = new HeldJob()
  expect(await run(job)).toMatchObject({
    kind: 'dead',
    reason: expect.stringContaining("step:s19 can't be remembered: this job remembers 4194304 bytes"),
  })
})
