import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RtmCommands, type RtmOutcome } from '../../src/drivers/rtm-commands.ts'

let clock: ManualClock
let serving: number | undefined
let sent: { frame: Record<string, unknown>; generation: number }[]
let commands: RtmCommands

beforeEach(() => {
  clock = new ManualClock()
  serving = 1
  sent = []
  commands = new RtmCommands({
    clock,
    socket: () => serving,
    send: (text, generation) => sent.push({ frame: JSON.parse(text), generation }),
  })
})

afterEach(() => {
  commands.stop()
  expect(clock.timerCount, 'timers left').toBe(0)
})

const say = (text: string) => commands.run({ kind: 'message', channel: 'C1', text })

/** The id of the last frame that was sent. */
const lastId = () => Number(sent.at(-1)?.frame.id)

const reply = (id: number, answer: { ok: boolean; ts?: string; error?: string }) =>
  commands.replied({ kind: 'reply', replyTo: id, ...answer })

describe('a command over RTM', () => {
  it('is sent on the socket that serves, and done when Slack has answered', async () => {
    const outcome = commands.run({ kind: 'message', channel: 'C1', text: 'hi', threadTs: '1.2' })
    const frame = { id: lastId(), type: 'message', channel: 'C1', text: 'hi', thread_ts: '1.2' }
    expect(sent).toEqual([{ frame, generation: 1 }])
    reply(lastId(), { ok: true, ts: '3.4' })
    expect(await outcome).toEqual({ kind: 'done', ts: '3.4' })
  })

  it('gets the answer that names it, in whatever order answers come', async () => {
    const [first, second] = [say('one'), say('two')]
    const [firstId, secondId] = sent.map(({ frame }) => Number(frame.id))
    reply(secondId as number, { ok: false, error: 'message text is missing' })
    reply(firstId as number, { ok: true, ts: '1' })
    expect(await Promise.all([first, second])).toEqual([
      { kind: 'done', ts: '1' },
      { kind: 'refused', error: 'message text is missing' },
    ])
  })

  it('has an id of its own on every socket, far from those of pings', () => {
    void say('one')
    const before = lastId()
    serving = 2
    void say('two')
    expect(before).toBeGreaterThan(100_000)
    expect(lastId()).toBeGreaterThan(before)
  })

  it('of a kind that Slack answers nothing to is over once it is written', async () => {
    expect(await commands.run({ kind: 'typing', channel: 'C1' })).toEqual({ kind: 'sent' })
    expect(sent[0]?.frame).toMatchObject({ type: 'typing', channel: 'C1' })
  })

  it('is not sent without a socket', async () => {
    serving = undefined
    expect(await say('hi')).toEqual({ kind: 'notSent', why: 'no socket is open' })
  })

  it.each([
    [16_384, 1],
    [16_385, 0],
  ])(
    'whose frame has %i bytes is written %i times: Slack drops a socket above 16 KB',
    async (bytes, times) => {
      const emptyBytes = JSON.stringify({ id: 1_000_000, type: 'message', channel: 'C1', text: '' }).length
      const outcome = say(`é${'x'.repeat(bytes - emptyBytes - 2)}`)
      expect(sent).toHaveLength(times)
      if (times === 0) expect(await outcome).toMatchObject({ kind: 'notSent' })
    },
  )

  it('is unknown when its socket goes before the answer, and only then', async () => {
    const outcomes: RtmOutcome[] = []
    void say('on the old one').then((outcome) => outcomes.push(outcome))
    serving = 2
    const onNext = say('on the next one')
    commands.closed(1)
    await new Promise(setImmediate)
    expect(outcomes).toMatchObject([{ kind: 'unknown' }])
    reply(lastId(), { ok: true, ts: '5' })
    expect(await onNext).toMatchObject({ kind: 'done' })
  })

  it('is unknown when Slack does not answer', async () => {
    const outcome = say('hi')
    clock.advance(30_000)
    expect(await outcome).toMatchObject({ kind: 'unknown' })
  })

  it('is unknown, or not sent, when the connection stops', async () => {
    const outcomes = [1, 2, 3, 4].map((n) => say(String(n)))
    commands.stop()
    const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind)
    expect(kinds).toEqual(['unknown', 'unknown', 'unknown', 'notSent'])
  })
})

describe('many commands', () => {
  it('are written in their order, a few at once and then less than one a second', () => {
    for (let n = 0; n < 6; n++) void say(String(n))
    expect(sent).toHaveLength(3)
    clock.advance(1_249)
    expect(sent).toHaveLength(3)
    clock.advance(1)
    expect(sent).toHaveLength(4)
    clock.advance(2_500)
    expect(sent.map(({ frame }) => frame.text)).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  it('wait up to a bound', async () => {
    for (let n = 0; n < 53; n++) void say(String(n))
    expect(await say('one too many')).toMatchObject({ kind: 'notSent' })
  })

  it('go over to the next socket when it serves', () => {
    for (let n = 0; n < 4; n++) void say(String(n))
    serving = 2
    clock.advance(1_250)
    expect(sent.map(({ generation }) => generation)).toEqual([1, 1, 1, 2])
  })

  it('that wait when the socket goes were certainly not sent', async () => {
    const outcomes = [1, 2, 3, 4].map((n) => say(String(n)))
    serving = undefined
    clock.advance(1_250)
    expect(await outcomes[3]).toMatchObject({ kind: 'notSent' })
  })
})

describe('whose presence is wanted', () => {
  it('is said again on each later socket', () => {
    void commands.run({ kind: 'presence', userIds: ['U1'] })
    void commands.run({ kind: 'presence', userIds: ['U1', 'U2'] })
    serving = 2
    commands.opened()
    expect(sent.at(-1)).toMatchObject({ frame: { type: 'presence_sub', ids: ['U1', 'U2'] }, generation: 2 })
  })

  it('is said once on a socket, however often that is told to serve', () => {
    void commands.run({ kind: 'presence', userIds: ['U1'] })
    serving = 2
    commands.opened()
    const count = sent.length
    commands.opened()
    expect(sent).toHaveLength(count)
  })

  it('is not said where nobody asked for it', () => {
    commands.opened()
    expect(sent).toEqual([])
  })
})
