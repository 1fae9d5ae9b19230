import type { FakeDiscord } from '../discord/fake-discord.ts'
import type { FakeSlack } from '../slack/fake-slack.ts'
import type { PageBot, PageSocket } from './feed.ts'

/** Every bot with its sockets and the sessions that wait for one, as the page shows them. */
export function pageBots(slack: FakeSlack, discord: FakeDiscord): readonly PageBot[] {
  const onSlack = slack.state().map(({ bot: id, name, sockets }): PageBot => {
    const shown = sockets.map((one) => ({ socket: one.socket, state: stateOf(one), about: one.transport }))
    return { platform: 'slack', id, name, sockets: shown }
  })
  const onDiscord = discord.state().map(({ bot: id, name, sessions }): PageBot => {
    const shown = sessions.map(({ shard: [shard, count], state, ...one }): PageSocket => {
      const about = `shard ${shard} of ${count}`
      if (one.socket === undefined || state !== 'attached') return { state: 'waiting', about }
      return { socket: one.socket, state: stateOf(one), about }
    })
    return { platform: 'discord', id, name, sockets: shown }
  })
  return [...onSlack, ...onDiscord]
}

function stateOf({ frozen, delayed }: { frozen?: boolean; delayed?: boolean }): PageSocket['state'] {
  if (frozen) return 'frozen'
  return delayed ? 'delayed' : 'open'
}
