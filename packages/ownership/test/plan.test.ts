import { describe, expect, it } from 'vitest'
import { plan } from '../src/index.ts'
import {
  held,
  lease,
  member,
  NOW_MS,
  run,
  type Scene,
  standpointOf,
  successor,
  told,
  unit,
  WELL,
} from './standpoint-of.ts'

const planned = (scene: Scene) => plan(standpointOf(scene))
const says = (scene: Scene) => told(planned(scene))

const [a, b] = [member('a'), member('b')]
const fresh = member('b', { deploy: 'second', trial: 'open' })
const proven = member('b', { deploy: 'second' })
const bastion = [0, 1, 2, 3].map((shard) => `bastion/${shard}`)
const nobodys = (names: readonly string[]) => names.map((name) => unit(name))
const allOf = (holder: typeof a, names: readonly string[]) => names.map((name) => lease(name, holder))

describe('units that nobody serves', () => {
  it('a lone gateway takes everything in its first plan', () => {
    expect(says({ me: a, units: nobodys(['acme', ...bastion]) })).toEqual(
      ['acme', ...bastion].map((name) => `take ${name}`),
    )
  })

  it('two gateways that see the same take half of it each', () => {
    const units = nobodys(bastion)
    expect(says({ me: a, others: [b], units })).toEqual(['take bastion/0', 'take bastion/2'])
    expect(says({ me: b, others: [a], units })).toEqual(['take bastion/1', 'take bastion/3'])
  })

  it('what fell to another and is not taken by it is taken two seconds later', () => {
    const scene = { me: b, others: [a], units: nobodys(['acme']) }
    expect(says({ ...scene, freeMs: 1_999 })).toEqual([])
    expect(says({ ...scene, freeMs: 2_000 })).toEqual(['take acme'])
  })

  it('a holder that stands still keeps its unit for the time of a lease, then it is taken at the beat it stands at', () => {
    const scene = { me: b, others: [a], units: nobodys(['acme']), leases: [lease('acme', a)] }
    expect(planned({ ...scene, still: { 'a-x': 4_999 } })).toEqual([])
    expect(planned({ ...scene, still: { 'a-x': 5_000 } })).toEqual([
      { kind: 'take', unit: 'acme', seen: { fence: 3, holder: run('a'), stillBeat: 7 }, onTrial: false },
    ])
  })

  it('what an earlier life of ours held is taken at once', () => {
    expect(
      planned({ me: a, others: [b], units: nobodys(['acme']), leases: [lease('acme', run('a', 'old'))] }),
    ).toEqual([{ kind: 'take', unit: 'acme', seen: { fence: 3, holder: run('a', 'old') }, onTrial: false }])
  })

  it('whoever is back from an outage lets others say first what is theirs', () => {
    const scene = { me: a, units: nobodys(['acme']) }
    expect(says({ ...scene, backMs: 4_999 })).toEqual([])
    expect(says({ ...scene, backMs: 5_000 })).toEqual(['take acme'])
  })

  it('a proven replica comes before an unproven one, and a newer before an older', () => {
    const units = nobodys(['acme'])
    expect(says({ me: fresh, others: [a], units })).toEqual([])
    expect(says({ me: a, others: [fresh], units })).toEqual(['take acme'])
    expect(says({ me: proven, others: [a], units })).toEqual(['take acme'])
    expect(says({ me: a, others: [proven], units })).toEqual([])
  })

  it('whoever drains takes nothing, and a rollout that rests only where nobody else is left', () => {
    const units = nobodys(['acme'])
    expect(says({ me: member('a', { draining: true }), units })).toEqual([])
    expect(says({ me: proven, others: [a], resting: true, freeMs: 9_000, units })).toEqual([])
    expect(says({ me: proven, resting: true, units })).toEqual(['take acme'])
  })
})

describe('units of ours', () => {
  const units = [unit('acme', held())]

  it('a lease that says so needs nothing', () => {
    expect(planned({ me: a, units, leases: [lease('acme', a)] })).toEqual([])
  })

  it('a lease that Redis has lost is written again', () => {
    const again = [{ kind: 'assert', unit: 'acme', fence: 3 }]
    expect(planned({ me: a, units })).toEqual(again)
    expect(planned({ me: a, units, leases: [lease('acme')] })).toEqual(again)
  })

  it('what is another’s by now is let go', () => {
    expect(says({ me: a, others: [b], units, leases: [lease('acme', b, { fence: 4 })] })).toEqual([
      'letGo acme',
    ])
    expect(says({ me: a, units, leases: [lease('acme', undefined, { fence: 4 })] })).toEqual(['letGo acme'])
  })

  it('a unit that is ours and that nothing serves is served, or freed by whoever drains', () => {
    const scene = { units: nobodys(['acme']), leases: [lease('acme', a)] }
    expect(planned({ me: a, ...scene })).toEqual([{ kind: 'serve', unit: 'acme', fence: 3, onTrial: false }])
    expect(says({ me: member('a', { draining: true }), ...scene })).toEqual(['release acme'])
  })
})

