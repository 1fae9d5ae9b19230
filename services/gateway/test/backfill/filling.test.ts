import type { Gap } from '@holdfast/events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DiscordHistory } from '../../src/backfill/discord-history.ts'
import type { History } from '../../src/backfill/history.ts'
import { SlackHistory } from '../../src/backfill/slack-history.ts'
import { BackfillWorld, type BackfillWorldOptions, type Fate, type Queued, UNIT } from './backfill-world.ts'
import { DiscordPast, type Past, type Said, SlackPast } from './past.ts'

const NOW_AT = Date.UTC(2026, 0, 1, 12)
const MINUTE_MS = 60_000
const MARGIN_MS = 10_000

const gap: Gap = {
  platform: 'slack',
  connection: UNIT,
  bot: 'A1',
  workspace: 'T1',
  from: NOW_AT - 10 * MINUTE_MS,
  to: NOW_AT - 5 * MINUTE_MS,
  why: 'rtm-disconnected',
  receivedAt: NOW_AT,
}

interface Platform {
  readonly name: string
  readonly gap: Gap
  past(said: readonly Said[], pageCount: number): Past
  history(fetch: typeof globalThis.fetch): History
  /** What tells a message from others, in its event. */
  nameIn(event: Queued): unknown
}

const PLATFORMS: readonly Platform[] = [
  {
    name: 'Slack',
    gap,
    past: (said, pageCount) => new SlackPast(said, pageCount),
    history: (fetch) =>
      new SlackHistory({
        apiUrl: 'https://slack/api/',
        token: 'x',
        connection: UNIT,
        transport: 'rtm',
        fetch,
      }),
    nameIn: ({ data }) => data.ts,
  },
  {
    name: 'Discord',
    gap: { ...gap, platform: 'discord', shard: 0, workspace: undefined, why: 'session-lost' },
    past: (said) => new DiscordPast(said),
    history: (fetch) =>
      new DiscordHistory({
        ...{ apiUrl: 'https://discord/api/', token: 'x', connection: UNIT, fetch },
        ...{ shard: [0, 2], intents: 1 << 9 },
      }),
    nameIn: ({ data }) => data.id,
  },
]

/** What was said before, in and after the gap, in some channels. */
const conversations = fc
  .array(
    fc.record({
      channel: fc.constantFrom('C1', 'C2', 'C3', 'C4'),
      at: fc.integer({ min: gap.from - 2 * MINUTE_MS, max: gap.to + MINUTE_MS }),
      // On Slack an answer in the thread of one of the last ten in the channel.
      answers: fc.option(fc.nat(9), { nil: undefined, freq: 3 }),
    }),
    { minLength: 1, maxLength: 260 },
  )
  .map((list) => {
    const said: Said[] = []
    for (const { answers, ...each } of list.toSorted((one, other) => one.at - other.at)) {
      const firsts = said.filter(({ channel, thread }) => channel === each.channel && thread === undefined)
      const thread = answers === undefined ? undefined : firsts.at(-1 - answers)?.n
      said.push({ ...each, n: said.length + 1, ...(thread === undefined ? {} : { thread }) })
    }
    return said
  })
const fates = (deaths: number) =>
  fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant<Fate>('answered') },
      { weight: deaths, arbitrary: fc.constant<Fate>('death') },
      { weight: 1, arbitrary: fc.constantFrom<Fate>('cut', 'failed', 'limited') },
    ),
    { maxLength: 60 },
  )

const isIn = ({ at }: Said, { from, to }: Gap, margin = 0) => at >= from - margin && at <= to + margin

/** In every conversation the messages stand in the order in which they were written. */
function expectAscending(platform: Platform, events: readonly Queued[]): void {
  for (const subject of new Set(events.map((event) => event.subject))) {
    const names = events
      .filter((event) => event.subject === subject)
      .map((event) => String(platform.nameIn(event)))
    expect(names).toEqual(names.toSorted((one, other) => one.length - other.length || (one < other ? -1 : 1)))
  }
}

function open(
  platform: Platform,
  said: readonly Said[],
  more: Partial<BackfillWorldOptions> = {},
  pageCount = 100,
) {
  return new BackfillWorld({
    past: platform.past(said, pageCount),
    history: platform.history,
    ...more,
  })
}

