import { join } from 'node:path'
import type { ChaosStage } from './chaos-stage.ts'
import { botsOf } from './connections.ts'
import { scenario } from './scenario.ts'
import { WallClock } from './wall-clock.ts'

/*
 * What a host does to its processes: a wall clock that is set. Time that passes is not in it, so nothing may follow from it.
 */

const HOUR_MS = 3_600_000

/** At the hour at which everybody else is. */
const clockOf = ({ folder }: ChaosStage, whose: 'gateway' | 'workers' | 'host') =>
  new WallClock(join(folder, `clock-of-${whose}`))

/** An hour ahead of the others, and an hour behind them; after each jump comes `next`. */
async function jumpAbout(
  stage: ChaosStage,
  clock: WallClock,
  pids: readonly number[],
  next: () => Promise<void>,
): Promise<void> {
  for (const ms of [HOUR_MS, 0, -HOUR_MS]) {
    await stage.harm(`the clock jumps to ${ms} ms`, () => clock.shift(ms, pids))
    await next()
  }
}

/** Long enough to have more answers than Discord takes in a second. */
const WHILE_COUNT = 600

/** Every socket is renewed, as the platforms ask for it. */
async function renewSockets(stage: ChaosStage): Promise<void> {
  const since = stage.simulator.record.end
  await stage.harm('sockets are renewed', () => {
    stage.simulator.fault({ fault: 'goodbye', platform: 'slack', forMs: 4_000 })
    stage.simulator.fault({ fault: 'refresh', platform: 'slack', forMs: 4_000 })
    stage.simulator.fault({ fault: 'reconnect', platform: 'discord' })
  })
  const bots = new Set(Object.values(botsOf(stage.at)))
  await stage.notebook.until(() => {
    const closed = stage.simulator.record.of('socket', since).filter(({ what }) => what === 'closed')
    return new Set(closed.map(({ bot }) => bot)).size >= bots.size
  }, 'the end of a socket of each bot')
  await stage.flowing()
}

const gatewaysOf = ({ running }: ChaosStage) => running.map(({ pid }) => pid)
const workersOf = ({ bots }: ChaosStage) => bots.running.map(({ pid }) => pid)

scenario({
  name: 'the wall clock of the gateway jumps by an hour, ahead and back',
  promise: 'P7',
  tier: 'short',
  allows: {},
  begin: (stage) => stage.startGateway({ replicaId: 'gateway-1', env: clockOf(stage, 'gateway').env }),
  run: (stage) => jumpAbout(stage, clockOf(stage, 'gateway'), gatewaysOf(stage), () => stage.flowing()),
})

scenario({
  name: 'the wall clock of the gateway jumps by an hour, and each time every socket is renewed',
  promise: 'P7',
  tier: 'full',
  allows: {},
  begin: (stage) => stage.startGateway({ replicaId: 'gateway-1', env: clockOf(stage, 'gateway').env }),
  run: (stage) => jumpAbout(stage, clockOf(stage, 'gateway'), gatewaysOf(stage), () => renewSockets(stage)),
})

scenario({
  name: 'the wall clock of the gateway jumps by an hour, and each time Socket Mode and Discord are cut off: neither has a gap',
  promise: 'P7',
  tier: 'full',
  allows: { offline: { socket: 3 } },
  begin: (stage) => stage.startGateway({ replicaId: 'gateway-1', env: clockOf(stage, 'gateway').env }),
  run: (stage) =>
    jumpAbout(stage, clockOf(stage, 'gateway'), gatewaysOf(stage), async () => {
      const { socket, discord } = botsOf(stage.at)
      await stage.harm('sockets are cut', () => {
        stage.simulator.fault({ fault: 'drop-sockets', platform: 'slack', bot: socket })
        stage.simulator.fault({ fault: 'drop-sockets', platform: 'discord', bot: discord })
      })
      await stage.flowing()
    }),
})

scenario({
  name: 'the wall clock of the workers jumps by an hour, ahead and back',
  promise: 'P3',
  tier: 'full',
  allows: {},
  workers: 0,
  begin: (stage) =>
    Promise.all([
      stage.startGateway({ replicaId: 'gateway-1' }),
      stage.bots.hire(2, clockOf(stage, 'workers').env),
    ]),
  run: (stage) =>
    jumpAbout(stage, clockOf(stage, 'workers'), workersOf(stage), () => stage.handled(WHILE_COUNT)),
})

scenario({
  name: 'the wall clock of a whole host jumps back by an hour, and a worker dies in the middle of its handlers',
  promise: 'P3',
  tier: 'full',
  allows: {},
  workers: 0,
  begin: (stage) => {
    const { env } = clockOf(stage, 'host')
    return Promise.all([stage.startGateway({ replicaId: 'gateway-1', env }), stage.bots.hire(2, env)])
  },
  run: async (stage) => {
    const clock = clockOf(stage, 'host')
    await stage.harm('the clock jumps back', () =>
      clock.shift(-HOUR_MS, [...gatewaysOf(stage), ...workersOf(stage)]),
    )
    await stage.harm('SIGKILL for a worker', () => stage.bots.killBusy())
    await stage.flowing()
  },
})
