import { describe, expect, it } from 'vitest'
import { identifyOf, setStage } from './stage.ts'
import type { Frame } from './wire.ts'

/** A stage with an identified bot, and what it takes to resume. */
async function online(limits = {}) {
  const stage = await setStage({ discord: { limits } })
  const { wire, ready } = await stage.ready()
  const { simulator, discordChannel: channel } = stage
  const say = (text: string) => simulator.discord.say({ channel, user: '42', text })
  const url = String(ready.resume_gateway_url)
  const resumeOf = (seq: number): Frame => ({
    op: 6,
    d: { token: stage.discordBot.token, session_id: ready.session_id, seq },
  })
  const resume = async (seq: number) => {
    const again = await stage.hello({ url })
    again.send(resumeOf(seq))
    return again
  }
  const detached = () => simulator.record.until((entry) => entry.kind === 'socket' && entry.what === 'closed')
  return { ...stage, wire, ready, say, resume, resumeOf, detached }
}

const contentOf = (frame: Frame) => (frame.d as Frame).content

describe('Discord sessions', () => {
  it('replays what was missed, in order and with its numbers, then RESUMED', async () => {
    const { wire, say, resume, detached } = await online()
    wire.ws.close(4000)
    await detached()
    for (const text of ['a', 'b', 'c']) say(text)
    const again = await resume(2)
    const frames = [await again.next(), await again.next(), await again.next()]
    expect(frames.map((frame) => [frame.s, contentOf(frame)])).toEqual([
      [3, 'a'],
      [4, 'b'],
      [5, 'c'],
    ])
    expect(await again.next()).toMatchObject({ t: 'RESUMED', s: 6 })
    say('live')
    expect(await again.next()).toMatchObject({ s: 7, d: { content: 'live' } })
  })

  it('replays from the sequence given, also what a socket had taken before', async () => {
    const { wire, say, resume } = await online()
    for (const text of ['a', 'b', 'c']) say(text)
    for (const content of ['a', 'b', 'c']) expect(await wire.next()).toMatchObject({ d: { content } })
    wire.ws.terminate()
    const again = await resume(3)
    expect([contentOf(await again.next()), contentOf(await again.next())]).toEqual(['b', 'c'])
    expect(await again.next()).toMatchObject({ t: 'RESUMED' })
  })

  it('records a dispatch without a socket as buffered', async () => {
    const { wire, say, detached } = await online()
    wire.ws.terminate()
    await detached()
    expect(say('kept').deliveredTo[0]).toMatchObject({ sentCount: 0, bufferedCount: 1 })
  })

  it.each([4000, 4900, 3000])(
    'keeps the session when the bot closes with %i: never shown offline',
    async (code) => {
      const { wire, resume, detached, simulator } = await online()
      wire.ws.close(code)
      expect(await detached()).toMatchObject({ by: 'bot', code })
      await (await resume(2)).next({ t: 'RESUMED' })
      expect(simulator.record.of('presence').map(({ status }) => status)).toEqual(['online'])
    },
  )

  it.each([1000, 1001, undefined])(
    'ends the session when the bot closes with %s: shown offline',
    async (code) => {
      const { wire, resume, simulator } = await online()
      const offline = simulator.record.until(
        (entry) => entry.kind === 'presence' && entry.status === 'offline',
      )
      if (code === undefined) wire.ws.close()
      else wire.ws.close(code)
      await offline
      expect(await (await resume(2)).next()).toMatchObject({ op: 9, d: false })
    },
  )

  it('keeps the session for the resume window and no longer', async () => {
    const { wire, resume, say, detached, clock, simulator } = await online()
    wire.ws.terminate()
    await detached()
    clock.advance(44_999)
    expect(simulator.discord.state()[0]?.presence).toBe('online')
    say('lost')
    clock.advance(1)
    const ended = { why: 'resume window over', sequence: 3, lostCount: 1 }
    expect(simulator.record.of('session-end')).toMatchObject([ended])
    expect(simulator.record.of('presence').at(-1)).toMatchObject({ status: 'offline' })
    const again = await resume(2)
    expect(await again.next()).toMatchObject({ op: 9, d: false })
    expect(simulator.record.of('resume')).toMatchObject([{ outcome: 'invalid-session', sequence: 2 }])
  })

  it('answers op 9 when more was missed than the replay buffer keeps, and ends the session', async () => {
    const { wire, resume, say, detached, simulator } = await online({ replayBufferCount: 3 })
    wire.ws.terminate()
    await detached()
    for (const text of ['a', 'b', 'c', 'd']) say(text)
    expect(await (await resume(2)).next()).toMatchObject({ op: 9, d: false })
    expect(simulator.record.of('session-end')).toMatchObject([
      { why: 'replay buffer overflow', lostCount: 4 },
    ])
  })

  it('replays exactly as much as the buffer keeps', async () => {
    const { wire, resume, say, detached } = await online({ replayBufferCount: 3 })
    wire.ws.terminate()
    await detached()
    for (let n = 0; n < 100; n++) say(String(n))
    const again = await resume(99)
    expect(contentOf(await again.next())).toBe('97')
  })

  it('closes a resume from a sequence that was never sent with 4007, and ends the session', async () => {
    const { wire, resume, detached } = await online()
    wire.ws.terminate()
    await detached()
    expect(await (await resume(3)).closed).toBe(4007)
    expect(await (await resume(2)).next()).toMatchObject({ op: 9, d: false })
  })

  it("answers op 9 to a resume of another bot's session", async () => {
    const { hello, at, ready } = await online()
    const wire = await hello()
    wire.send({ op: 6, d: { token: at.discord.bots[1]?.token, session_id: ready.session_id, seq: 1 } })
    expect(await wire.next()).toMatchObject({ op: 9, d: false })
  })

  it('lets a bot identify on the same socket after op 9', async () => {
    const { hello, at } = await online()
    const wire = await hello()
    const token = String(at.discord.bots[1]?.token)
    wire.send({ op: 6, d: { token, session_id: 'gone', seq: 1 } })
    await wire.next({ op: 9 })
    wire.send({ op: 2, d: identifyOf(token) })
    await wire.next({ t: 'READY' })
  })

  it('gives the session to the later of two sockets and closes the former resumably', async () => {
    const { wire, resume, say } = await online()
    const again = await resume(2)
    await again.next({ t: 'RESUMED' })
    expect(await wire.closed).toBe(4000)
    say('once')
    expect(await again.next()).toMatchObject({ d: { content: 'once' } })
  })

  it('is shown online as long as one of several sessions is left', async () => {
    const { wire, hello, discordBot, clock, detached, simulator } = await online()
    clock.advance(5_000)
    const second = await hello()
    second.send({ op: 2, d: identifyOf(discordBot.token) })
    await second.next({ t: 'READY' })
    wire.ws.close(1000)
    await detached()
    expect(simulator.record.of('session-end')).toHaveLength(1)
    expect(simulator.record.of('presence').map(({ status }) => status)).toEqual(['online'])
  })
})
