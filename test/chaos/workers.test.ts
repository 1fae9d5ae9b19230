import { scenario } from './scenario.ts'

scenario({
  name: 'a worker is killed in the middle of its handlers',
  promise: 'P3',
  tier: 'short',
  allows: {},
  run: async (stage) => {
    await stage.harm('SIGKILL', () => stage.bots.killBusy())
    await stage.flowing()
  },
})
