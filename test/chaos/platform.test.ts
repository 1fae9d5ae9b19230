import type { ChaosStage } from './chaos-stage.ts'
import { SHARD_COUNT } from './connections.ts'
import { scenario } from './scenario.ts'

const BOTH = ['slack', 'discord'] as const

const POST = { slack: 'chat.postMessage', discord: 'POST /channels/:channel/messages' } as const

const cutAll = (stage: ChaosStage) => {
  for (const platform of BOTH) stage.simulator.fault({ fault: 'drop-sockets', platform })
}

scenario({
  name: 'every socket of both platforms is cut at once',
  promise: 'P7',
  tier: 'short',
  allows: { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } },
  stage: { reacts: true },
  run: async (stage) => {
    await stage.harm('every socket cut', () => cutAll(stage))
    await stage.flowing()
  },
})

scenario({
  name: 'the platforms deliver events twice, and lose acknowledgements',
  promise: 'P2',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await stage.harm('events twice', () => {
      for (const platform of BOTH) stage.simulator.fault({ fault: 'duplicate-event', platform, count: 20 })
      stage.simulator.fault({ fault: 'lose-acknowledgements', platform: 'slack', count: 5 })
    })
    await stage.recorded('envelope', ({ what, attempt }) => what === 'acknowledged' && attempt > 0)
    await stage.flowing()
  },
})

scenario({
  name: 'the platforms send frames that no client can use',
  promise: 'P8',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await stage.harm('garbage', () => {
      for (const platform of BOTH) stage.simulator.fault({ fault: 'garbage', platform, count: 12 })
    })
    await stage.flowing()
  },
})

scenario({
  name: 'Slack ends its sockets with a farewell, as it does every few hours',
  promise: 'P6',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await stage.harm('farewells', () => {
      stage.simulator.fault({ fault: 'goodbye', platform: 'slack', forMs: 4_000 })
      stage.simulator.fault({ fault: 'refresh', platform: 'slack', forMs: 4_000 })
    })
    const [rtm, socketMode] = stage.at.slack.bots
    await Promise.all([
      stage.recorded('socket', ({ what, bot }) => what === 'closed' && bot === rtm?.userId),
      stage.recorded('socket', ({ what, bot }) => what === 'closed' && bot === socketMode?.userId),
    ])
    await stage.flowing()
  },
})

scenario({
  name: 'answers to posts are lost on their way, and no post is made twice',
  promise: 'P4',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await stage.harm('answers lost', () => {
      for (const platform of BOTH) stage.simulator.fault({ fault: 'lose-answer', platform, count: 5 })
    })
    await stage.recorded('lost-answer', ({ platform }) => platform === 'slack')
    await stage.recorded('lost-answer', ({ platform }) => platform === 'discord')
    await stage.flowing()
  },
})

scenario({
  name: 'both platforms refuse sockets and posts with 503 for 20 s, after all sockets were cut',
  promise: 'P8',
  tier: 'full',
  allows: { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } },
  run: async (stage) => {
    await stage.harm('503', () => {
      for (const platform of BOTH) {
        stage.simulator.fault({ fault: 'refuse-connects', platform, forMs: 20_000 })
        stage.simulator.fault({
          fault: 'fail-requests',
          platform,
          method: POST[platform],
          status: 503,
          count: 15,
        })
      }
      cutAll(stage)
    })
    await stage.flowing()
  },
})

scenario({
  name: 'Discord asks every shard to reconnect, five times in a row',
  promise: 'P6',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    for (let round = 0; round < 5; round += 1) {
      const since = stage.simulator.record.of('resume').length
      await stage.fault({ fault: 'reconnect', platform: 'discord' })
      await stage.notebook.until(
        () => stage.simulator.record.of('resume').length >= since + SHARD_COUNT,
        'the resume of every shard',
      )
    }
    await stage.flowing()
  },
})

scenario({
  name: 'Discord says that sessions are invalid, but may be resumed',
  promise: 'P6',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await stage.fault({ fault: 'invalid-session', platform: 'discord', resumable: true })
    await stage.recorded('resume', ({ outcome }) => outcome === 'resumed')
    await stage.flowing()
  },
})

scenario({
  name: 'Discord ends the sessions with op 9: new ones are asked for, and a gap is announced',
  promise: 'P7',
  tier: 'full',
  allows: { gaps: { discord: 'must' }, identifies: SHARD_COUNT, offline: { discord: 1 } },
  run: async (stage) => {
    await stage.fault({ fault: 'invalid-session', platform: 'discord', resumable: false })
    await stage.recorded('identify', ({ outcome }) => outcome === 'ready')
    await stage.flowing()
  },
})

scenario({
  name: 'Discord refuses to resume, as after too long an absence: a gap is announced',
  promise: 'P7',
  tier: 'full',
  allows: { gaps: { discord: 'must' }, identifies: SHARD_COUNT, offline: { discord: 1 } },
  run: async (stage) => {
    await stage.harm('sessions expire', () => {
      stage.simulator.fault({ fault: 'drop-sockets', platform: 'discord' })
      stage.simulator.fault({ fault: 'expire-sessions', platform: 'discord' })
    })
    await stage.recorded('identify', ({ outcome }) => outcome === 'ready')
    await stage.flowing()
  },
})

scenario({
  name: 'the sockets of Slack fall silent, and nobody says so',
  promise: 'P7',
  tier: 'full',
  allows: { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } },
  run: async (stage) => {
    await stage.fault({ fault: 'half-open', platform: 'slack' })
    await stage.flowing()
  },
})