describe('a unit that is ours by its lease, and refused by its number', () => {
  it('is freed, so that it is taken under a newer one', () => {
    const scene = { me: a, leases: [lease('acme', a)] }
    expect(says({ ...scene, units: [unit('acme', held(WELL))] })).toEqual([])
    expect(says({ ...scene, units: [unit('acme', held({ ...WELL, fenced: true }))] })).toEqual([
      'release acme',
    ])
    expect(says({ me: a, leases: [lease('acme')], units: nobodys(['acme']) })).toEqual(['take acme'])
  })
})

describe('a newer rollout', () => {
  const leases = allOf(a, ['acme', ...bastion])
  const units = nobodys(['acme', ...bastion])

  it('asks for one unit of each connection first, the first shard of a bot', () => {
    expect(says({ me: fresh, others: [a], leases, units })).toEqual(['ask acme', 'ask bastion/0'])
  })

  it('asks for no second one before it is proven', () => {
    const mine = units.map((it) =>
      it.unit === 'bastion/0'
        ? unit('bastion/0', held({ confirmed: false, connectedMs: NOW_MS - 1 }, true))
        : it,
    )
    const after = leases.map((it) =>
      it.unit === 'bastion/0' ? lease('bastion/0', fresh, { onTrial: true }) : it,
    )
    expect(says({ me: fresh, others: [a], leases: after, units: mine })).toEqual(['ask acme'])
  })

  it('asks for one of each connection at a time once it is proven', () => {
    const mine = units.map((it) => (it.unit === 'bastion/0' ? unit('bastion/0', held()) : it))
    const after = leases.map((it) => (it.unit === 'bastion/0' ? lease('bastion/0', proven) : it))
    expect(says({ me: proven, others: [a], leases: after, units: mine })).toEqual([
      'ask acme',
      'ask bastion/1',
    ])
  })

  it('leaves alone what another replica is about to take', () => {
    const c = member('c', { deploy: 'second' })
    const asked = leases.map((it) => (it.unit === 'bastion/0' ? lease('bastion/0', a, successor(c)) : it))
    expect(says({ me: proven, others: [a, c], leases: asked, units })).toEqual(['ask acme'])
  })

  it('gives nothing to an older one', () => {
    expect(says({ me: a, others: [proven], leases: allOf(proven, ['acme', ...bastion]), units })).toEqual([])
  })

  it('takes nothing while it rests, or drains', () => {
    expect(says({ me: fresh, others: [a], leases, units, resting: true })).toEqual([])
    expect(says({ me: { ...proven, draining: true }, others: [a], leases, units })).toEqual([])
  })

  it('takes a unit that is fatal at its holder beside its first one', () => {
    const mine = units.map((it) =>
      it.unit === 'bastion/0'
        ? unit('bastion/0', held({ confirmed: false, connectedMs: NOW_MS - 1 }, true))
        : it,
    )
    const after = leases.map((it) =>
      it.unit === 'bastion/0' ? lease('bastion/0', fresh, { onTrial: true }) : it,
    )
    const old = member('a', { fatal: ['bastion/2'] })
    expect(says({ me: fresh, others: [old], leases: after, units: mine })).toEqual([
      'ask acme',
      'ask bastion/2',
    ])
  })

  it('leaves alone for a while what came to nothing', () => {
    const tired = [unit('acme', { kind: 'none', withdrewMs: NOW_MS - 29_999 })]
    const rested = [unit('acme', { kind: 'none', withdrewMs: NOW_MS - 30_000 })]
    expect(says({ me: proven, others: [a], leases, units: tired })).toEqual([])
    expect(says({ me: proven, others: [a], leases, units: rested })).toEqual(['ask acme'])
  })
})

