import type { DiaryLine } from '@holdfast/ledger'
import type { Entry, Fact } from '@holdfast/simulator'
import { describe, expect, test } from 'vitest'
import { problemsOf } from './allowances.ts'
import type { Observed } from './evidence.ts'
import { withoutForgotten } from './forgotten.ts'
import { type Verdict, verdictOf } from './verdict.ts'

const AT = 1_000_000
const BOTS = { rtm: 'U1', socket: 'U2', discord: '9' }
const GUILDS = new Map([['D1', '0']])

/** A run in which three messages were said on each platform, 10 ms apart, and all went well, as it is then spoiled. */
class Run {
  readonly record: Entry[] = []
  readonly diary: DiaryLine[] = []
  readonly killedAt = new Map<number, number>()
  excusesCutOff = false

  constructor() {
    for (const shard of [0, 1])
      this.fact({
        kind: 'identify',
        platform: 'discord',
        bot: '9',
        socket: shard,
        outcome: 'ready',
        session: `s${shard}`,
        shard: [shard, 2],
      })
    for (const number of [1, 2, 3]) this.say(number)
    for (const key of this.keys()) this.handle(key)
  }

  fact(fact: Fact): void {
    const n = this.record.length
    this.record.push({ ...fact, n, at: AT + n * 10 } as Entry)
  }

  say(number: number): void {
    const text = `chaos #${number} ask`
    const to = (bot: string) => ({ bot, sentCount: 1, bufferedCount: 0 })
    const said = { kind: 'event', user: 'P1', text } as const
    this.fact({
      kind: 'envelope',
      platform: 'slack',
      bot: 'U2',
      envelope: `e${number}`,
      type: 'events_api',
      subject: `Ev${number}`,
      attempt: 0,
      what: 'sent',
      socket: 1,
    })
    this.fact({
      ...said,
      platform: 'slack',
      type: 'message',
      channel: 'C1',
      deliveredTo: [to('U1'), to('U2')],
    })
    this.fact({ ...said, platform: 'discord', type: 'MESSAGE_CREATE', channel: 'D1', deliveredTo: [to('9')] })
  }

  keys(): readonly string[] {
    return [1, 2, 3].flatMap((number) => Object.keys(BOTS).map((name) => `${name} chaos #${number} ask`))
  }

  /** Begun, answered and ended, as it should be. */
  handle(key: string): void {
    this.note('begin', key)
    this.answer(key)
    this.note('end', key)
  }

  note(what: 'begin' | 'end', key: string, pid = 1): void {
    const at = AT + 500 + this.diary.length
    this.diary.push(what === 'begin' ? { what, key, pid, at, delivery: 'live' } : { what, key, pid, at })
  }

  answer(key: string): void {
    const [name = 'rtm', ...text] = key.split(' ')
    const [platform, bot] =
      name === 'discord' ? (['discord', '9'] as const) : (['slack', name === 'rtm' ? 'U1' : 'U2'] as const)
    this.fact({
      kind: 'post',
      platform,
      bot,
      method: '',
      channel: '',
      id: '',
      text: `done: ${text.join(' ')}`,
      outcome: 'created',
    })
  }

  /** As if the platform had written this event to nobody. */
  unsend(text: string, bot: string): void {
    this.change(text, (each) => (each.bot === bot ? { ...each, sentCount: 0 } : each))
  }

  change(
    text: string,
    by: (each: { bot: string; sentCount: number; bufferedCount: number }) => {
      bot: string
      sentCount: number
      bufferedCount: number
    },
  ): void {
    for (const [index, entry] of this.record.entries())
      if (entry.kind === 'event' && entry.text === text)
        this.record[index] = { ...entry, deliveredTo: entry.deliveredTo.map(by) }
  }

  forget(key: string): void {
    for (let index = this.diary.length - 1; index >= 0; index -= 1) {
      const line = this.diary[index]
      if (line && line.what !== 'gap' && line.key === key) this.diary.splice(index, 1)
    }
  }

  get verdict(): Verdict {
    const observed: Observed = {
      ...{ record: this.record, diary: this.diary, killedAt: this.killedAt, bots: BOTS, guilds: GUILDS },
      ...{ deadLetters: new Set(), excusesCutOff: this.excusesCutOff, frozen: [], unheard: [] },
    }
    return verdictOf(observed, [])
  }

  problems(allows: Parameters<typeof problemsOf>[1] = {}): readonly string[] {
    return problemsOf(this.verdict, allows)
  }
}

