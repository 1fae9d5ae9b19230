import { describe, expect, it } from 'vitest'
import { makeSlackWorkspace } from '../src/index.ts'
import { setStage } from './stage.ts'
import type { Frame } from './wire.ts'

/** Two bots; the second channel is the second bot's alone. */
async function withOwnChannels() {
  const workspace = makeSlackWorkspace({ channels: 4 })
  const [, other = { userId: '' }] = workspace.bots
  const channels = workspace.channels.map((channel, index) =>
    index === 1 ? { ...channel, members: [other.userId] } : channel,
  )
  const stage = await setStage({ slack: { workspaces: [{ ...workspace, channels }] } })
  const names = async (args: Frame = {}, token?: string) =>
    ((await stage.slack('users.conversations', args, token)).channels as Frame[]).map(({ name }) => name)
  return { ...stage, names, otherToken: stage.at.slack.bots[1]?.token ?? '' }
}

describe('Web API: users.conversations', () => {
  it('lists the channels that the bot is in, each bot its own', async () => {
    const { names, otherToken } = await withOwnChannels()
    expect(await names()).toEqual(['general', 'reef-3', 'reef-4'])
    expect(await names({}, otherToken)).toEqual(['general', 'reef-2', 'reef-3', 'reef-4'])
  })

  it('comes in pages that a cursor goes through', async () => {
    const { slack } = await withOwnChannels()
    const first = await slack('users.conversations', { limit: 2 })
    expect(first.channels).toHaveLength(2)
    const { next_cursor: cursor } = first.response_metadata as Frame
    const second = await slack('users.conversations', { limit: 2, cursor })
    expect(second).toMatchObject({ channels: [{ name: 'reef-4' }], response_metadata: { next_cursor: '' } })
    expect(await slack('users.conversations', { cursor: 'nonsense' })).toMatchObject({
      error: 'invalid_cursor',
    })
  })

  it('lists the kinds that are asked for, and refuses those that there are not', async () => {
    const { names, slack } = await withOwnChannels()
    expect(await names({ types: 'im, public_channel' })).toHaveLength(3)
    expect(await names({ types: 'im,mpim,private_channel' })).toEqual([])
    expect(await slack('users.conversations', { types: 'dm' })).toMatchObject({ error: 'invalid_types' })
  })

  it('is limited as Tier 3 is', async () => {
    const { slack } = await setStage({ slack: { limits: { listing: { count: 2, perMs: 60_000 } } } })
    await slack('users.conversations')
    await slack('users.conversations')
    expect(await slack('users.conversations')).toMatchObject({ ok: false, error: 'ratelimited' })
    expect(await slack('conversations.list')).toMatchObject({ ok: true })
  })
})

describe('the fault refuse-requests', () => {
  it('answers with an error word of Slack, as often as asked, and that method alone', async () => {
    const { simulator, slack, slackChannel: channel } = await setStage()
    simulator.fault({
      fault: 'refuse-requests',
      platform: 'slack',
      error: 'missing_scope',
      method: 'conversations.history',
    })
    expect(await slack('users.conversations')).toMatchObject({ ok: true })
    const history = () => slack('conversations.history', { channel })
    expect(await history()).toEqual({ ok: false, error: 'missing_scope' })
    expect(await history()).toMatchObject({ ok: true })
  })
})