describe('what is given away', () => {
  const units = nobodys(['acme'])

  it('the best one asks for what a draining replica holds', () => {
    const old = member('a', { draining: true })
    expect(says({ me: b, others: [old], leases: [lease('acme', old)], units })).toEqual(['ask acme'])
  })

  it('the older rollout asks for what the newer one failed to serve', () => {
    const failed = member('b', { deploy: 'second', trial: 'failed' })
    expect(says({ me: a, others: [failed], leases: [lease('acme', failed)], units, resting: true })).toEqual([
      'ask acme',
    ])
  })

  it('so it does with what an unproven replica holds whose rollout rests, but not with a proven one’s', () => {
    const scene = { units, resting: true, leases: [lease('acme', fresh)] }
    expect(says({ me: a, others: [fresh], ...scene })).toEqual(['ask acme'])
    expect(says({ me: a, others: [proven], ...scene })).toEqual([])
  })

  it('units are evened out only after a minute without a change of members', () => {
    const scene = { me: b, others: [a], leases: allOf(a, bastion), units: nobodys(bastion) }
    expect(says({ ...scene, settledMs: 59_999 })).toEqual([])
    expect(says({ ...scene, settledMs: 60_000 })).toEqual(['ask bastion/0'])
  })

  it('a difference of one is even', () => {
    const leases = [...allOf(a, ['bastion/0', 'bastion/1']), lease('bastion/2', b)]
    const mine = [unit('bastion/0'), unit('bastion/1'), unit('bastion/2', held())]
    expect(says({ me: b, others: [a], leases, units: mine, settledMs: 90_000 })).toEqual([])
  })
})

describe('the successor', () => {
  const coming = (kind: 'arriving' | 'arrived', ms = 0) =>
    unit('acme', { kind, from: run('a'), sinceMs: NOW_MS - ms })
  const beside = (health = WELL, ms = 0) =>
    unit('acme', { kind: 'beside', from: run('a'), sinceMs: NOW_MS - ms, health }, true)
  const at = (me: typeof a, phase: 'asked' | 'arrived' | 'yielded', it: ReturnType<typeof unit>) =>
    planned({ me, others: [a], leases: [lease('acme', a, successor(me, phase))], units: [it] })

  it('waits for its driver, and for its holder', () => {
    expect(at(proven, 'asked', coming('arriving'))).toEqual([])
    expect(at(proven, 'arrived', coming('arrived'))).toEqual([])
  })

  it('says again that it has arrived where Redis has not heard', () => {
    expect(told(at(proven, 'asked', coming('arrived')))).toEqual(['arrive acme'])
  })

  it('takes at once what is yielded, on trial where it is not proven and somebody could take it back', () => {
    expect(at(proven, 'yielded', coming('arrived'))).toEqual([
      { kind: 'succeed', unit: 'acme', onTrial: false },
    ])
    expect(at(fresh, 'yielded', coming('arrived'))).toEqual([
      { kind: 'succeed', unit: 'acme', onTrial: true },
    ])
  })

  it('on trial it proves itself beside the holder where it can, before it takes', () => {
    const arrived = unit('acme', { kind: 'arrived', from: run('a'), sinceMs: NOW_MS }, true)
    expect(told(at(fresh, 'yielded', arrived))).toEqual(['proceed acme'])
    expect(at(fresh, 'yielded', beside({ connectedMs: NOW_MS - 4_999, confirmed: false }))).toEqual([])
    expect(at(fresh, 'yielded', beside({ connectedMs: NOW_MS - 5_000, confirmed: false }))).toEqual([
      { kind: 'succeed', unit: 'acme', onTrial: false },
    ])
  })

  it('withdraws where it is not proven in time', () => {
    const sick = { confirmed: false }
    expect(told(at(fresh, 'yielded', beside(sick, 29_999)))).toEqual([])
    expect(told(at(fresh, 'yielded', beside(sick, 30_000)))).toEqual(['withdraw acme'])
  })

  it('withdraws where the holder changed, keeps the unit, or does not yield in time', () => {
    const c = member('c')
    const scene = { me: proven, others: [a, c], units: [coming('arrived')] }
    expect(says({ ...scene, leases: [lease('acme', c, { fence: 4 })] })).toEqual(['withdraw acme'])
    expect(says({ ...scene, leases: [lease('acme', a)] })).toEqual(['withdraw acme'])
    expect(told(at(proven, 'arrived', coming('arrived', 30_000)))).toEqual(['withdraw acme'])
  })

  it('of a holder that died takes the unit like any other, however far it had come with it', () => {
    const dies = (it: ReturnType<typeof unit>, phase: 'asked' | 'arrived', stillMs: number) =>
      says({
        me: proven,
        others: [a],
        leases: [lease('acme', a, successor(proven, phase))],
        units: [it],
        still: { 'a-x': stillMs },
      })
    for (const kind of ['arriving', 'arrived'] as const) {
      const phase = kind === 'arriving' ? 'asked' : 'arrived'
      expect(dies(coming(kind), phase, 4_999)).toEqual([])
      expect(dies(coming(kind), phase, 5_000)).toEqual(['take acme'])
    }
  })

  it('goes on with a driver that failed only where the holder serves the unit no better', () => {
    const failed = unit('acme', {
      kind: 'arriving',
      from: run('a'),
      sinceMs: NOW_MS,
      failedWhy: 'the token is revoked',
    })
    const scene = { me: fresh, leases: [lease('acme', a, successor(fresh))], units: [failed] }
    expect(says({ ...scene, others: [member('a', { fatal: ['acme'] })] })).toEqual(['arrive acme'])
    expect(says({ ...scene, others: [a] })).toEqual(['withdraw acme'])
  })
})

