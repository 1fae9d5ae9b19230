import { expect, test } from 'vitest'
import { type QueuedEvent, textOf } from './queued-events.ts'
import { numbered, Stage } from './stage.ts'

/*
 * A gateway dies while people talk, and on both platforms nothing is repeated to the next: RTM never does, and Discord has ended
 * the sessions. The built gateway fills in what the platforms remember.
 */

const isMessage = ({ type }: QueuedEvent) => /\.(message|MESSAGE_CREATE)$/.test(type)

/** Resolves when no gap is owed any more. */
async function untilFilledIn(stage: Stage, connections: readonly string[]): Promise<void> {
  const state = async () => {
    const owed = await Promise.all(
      connections.map((name) => stage.queued.redis.hlen(`${stage.prefix}:owed:${unitOf(name)}`)),
    )
    const filled = await Promise.all(
      connections.map((name) => stage.queued.redis.zcard(`${stage.prefix}:filled:${unitOf(name)}`)),
    )
    return { owed, filled }
  }
  const all = (count: number) => connections.map(() => count)
  await expect.poll(state, { timeout: 60_000, interval: 100 }).toEqual({ owed: all(0), filled: all(1) })
}

const unitOf = (connection: string) => (connection.startsWith('discord') ? `${connection}/0` : connection)

test('what was said while no gateway ran comes from history, once and in order, and edits and reactions do not', async () => {
  const connections = ['slack-a', 'discord-a'] as const
  const stage = await Stage.open({ connections })
  const { slack, discord } = stage.simulator
  const [channel = '', second = ''] = stage.at.slack.channels.map(({ id }) => id)
  const [room = '', secondRoom = ''] = stage.at.discord.channels.map(({ id }) => id)
  const say = (text: string, thread?: string) =>
    slack.say({ channel, user: 'U1', text, ...(thread === undefined ? {} : { threadTs: thread }) }).ts
  const killed = await stage.startGateway()
  const thread = say('a thread begins')
  const { message } = discord.say({ channel: room, user: '42', text: 'a thread begins' })
  discord.startThread({ channel: room, user: '42', message: message.id, name: 'tides' })
  await stage.settle('the last before')
  await killed.kill()

  const meanwhile = numbered('meanwhile', 130)
  for (const text of meanwhile) stage.say(text)
  say('in the thread', thread)
  discord.say({ channel: message.id, user: '42', text: 'in the thread' })
  slack.say({ channel: second, user: 'U1', text: 'elsewhere' })
  discord.say({ channel: secondRoom, user: '42', text: 'elsewhere' })
  slack.react(channel, 'U1', thread, 'wave')
  stage.simulator.fault({ fault: 'expire-sessions', platform: 'discord' })

  const next = await stage.startGateway()
  await stage.settle('the first after')
  await untilFilledIn(stage, connections)

  for (const connection of connections) {
    const events = await stage.queued.of('all', connection)
    const messages = events.filter(isMessage)
    const filled = messages.filter(({ delivery }) => delivery === 'backfill')
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    expect(messages.map(textOf).toSorted()).toEqual(
      [
        'a thread begins',
        'the last before',
        ...meanwhile,
        'in the thread',
        'elsewhere',
        'the first after',
      ].toSorted(),
    )
    const texts = filled.map(textOf)
    expect(texts.filter((text) => meanwhile.includes(String(text)))).toEqual(meanwhile)
    expect(texts).toEqual(expect.arrayContaining(['in the thread', 'elsewhere']))
    expect(events.filter(({ type }) => type === 'slack.reaction_added')).toEqual([])
    const gaps = events.filter(({ type }) => type === 'holdfast.gap')
    expect(gaps).toMatchObject([
      {
        data: {
          recoverable: ['messages'],
          notRecoverable: ['edits', 'deletes', 'reactions', 'joins', 'interactions', 'other'],
        },
      },
    ])
  }
  const shown = JSON.parse((await next.get('/v1/connections')).text).connections
  expect(shown).toMatchObject([
    { unit: 'slack-a', lastGap: { why: 'rtm-disconnected', backfill: { state: 'done' } } },
    { unit: 'discord-a/0', lastGap: { why: 'session-lost', backfill: { state: 'done' } } },
  ])
  expect(await next.count('holdfast_backfill_owed')).toBe(0)
  expect(await next.count('holdfast_backfill_messages_total')).toBeGreaterThanOrEqual(2 * 132)
  expect(next.linesAt('error')).toEqual([])
})