describe.each(PLATFORMS)('filling in a gap of $name', (platform) => {
  const one = (at: number, channel = 'C1', n = 1): Said => ({ channel, at, n })

  test('brings every message of it once and in order, whatever the pages, the failures and the deaths', async () => {
    await fc.assert(
      fc.asyncProperty(
        conversations,
        fates(1),
        fc.integer({ min: 1, max: 120 }),
        async (said, fate, pageCount) => {
          const world = open(
            platform,
            said,
            { fates: fate, bounds: { maxRequests: 5_000, maxTimeMs: 86_400_000 } },
            pageCount,
          )
          await world.fillIn(platform.gap)
          const past = platform.past(said, pageCount)
          const names = new Set(world.messages().map((event) => platform.nameIn(event)))
          const missing = said.filter((each) => isIn(each, platform.gap) && !names.has(past.nameOf(each)))
          const beyond = said.filter(
            (each) => !isIn(each, platform.gap, MARGIN_MS) && names.has(past.nameOf(each)),
          )
          expect({ missing, beyond }).toEqual({ missing: [], beyond: [] })
          expectAscending(platform, world.messages())
          expect(world.messages().every(({ delivery }) => delivery === 'backfill')).toBe(true)
          expect(world.gaps()).toEqual([])
          expect(world.counts.fenced).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)

  test('makes no more requests than it may, deaths included, and says when that was not enough', async () => {
    await fc.assert(
      fc.asyncProperty(
        conversations,
        fates(2),
        fc.integer({ min: 1, max: 25 }),
        async (said, fate, maxRequests) => {
          const world = open(platform, said, { fates: fate, bounds: { maxRequests } }, 20)
          await world.fillIn(platform.gap)
          expect(world.requests.length).toBeLessThanOrEqual(maxRequests)
          const past = platform.past(said, 20)
          const names = new Set(world.messages().map((event) => platform.nameIn(event)))
          const isMissing = said.some((each) => isIn(each, platform.gap) && !names.has(past.nameOf(each)))
          if (isMissing)
            expect(world.gaps()).toMatchObject([{ data: { why: 'backfill-incomplete', recoverable: [] } }])
          expectAscending(platform, world.messages())
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)

  test('publishes no more messages than it may, and tells what it left out', async () => {
    const said = Array.from({ length: 250 }, (_, n) => one(gap.from + n * 1_000, n % 2 ? 'C1' : 'C2', n + 1))
    const world = open(platform, said, { bounds: { maxMessages: 120 } })
    await world.fillIn(platform.gap)
    expect(world.messages()).toHaveLength(120)
    expect(world.gaps()).toMatchObject([
      {
        data: {
          why: 'backfill-incomplete',
          recoverable: [],
          notRecoverable: expect.arrayContaining(['messages']),
        },
      },
    ])
    expect(world.gaps()[0]?.data).toMatchObject({
      from: new Date(gap.from).toISOString(),
      conversationCount: expect.any(Number),
    })
    expect(world.lines.at(-1)).toMatchObject({ level: 'warn', fields: { messageCount: 120 } })
  })

  test('asks for nothing where nobody wants messages, and owes nothing any more', async () => {
    const world = open(platform, [one(gap.from + 1)])
    world.isWanted = false
    await world.fillIn(platform.gap)
    expect([world.requests, world.queued]).toEqual([[], []])
  })

  test('fills in no gap twice, also where it is announced again', async () => {
    const world = open(platform, [one(gap.from + 1)])
    await world.fillIn(platform.gap)
    const requestCount = world.requests.length
    await world.fillIn(platform.gap)
    expect(requestCount).toBeGreaterThan(0)
    expect(world.requests).toHaveLength(requestCount)
  })

  test('reads nothing that is older than 55 minutes, and tells up to when it did not', async () => {
    const old = { ...platform.gap, from: NOW_AT - 90 * MINUTE_MS, to: NOW_AT - 30 * MINUTE_MS }
    const said = [one(NOW_AT - 80 * MINUTE_MS, 'C1', 1), one(NOW_AT - 40 * MINUTE_MS, 'C1', 2)]
    const world = open(platform, said)
    await world.fillIn(old)
    expect(world.messages()).toHaveLength(1)
    const [told] = world.gaps()
    expect(told?.data).toMatchObject({ why: 'backfill-incomplete', from: new Date(old.from).toISOString() })
    const upTo = Date.parse(String(told?.data.to))
    expect(upTo).toBeGreaterThanOrEqual(NOW_AT - 55 * MINUTE_MS)
    expect(upTo).toBeLessThan(NOW_AT - 40 * MINUTE_MS)
    expect(told?.data).not.toHaveProperty('conversationCount')
  })

  test('of a gap that is too old asks for nothing and tells all of it', async () => {
    const old = { ...platform.gap, from: NOW_AT - 90 * MINUTE_MS, to: NOW_AT - 70 * MINUTE_MS }
    const world = open(platform, [one(NOW_AT - 80 * MINUTE_MS)])
    await world.fillIn(old)
    expect(world.requests).toEqual([])
    expect(world.gaps()).toMatchObject([{ data: { to: new Date(old.to).toISOString() } }])
  })

  test('stays owed while it is paused, and goes on with the next who serves', async () => {
    const said = Array.from({ length: 150 }, (_, n) => one(gap.from + n * 1_000, 'C1', n + 1))
    const world = open(platform, said)
    world.confirms = false
    const filler = await world.start()
    const fence = await world.book.fence(UNIT)
    await filler.pause()
    filler.serve(fence)
    await filler.owe(platform.gap, { unit: UNIT, fence, onFenced: () => {} })
    await world.clock.until(() => world.queued.length > 0)
    await filler.close()
    expect(await world.book.owed(UNIT)).toHaveLength(1)
    expect(world.counts.owed).toBe(0)
    world.confirms = true
    await world.start()
    await world.settle()
    expect(world.messages()).toHaveLength(150)
    expectAscending(platform, world.messages())
  })

  test('lets go of the unit where another has it by now', async () => {
    const world = open(platform, [one(gap.from + 1)])
    const filler = await world.start()
    const older = await world.book.fence(UNIT)
    await filler.pause()
    filler.serve(older)
    await filler.owe(platform.gap, { unit: UNIT, fence: older, onFenced: () => {} })
    await world.book.fence(UNIT)
    await world.clock.until(() => world.counts.fenced > 0)
    await filler.close()
    expect(await world.book.owed(UNIT)).toHaveLength(1)
    expect(world.requests).toEqual([])
  })

  test('publishes nothing while there is no room, and goes on when there is', async () => {
    const watchers = new Set<(full: boolean) => void>()
    const room = {
      full: true,
      watch(onChange: (full: boolean) => void) {
        watchers.add(onChange)
        return () => void watchers.delete(onChange)
      },
    }
    const world = open(platform, [one(gap.from + 1), one(gap.from + 2, 'C1', 2)], { room })
    const filling = world.fillIn(platform.gap)
    await world.clock.until(() => watchers.size > 0)
    expect(world.messages()).toEqual([])
    room.full = false
    for (const onChange of watchers) onChange(false)
    await filling
    expect(world.messages()).toHaveLength(2)
    expect(watchers.size).toBe(0)
  })

  test('publishes nothing that has become too old to be recognised while it waited, and tells of it', async () => {
    const watchers: ((full: boolean) => void)[] = []
    const room = {
      full: true,
      watch(onChange: (full: boolean) => void) {
        watchers.push(onChange)
        return () => {}
      },
    }
    const world = open(platform, [one(gap.from + 1), one(gap.to - 1, 'C1', 2)], { room })
    const filling = world.fillIn(platform.gap)
    await world.clock.until(() => watchers.length > 0)
    world.clock.leap(48 * MINUTE_MS)
    room.full = false
    watchers[0]?.(false)
    await filling
    expect(world.messages()).toHaveLength(1)
    expect(world.gaps()).toMatchObject([{ data: { why: 'backfill-incomplete' } }])
  })

  test('goes on where Redis has lost what was owed', async () => {
    const said = Array.from({ length: 250 }, (_, n) => one(gap.from + n * 1_000, 'C1', n + 1))
    const world = open(platform, said)
    const fence = { unit: UNIT, fence: 9, onFenced: () => {} }
    const filler = await world.start()
    await filler.pause()
    filler.serve(9)
    await filler.owe(platform.gap, fence)
    const [owed] = await world.book.owed(UNIT)
    await world.book.settle(UNIT, 9, owed?.id ?? '', 0)
    await world.clock.until(() => world.lines.length > 1)
    expect(world.messages()).toHaveLength(250)
    expect(await world.book.owed(UNIT)).toEqual([])
    await filler.close()
  })

  test('waits for a platform that is away, as long as it may, and then tells', async () => {
    const world = open(platform, [one(gap.from + 1)], {
      fates: Array.from({ length: 500 }, () => 'cut' as const),
      bounds: { maxTimeMs: 60_000 },
    })
    await world.fillIn(platform.gap)
    expect(world.requests.length).toBeGreaterThan(3)
    expect(world.requests.length).toBeLessThan(10)
    expect(world.gaps()).toMatchObject([{ data: { why: 'backfill-incomplete' } }])
  })

  test('waits until the gap has ended, which may be announced before', async () => {
    const to = NOW_AT + 40_000
    const world = open(platform, [one(NOW_AT + 30_000)])
    await world.fillIn({ ...platform.gap, from: NOW_AT - 20_000, to })
    expect(world.clock.wallAt()).toBeGreaterThanOrEqual(to)
    expect(world.messages()).toHaveLength(1)
  })

  test('gives a gap up that it fails at, and tells of it, instead of failing at every start', async () => {
    const history = platform.history(fetch)
    history.list = () => Promise.reject(new Error('a fault of ours'))
    const broken = new BackfillWorld({ past: platform.past([], 1), history: () => history })
    await broken.fillIn(platform.gap)
    expect(broken.gaps()).toMatchObject([{ data: { why: 'backfill-incomplete' } }])
    expect(await broken.book.owed(UNIT)).toEqual([])
  })

  test('is shown from the gap on until it is filled in', async () => {
    const world = open(platform, [one(gap.from + 1)])
    const filler = await world.start()
    const fence = await world.book.fence(UNIT)
    await filler.pause()
    await filler.owe(platform.gap, { unit: UNIT, fence, onFenced: () => {} })
    const told = {
      from: new Date(gap.from).toISOString(),
      to: new Date(gap.to).toISOString(),
      why: platform.gap.why,
    }
    const other = { ...told, to: told.from }
    expect(filler.lastGap(told)).toMatchObject({ ...told, backfill: { state: 'owed', messageCount: 0 } })
    expect(world.counts.owed).toBe(1)
    filler.serve(fence)
    await world.settle()
    await world.clock.until(() => world.counts.owed === 0)
    expect(filler.lastGap(told)).toMatchObject({ ...told, backfill: { state: 'done', messageCount: 1 } })
    expect(filler.lastGap(undefined)).toMatchObject(told)
    expect(filler.lastGap(other)).toEqual(other)
    expect(world.counts).toMatchObject({ filled: 1, asked: world.requests.length })
    await filler.close()
  })

  test('leaves no timer behind', async () => {
    const world = open(platform, [one(gap.from + 1)], { fates: ['limited', 'answered', 'failed'] })
    const filler = await world.start()
    await world.fillIn(platform.gap)
    await filler.close()
    expect(world.clock.timerCount).toBe(0)
  })
})

test('a process that dies behind a conversation of which something was left out leaves word of it', async () => {
  const [slack] = PLATFORMS
  if (!slack) throw new Error('there is no platform')
  const said: readonly Said[] = [1, 2, 3].map((n) => ({ n, channel: 'C1', at: gap.from + n * MINUTE_MS }))
  const history = (fetch: typeof globalThis.fetch): History => {
    const whole = slack.history(fetch)
    return {
      ...{ type: whole.type, isHeard: whole.isHeard },
      list: (...asked) => whole.list(...asked),
      // The older ones are too many to be held.
      async read(conversation, stretch, ask) {
        const { messages, end } = await whole.read(conversation, stretch, ask)
        return stretch.after === undefined
          ? { messages: messages.slice(-1), end: 'left-out' }
          : { messages, end }
      },
    }
  }
  const world = new BackfillWorld({ past: slack.past(said, 100), history })
  const note = world.book.note.bind(world.book)
  let deathCount = 0
  world.book.note = async (...words) => {
    const answer = await note(...words)
    if (!words[2].text.includes('"current"') || deathCount++ > 0) return answer
    await world.start()
    return new Promise(() => {})
  }
  await world.fillIn(gap)
  expect(deathCount).toBeGreaterThan(0)
  expect(world.messages().map(({ data }) => data.ts)).toHaveLength(1)
  expect(world.gaps().map(({ data }) => data)).toMatchObject([
    { why: 'backfill-incomplete', conversationCount: 1 },
  ])
})