describe('the holder', () => {
  const shards = (one: Parameters<typeof unit>[1], two: Parameters<typeof unit>[1]) => [
    unit('bastion/0', one),
    unit('bastion/1', two),
  ]
  const to = (phase: 'asked' | 'arrived' | 'yielded') =>
    bastion.slice(0, 2).map((name) => lease(name, a, successor(b, phase)))

  it('lets a successor go on that has arrived, one of each connection at a time', () => {
    expect(planned({ me: a, others: [b], units: shards(held(), held()), leases: to('asked') })).toEqual([])
    expect(planned({ me: a, others: [b], units: shards(held(), held()), leases: to('arrived') })).toEqual([
      { kind: 'yield', unit: 'bastion/0', to: run('b') },
    ])
    const yielding = { kind: 'yielding', fence: 3, to: run('b'), sinceMs: NOW_MS } as const
    expect(planned({ me: a, others: [b], units: shards(held(), yielding), leases: to('arrived') })).toEqual(
      [],
    )
  })

  it('serves on where the successor does not come, has withdrawn or stands still', () => {
    const after = (ms: number, provesBeside = false) => [
      unit('acme', { kind: 'yielded', fence: 3, to: run('b'), sinceMs: NOW_MS - ms }, provesBeside),
    ]
    const leases = [lease('acme', a, successor(b, 'yielded'))]
    const scene = { me: a, others: [b] }
    expect(says({ ...scene, leases, units: after(9_999) })).toEqual([])
    expect(says({ ...scene, leases, units: after(10_000) })).toEqual(['recall acme'])
    expect(says({ ...scene, leases, units: after(44_999, true) })).toEqual([])
    expect(says({ ...scene, leases, units: after(45_000, true) })).toEqual(['recall acme'])
    expect(says({ ...scene, leases: [lease('acme', a)], units: after(0) })).toEqual(['recall acme'])
    expect(says({ ...scene, leases, units: after(0), still: { 'b-x': 5_000 } })).toEqual(['recall acme'])
  })

  it.each(['asked', 'arrived'] as const)(
    'serves on where another one has %s in place of its successor, and yields to that one anew',
    (phase) => {
      const c = member('c')
      const scene = { me: a, others: [c], leases: [lease('acme', a, successor(c, phase))] }
      const yielded = unit('acme', { kind: 'yielded', fence: 3, to: run('b'), sinceMs: NOW_MS })
      expect(says({ ...scene, units: [yielded] })).toEqual(['recall acme'])
      const again = phase === 'arrived' ? ['yield acme'] : []
      expect(says({ ...scene, units: [unit('acme', held())] })).toEqual(again)
    },
  )

  it('says that a unit on trial is proven once it was up for five seconds, or brought an event', () => {
    const me = fresh
    const leases = [lease('acme', me, { onTrial: true })]
    const prove = [{ kind: 'prove', unit: 'acme', fence: 3 }]
    const on = (connectedMs: number, confirmed = false) =>
      planned({ me, others: [a], leases, units: [unit('acme', held({ connectedMs, confirmed }, true))] })
    expect(on(NOW_MS - 4_999)).toEqual([])
    expect(on(NOW_MS - 5_000)).toEqual(prove)
    expect(on(NOW_MS, true)).toEqual(prove)
  })
})
