import { scenario } from './scenario.ts'

scenario({
  name: 'every socket of both platforms is cut at once',
  promise: 'P8',
  tier: 'short',
  allows: { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } },
  run: async (stage) => {
    await stage.harm('every socket cut', () => {
      stage.simulator.fault({ fault: 'drop-sockets', platform: 'slack' })
      stage.simulator.fault({ fault: 'drop-sockets', platform: 'discord' })
    })
    await stage.flowing()
  },
})