describe('the judge of chaos', () => {
  test('has nothing to say where all went well', () => {
    expect(new Run().problems()).toEqual([])
  })

  test.each(['rtm', 'socket', 'discord'])('sees an event that nobody handled, on %s', (name) => {
    const run = new Run()
    run.forget(`${name} chaos #2 ask`)
    expect(run.problems()).toContain(`${name}: lost: 1, allowed: 0`)
  })

  test.each(['rtm', 'socket', 'discord'])('sees an event that was answered twice, on %s', (name) => {
    const run = new Run()
    run.answer(`${name} chaos #2 ask`)
    expect(run.problems()).toContain(`${name}: repeated: 1, allowed: 0`)
  })

  test.each(['rtm', 'socket', 'discord'])(
    'sees an event that was handled to the end twice, on %s',
    (name) => {
      const run = new Run()
      for (const what of ['begin', 'end'] as const) run.note(what, `${name} chaos #3 ask`, 2)
      expect(run.problems()).toContain(`${name}: repeated: 1, allowed: 0`)
    },
  )

  test('excuses an end that was not recorded any more, as its process was killed', () => {
    const run = new Run()
    for (const what of ['begin', 'end'] as const) run.note(what, 'rtm chaos #3 ask', 2)
    run.killedAt.set(1, AT + 520)
    expect(run.problems()).toEqual([])
  })

  test.each(['rtm', 'socket', 'discord'])(
    'sees an event that overtook an earlier one of its channel, on %s',
    (name) => {
      const run = new Run()
      const late = `${name} chaos #1 ask`
      run.forget(late)
      for (const what of ['begin', 'end'] as const) run.note(what, late)
      expect(run.problems()).toContain(`${name}: reordered: 2, allowed: 0`)
    },
  )

  test('asks for no order where Slack had to deliver again', () => {
    const run = new Run()
    const late = 'socket chaos #1 ask'
    run.forget(late)
    for (const what of ['begin', 'end'] as const) run.note(what, late)
    run.fact({
      kind: 'envelope',
      platform: 'slack',
      bot: 'U2',
      envelope: 'again',
      type: 'events_api',
      subject: 'Ev1',
      attempt: 1,
      what: 'sent',
    })
    expect(run.problems()).toEqual([])
    expect(run.verdict.connections.socket.unordered).toBe(1)
  })

  test('excuses nothing without a gap that is announced, though nobody can have read it', () => {
    const run = new Run()
    run.unsend('chaos #2 ask', 'U1')
    run.forget('rtm chaos #2 ask')
    expect(run.problems()).toContain('rtm: lost: 1, allowed: 0')
    run.diary.push({ what: 'gap', connection: 'rtm', fromAt: AT, toAt: AT + 1_000, pid: 1, at: AT + 900 })
    expect(run.problems({ gaps: { rtm: 'must' } })).toContain('rtm: not filled in: 1, allowed: 0')
    expect(run.problems({ gaps: { rtm: 'must' }, unfilled: 'may' })).toEqual([])
    expect(run.verdict.connections.rtm.unfilled).toBe(1)
  })

  test('tells what RTM kept for an address that was used from what it kept for one that was not', () => {
    const run = new Run()
    const ticket = (what: 'issued' | 'used') =>
      run.fact({ kind: 'ticket', platform: 'slack', bot: 'U1', what, bufferedCount: 0 })
    const sayKept = (number: number) => {
      run.say(number)
      run.change(`chaos #${number} ask`, (each) =>
        each.bot === 'U1' ? { ...each, sentCount: 0, bufferedCount: 1 } : each,
      )
      for (const name of ['socket', 'discord']) run.handle(`${name} chaos #${number} ask`)
    }
    ticket('issued')
    sayKept(4)
    ticket('issued')
    sayKept(5)
    ticket('used')
    run.diary.push({ what: 'gap', connection: 'rtm', fromAt: AT, toAt: AT + 9_000, pid: 1, at: AT + 9_000 })
    expect(run.problems({ gaps: { rtm: 'must' } })).toEqual(
      expect.arrayContaining(['rtm: lost: 1, allowed: 0', 'rtm: lost: rtm chaos #5 ask of rtm C1']),
    )
    expect(run.verdict.connections.rtm.unfilled).toBe(1)
  })

  test('lets no gap that is to be filled in excuse a message, but a reaction, which no history holds', () => {
    const run = new Run()
    run.unsend('chaos #2 ask', 'U1')
    run.forget('rtm chaos #2 ask')
    const nobody = [{ bot: 'U1', sentCount: 0, bufferedCount: 0 }]
    const about = { kind: 'event', platform: 'slack', type: 'reaction_added', channel: 'C1' } as const
    run.fact({ ...about, user: 'P1', name: 'wave', message: '1.5', deliveredTo: nobody })
    const gap = {
      what: 'gap',
      connection: 'rtm',
      fromAt: AT,
      toAt: AT + 1_000,
      pid: 1,
      at: AT + 900,
    } as const
    run.diary.push({ ...gap, fills: true })
    expect(run.problems({ gaps: { rtm: 'must' } })).toContain('rtm: lost: 1, allowed: 0')
    expect(run.verdict.connections.rtm).toMatchObject({ notRecoverable: 1, unfilled: 0, backfilled: 0 })
    const key = 'rtm chaos #2 ask'
    run.diary.push({ what: 'begin', key, pid: 1, at: AT + 950, delivery: 'backfill' })
    run.note('end', key)
    expect(run.problems({ gaps: { rtm: 'must' } })).toEqual([])
    expect(run.verdict.connections.rtm).toMatchObject({ notRecoverable: 1, backfilled: 1, handled: 3 })
  })

  test('lets no gap excuse what a socket was given', () => {
    const run = new Run()
    run.forget('rtm chaos #2 ask')
    run.diary.push({ what: 'gap', connection: 'rtm', fromAt: AT, toAt: AT + 1_000, pid: 1, at: AT + 900 })
    expect(run.problems({ gaps: { rtm: 'must' } })).toContain('rtm: lost: 1, allowed: 0')
  })

  test('takes a run that Redis forgot for none, and judges the one after it', () => {
    const run = new Run()
    const forgotten = [{ fromAt: AT, toAt: AT + 2_000 }]
    for (const line of [...run.diary])
      if (line.what !== 'gap') run.diary.push({ ...line, at: line.at + 5_000 })
    expect(run.problems()).toContain('rtm: repeated: 3, allowed: 0')
    const kept = withoutForgotten(run.diary, forgotten)
    run.diary.splice(0, run.diary.length, ...kept)
    expect(run.problems()).toEqual([])
    expect(kept.every(({ at }) => at > AT + 2_000)).toBe(true)
    run.note('end', 'rtm chaos #1 ask')
    expect(run.problems()).toContain('rtm: repeated: 1, allowed: 0')
  })

  test('sees a gap that no row allows, and misses one that a row demands', () => {
    const run = new Run()
    expect(run.problems({ gaps: { discord: 'must' } })).toContain('discord: no gap was announced')
    run.diary.push({ what: 'gap', connection: 'discord/1', fromAt: AT, toAt: AT + 1, pid: 1, at: AT + 900 })
    expect(run.problems()).toContain('discord: gaps announced: 1, allowed: 0')
  })

  test('counts identifies and offline moments beyond what a row allows', () => {
    const run = new Run()
    run.fact({
      kind: 'identify',
      platform: 'discord',
      bot: '9',
      socket: 3,
      outcome: 'ready',
      session: 's3',
      shard: [0, 2],
    })
    run.fact({ kind: 'presence', platform: 'slack', bot: 'U1', status: 'offline' })
    expect(run.problems()).toEqual(
      expect.arrayContaining(['identifies: 1, allowed: 0', 'rtm: times offline: 1, allowed: 0']),
    )
    expect(run.problems({ identifies: 1, offline: { rtm: 1 } })).toEqual([])
  })

  test('tells the longest delay, and how long after a harm the first new event was begun', () => {
    const run = new Run()
    const n = run.record.length
    const harm = { what: 'x', n, at: AT + n * 10 }
    run.say(4)
    for (const name of ['rtm', 'socket', 'discord'])
      run.diary.push({
        what: 'begin',
        key: `${name} chaos #4 ask`,
        pid: 1,
        at: harm.at + 2_000,
        delivery: 'live',
      })
    const verdict = verdictOf(
      {
        record: run.record,
        diary: run.diary,
        killedAt: run.killedAt,
        bots: BOTS,
        guilds: GUILDS,
        deadLetters: new Set(),
        excusesCutOff: false,
        ...{ frozen: [], unheard: [] },
      },
      [harm],
    )
    expect(verdict).toMatchObject({
      recoverMs: 2_000,
      caughtUpMs: 2_000,
      connections: { rtm: { longestMs: 1_990 } },
    })
  })
})
