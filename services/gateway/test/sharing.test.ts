import { createMemoryLeaseStore, type MemoryLeaseStore } from '@holdfast/ownership'
import { ManualClock, parseConfigText } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Publish } from '../src/ports.ts'
import type { FakeDriver } from './fake-driver.ts'
import { event } from './fixtures.ts'
import { pass, Replica, type ReplicaOptions } from './replica.ts'

/* Gateways that share units: over leases in memory, with drivers without sockets. */

const { connections } = parseConfigText(`connections:
  - { id: acme, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-1 }
  - { id: bastion, platform: discord, token: abc, shards: 2 }`)
const ALL = ['acme connected', 'bastion/0 connected', 'bastion/1 connected']

let clock: ManualClock
let leases: MemoryLeaseStore
let replicas: Replica[]
beforeEach(() => {
  clock = new ManualClock()
  leases = createMemoryLeaseStore(clock)
  replicas = []
})
afterEach(async () => {
  for (const replica of replicas) {
    replica.away = true
    const stopped = replica.ownership.stop(() => 0)
    await pass(clock, 2_000)
    await stopped
  }
  expect(clock.timerCount).toBe(0)
})

async function start(options: Partial<ReplicaOptions> = {}): Promise<Replica> {
  const replica = new Replica({ leases, clock, connections, ...options })
  replicas.push(replica)
  await replica.ownership.start()
  return replica
}

/** Each unit is served by one of them, and by whom. */
const served = () => replicas.map(({ serving }) => serving)
const refused = ({ driver }: { driver: FakeDriver }) => {
  driver.start = async () => {
    driver.state = 'fatal'
    driver.why = 'the token was revoked'
  }
}

const leaseOf = async (unit: string) => (await leases.read()).leases.find((lease) => lease.unit === unit)
const handoverOf = async (unit: string) => (await leaseOf(unit))?.successor
const RUN_B = { replica: 'b', run: 'run-b' }

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pass(clock, 10)
}

describe('gateways of one deployment', () => {
  test('a picture that leads to a fault of ours moves nothing, and is told once', async () => {
    const first = await start()
    const beat = leases.beat.bind(leases)
    leases.beat = async (record) => {
      const picture = await beat(record)
      return picture === 'replaced' ? picture : { ...picture, leases: undefined as never }
    }
    await pass(clock, 5_000)
    expect(first.serving).toEqual(ALL)
    expect(first.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    leases.beat = beat
    await pass(clock, 2_000)
    expect(first.serving).toEqual(ALL)
  })

  test('the first has everything when it has started, and the second stands by once it has seen that the first lives', async () => {
    const first = await start()
    expect(first.serving).toEqual(ALL)
    expect(first.counts).toMatchObject({ free: 3, handedOver: 0 })
    const second = await start({ replica: 'b' })
    expect(second.standing).toBe('nobody is seen to serve acme, bastion/0, bastion/1 yet')
    await pass(clock, 2_000)
    expect([second.standing, second.made]).toEqual(['ok', []])
    expect(second.ownership.views()).toMatchObject([
      { unit: 'acme', owner: 'a', state: 'connected', fence: 1 },
      { unit: 'bastion/0', connection: 'bastion', shard: 0, owner: 'a' },
      { unit: 'bastion/1', owner: 'a' },
    ])
  })

  test('one that is silent for the time of the lease is followed by another, and lets go when it comes back', async () => {
    const first = await start()
    const second = await start({ replica: 'b' })
    await pass(clock, 2_000)
    first.away = true
    await pass(clock, 4_000)
    expect(served()).toEqual([ALL, []])
    await pass(clock, 3_000)
    expect(second.serving).toEqual(ALL)
    expect(second.counts).toMatchObject({ still: 3 })
    first.away = false
    await pass(clock, 2_000)
    expect(served()).toEqual([[], ALL])
    expect(first.counts.lost).toBe(3)
    expect(first.made.map(({ driver }) => driver.graces)).toEqual([[0], [0], [0]])
  })

  test('an outage of Redis for everybody moves nothing', async () => {
    const first = await start()
    const second = await start({ replica: 'b' })
    await pass(clock, 2_000)
    first.away = second.away = true
    await pass(clock, 60_000)
    first.away = second.away = false
    await pass(clock, 10_000)
    expect(served()).toEqual([ALL, []])
    expect(first.made).toHaveLength(3)
  })

  test('a later process of the same replica takes its units at once, and the earlier one lets go for good', async () => {
    const first = await start()
    const second = await start({ run: 'later' })
    expect(second.serving).toEqual(ALL)
    expect(second.counts.restart).toBe(3)
    await pass(clock, 10_000)
    expect(served()).toEqual([[], ALL])
    expect(first.standing).toMatch(/^replaced: another gateway has started as replica a/)
    expect(first.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { replica: 'a' } },
    ])
  })

  test('units are evened out once nobody has come or gone for a minute', async () => {
    await start()
    await start({ replica: 'b' })
    await start({ replica: 'c' })
    await pass(clock, 50_000)
    expect(served()).toEqual([ALL, [], []])
    await pass(clock, 60_000)
    expect(served().map(({ length }) => length)).toEqual([1, 1, 1])
    expect(served().flat().sort()).toEqual(ALL)
  })
})

describe('a gateway of a newer deployment', () => {
  test('takes one unit of each connection on trial, the rest once that is passed, and is ready only then', async () => {
    const old = await start()
    await pass(clock, 1_000)
    const next = await start({ replica: 'b', deploy: 'green' })
    expect(next.standing).toMatch(/^on trial: acme: /)
    await pass(clock, 1_000)
    expect(next.serving).toEqual(['acme connected', 'bastion/0 connected'])
    expect(next.standing).toMatch(/^on trial: /)
    await pass(clock, 6_000)
    expect(served()).toEqual([[], ALL])
    expect(next.standing).toBe('ok')
    expect(next.counts).toMatchObject({ handedOver: 3, still: 0 })
    expect(old.counts.lost).toBe(0)
  })

  test('passes as soon as an event that came over the unit is confirmed, which a gap that is told is not', async () => {
    await start()
    await pass(clock, 1_000)
    const publish: Publish = (_event, _origin, onConfirmed) => onConfirmed()
    const next = await start({ replica: 'b', deploy: 'green', publish })
    await pass(clock, 1_000)
    const brings = (type: string) => {
      for (const { tools, connection } of next.made)
        tools.publish(event('any', { type }), { connection: connection.id }, () => {})
    }
    brings('holdfast.gap')
    await pass(clock, 200)
    expect(next.standing).toMatch(/^on trial: /)
    brings('any')
    await pass(clock, 200)
    expect(next.standing).toBe('ok')
  })

  test('that can not serve gives back what it took, stays unready and says why', async () => {
    const old = await start()
    await pass(clock, 1_000)
    const next = await start({ replica: 'b', deploy: 'green', onDriver: refused })
    await pass(clock, 5_000)
    expect(served()).toEqual([ALL, []])
    expect(next.standing).toMatch(/^the trial failed: .*the token was revoked/)
    expect(old.counts).toMatchObject({ handedOver: 2, lost: 0 })
  })
})

describe('a hand-over', () => {
  test('to a successor that is followed by another one is taken back: the holder serves on at once, and yields anew', async () => {
    const first = await start()
    const second = await start({ replica: 'b' })
    await pass(clock, 2_000)
    const succeed = leases.succeed.bind(leases)
    leases.succeed = async () => undefined
    first.ownership.drain.begin()
    await until(async () => (await handoverOf('acme'))?.phase === 'yielded')
    const closed = first.driversOf('acme')
    expect(closed.map(({ state }) => state)).toEqual(['stopped'])

    const third = await start({ replica: 'c' })
    await leases.withdraw('acme', RUN_B)
    const seen = { fence: 1, holder: { replica: 'a', run: 'run-a' } }
    expect(await leases.ask('acme', { replica: 'c', run: 'run-c' }, seen)).toBe(true)
    const askedMs = clock.monotonicMs()
    await until(async () => first.serving.includes('acme connected'))
    expect(clock.monotonicMs() - askedMs).toBeLessThan(1_000)
    expect(first.driversOf('acme').map(({ state }) => state)).toEqual(['stopped', 'connected'])

    leases.succeed = succeed
    await pass(clock, 60_000)
    expect(first.serving).toEqual([])
    expect([...second.serving, ...third.serving].sort()).toEqual(ALL)
    expect(first.counts.lost).toBe(0)
    expect((await leaseOf('acme'))?.fence).toBe(2)
  })
})

describe('a hand-over over RTM', () => {
  test('to a successor that does not come is told to the driver, which has served all the time', async () => {
    const rtm = 'connections: [{ id: acme, platform: slack, transport: rtm, botToken: xoxb-1 }]'
    const first = await start(parseConfigText(rtm))
    await start({ ...parseConfigText(rtm), replica: 'b' })
    await pass(clock, 2_000)
    leases.succeed = async () => undefined
    first.ownership.drain.begin()
    await until(async () => (await handoverOf('acme'))?.phase === 'yielded')
    const [driver] = first.driversOf('acme')
    expect(driver?.calledBackCount).toBe(0)
    await leases.withdraw('acme', RUN_B)
    await until(async () => driver?.calledBackCount === 1)
    expect(first.driversOf('acme')).toEqual([driver])
    expect(first.serving).toEqual(['acme connected'])
  })
})

describe('a successor that is called off', () => {
  test('keeps the sockets with which it has arrived for a second: its holder may just have closed its own', async () => {
    const first = await start()
    const next = await start({ replica: 'b', deploy: 'green' })
    // The holder never says that it has yielded, so the other waits, arrived.
    leases.yield = () => new Promise(() => {})
    await until(async () => (await handoverOf('acme'))?.phase === 'arrived')
    const [driver] = next.driversOf('acme')
    await leases.recall('acme', { replica: 'a', run: 'run-a' }, 1)
    await pass(clock, 900)
    expect(driver?.graces).toEqual([])
    await pass(clock, 1_500)
    expect(driver?.graces).toEqual([1_000])
    first.away = true
  })
})

describe('a drain', () => {
  test('gives everything away and takes it back only when asked to', async () => {
    const first = await start()
    await start({ replica: 'b' })
    await pass(clock, 2_000)
    expect(first.ownership.drain.begin()).toBeUndefined()
    await pass(clock, 1_000)
    expect(served()).toEqual([[], ALL])
    expect([first.standing, first.ownership.drain.begin()]).toEqual(['drained', undefined])
    first.ownership.drain.end()
    await pass(clock, 1_000)
    expect(first.standing).toBe('ok')
  })

  test('is refused where nobody could take over', async () => {
    const alone = await start()
    expect(alone.ownership.drain.begin()).toBe('no other gateway could take over acme, bastion/0, bastion/1')
    expect(alone.serving).toEqual(ALL)
  })

  test('is refused, and a stop closes at once, where the only other rollout rests', async () => {
    const first = await start()
    await leases.strike('green')
    await start({ replica: 'b', deploy: 'green' })
    await pass(clock, 2_000)
    expect(first.ownership.drain.begin()).toContain('no other gateway could take over')
    let stopped = false
    void first.ownership.stop(() => 10_000).then(() => (stopped = true))
    await pass(clock, 1_000)
    expect([stopped, first.made.map(({ driver }) => driver.graces)]).toEqual([
      true,
      [[10_000], [10_000], [10_000]],
    ])
  })

  test('a stop gives everything to the one that stands by before it closes', async () => {
    const first = await start()
    const second = await start({ replica: 'b' })
    await pass(clock, 2_000)
    let stopped = false
    const stopping = first.ownership.stop(() => 10_000).then(() => (stopped = true))
    await pass(clock, 1_000)
    expect([stopped, second.serving]).toEqual([true, ALL])
    await stopping
    expect(second.counts).toMatchObject({ handedOver: 3, still: 0, free: 0 })
  })

  test('a stop of one that is alone closes at once and frees its units', async () => {
    const alone = await start()
    await alone.ownership.stop(() => 10_000)
    expect(alone.made.map(({ driver }) => driver.graces)).toEqual([[10_000], [10_000], [10_000]])
    const next = await start({ replica: 'b' })
    expect(next.serving).toEqual(ALL)
    expect(next.counts.free).toBe(3)
  })

  test('a stop does not wait for longer than its grace for one that does not take over', async () => {
    const first = await start()
    const second = await start({ replica: 'b' })
    await pass(clock, 2_000)
    for (const name of ['ask'] as const) leases[name] = async () => false
    let stopped = false
    void first.ownership.stop(() => 5_000).then(() => (stopped = true))
    await pass(clock, 2_500)
    expect([stopped, first.serving]).toEqual([false, ALL])
    await pass(clock, 1_500)
    expect(stopped).toBe(true)
    expect(second.counts.free).toBeGreaterThan(0)
  })
})
