import { describe, expect, it } from 'vitest'
import { judgeTrial, type OwnUnit, plan } from '../src/index.ts'
import {
  held,
  lease,
  member,
  NOW_MS,
  run,
  type Scene,
  SICK,
  standpointOf,
  successor,
  unit,
  WELL,
} from './standpoint-of.ts'

const old = member('a')
const me = member('b', { deploy: 'second', trial: 'open' })
const failed = member('b', { deploy: 'second', trial: 'failed' })
const oldHolds = [lease('acme', old), lease('bastion/0', old), lease('bastion/1', old)]
const nothing = [unit('acme'), unit('bastion/0'), unit('bastion/1')]
const judged = (scene: Scene) => judgeTrial(standpointOf(scene))

/** Acme has come to this replica, and the first shard of bastion as well. */
function taken(acme: OwnUnit, bastion = unit('bastion/0', held())): Scene {
  const leases = [lease('acme', me, { onTrial: true }), lease('bastion/0', me), lease('bastion/1', old)]
  return { me, others: [old], leases, units: [acme, bastion, unit('bastion/1')] }
}

describe('the trial', () => {
  it('is none where there is nobody to replace', () => {
    expect(judged({ me, units: nothing })).toEqual({ kind: 'none' })
    expect(
      judged({ me: { ...me, deploy: 'first' }, others: [old], leases: oldHolds, units: nothing }),
    ).toEqual({ kind: 'none' })
  })

  it('is none for a standby of a rollout that has everything', () => {
    const c = member('c', { deploy: 'second' })
    const leases = ['acme', 'bastion/0', 'bastion/1'].map((name) => lease(name, c))
    expect(judged({ me, others: [old, c], leases, units: nothing })).toEqual({ kind: 'none' })
  })

  it('is open while an older replica serves what could be served here, and names the unit', () => {
    expect(judged({ me, others: [old], leases: oldHolds, units: nothing })).toEqual({
      kind: 'open',
      why: 'acme: has still to be served for 5 s, or to bring an event',
    })
  })

  it('is open while another one of its rollout has still to prove what it took', () => {
    const c = member('c', { deploy: 'second', trial: 'open' })
    const leases = ['acme', 'bastion/0', 'bastion/1'].map((name) => lease(name, c, { onTrial: true }))
    expect(judged({ me, others: [old, c], leases, units: nothing }).kind).toBe('open')
  })

  it('is open while it is not known who lives: after an outage, and where a holder is not listed', () => {
    expect(judged({ me, units: nothing, backMs: 4_999 }).kind).toBe('open')
    expect(judged({ me, leases: oldHolds, units: nothing }).kind).toBe('open')
    expect(judged({ me, leases: oldHolds, units: nothing, still: { 'a-x': 5_000 } }).kind).toBe('none')
  })

  it('is passed once one unit of each connection was served for five seconds, or brought an event', () => {
    const acme = (connectedMs: number, confirmed: boolean) =>
      unit('acme', held({ connectedMs, confirmed }, true))
    expect(judged(taken(acme(NOW_MS - 4_999, false))).kind).toBe('open')
    expect(judged(taken(acme(NOW_MS - 5_000, false))).kind).toBe('passed')
    expect(judged(taken(acme(NOW_MS, true))).kind).toBe('passed')
  })

  it('does not count a unit that is fatal at its holder', () => {
    const refusing = member('a', { fatal: ['acme'] })
    expect(
      judged({
        ...taken(unit('acme')),
        others: [refusing],
        leases: [lease('acme', refusing), lease('bastion/0', me), lease('bastion/1', refusing)],
      }).kind,
    ).toBe('passed')
    const fatalHere = unit('acme', held({ confirmed: false, fatalWhy: 'revoked' }))
    expect(judged(taken(fatalHere)).kind).toBe('passed')
    // But it proves nothing of the other shards either.
    const fatalShard = unit('bastion/0', held({ confirmed: false, fatalWhy: 'revoked' }))
    expect(judged(taken(unit('acme', held()), fatalShard)).kind).toBe('open')
  })

  it('fails with a unit that is refused here, or does not connect within 30 s', () => {
    expect(judged(taken(unit('acme', held({ confirmed: false, fatalWhy: 'revoked' }, true))))).toEqual({
      kind: 'failed',
      why: 'acme: revoked',
    })
    expect(judged(taken(unit('acme', held(SICK, true, NOW_MS - 29_999)))).kind).toBe('open')
    expect(judged(taken(unit('acme', held(SICK, true, NOW_MS - 30_000))))).toEqual({
      kind: 'failed',
      why: 'acme: not connected within 30 s',
    })
  })

  it('fails with a driver that can’t arrive, unless the holder can’t serve the unit either', () => {
    const coming = unit('acme', { kind: 'arriving', from: run('a'), sinceMs: NOW_MS, failedWhy: 'revoked' })
    const scene = { me, leases: [lease('acme', old, successor(me))], units: [coming] }
    expect(judged({ ...scene, others: [old] })).toEqual({ kind: 'failed', why: 'acme: revoked' })
    expect(judged({ ...scene, others: [member('a', { fatal: ['acme'] })] }).kind).not.toBe('failed')
    const late = unit('acme', { kind: 'arriving', from: run('a'), sinceMs: NOW_MS - 120_000 })
    expect(judged({ ...scene, units: [late], others: [old] }).kind).toBe('failed')
  })

  it('fails, and stays failed, with a connection that is refused as a whole while an older replica serves it', () => {
    const refused = new Map([['bastion', 'no such token']])
    const judgedRefused = (scene: Scene) => judgeTrial({ ...standpointOf(scene), refused })
    const scene = { me, others: [old], leases: oldHolds, units: [unit('acme', held())] }
    const verdict = { kind: 'failed', why: 'bastion: no such token' }
    expect(judgedRefused(scene)).toEqual(verdict)
    expect(judgedRefused({ ...scene, me: failed, units: [unit('acme')] })).toEqual(verdict)
    // Refused there as well, or served by nobody older: no reason to keep the old one.
    const refusing = member('a', { fatal: ['bastion/0', 'bastion/1'] })
    expect(judgedRefused({ ...scene, others: [refusing] }).kind).not.toBe('failed')
    expect(judgedRefused({ ...scene, others: [], leases: [lease('acme', me)] }).kind).not.toBe('failed')
    expect(judgedRefused({ ...scene, me: { ...me, trial: 'passed' } }).kind).toBe('passed')
  })

  it('fails where the process before this one ended on trial, unless nobody older could serve the unit', () => {
    const before = { replica: me.replica, run: 'b-before' }
    const fallen = [lease('acme', before, { onTrial: true }), ...oldHolds.slice(1)]
    const verdict = {
      kind: 'failed',
      why: 'acme: the process before this one ended while it was on trial with it',
    }
    const scene = { me, others: [old], leases: fallen, units: nothing }
    expect(judged(scene)).toEqual(verdict)
    expect(plan(standpointOf(scene))).toEqual([])
    expect(judged({ ...scene, others: [{ ...old, draining: true }] }).kind).not.toBe('failed')
    const proven = [lease('acme', before), ...oldHolds.slice(1)]
    expect(judged({ ...scene, leases: proven }).kind).toBe('open')
    expect(plan(standpointOf({ ...scene, leases: proven }))).toContainEqual(
      expect.objectContaining({ kind: 'take', unit: 'acme' }),
    )
  })

  it('once passed is passed for good', () => {
    const scene = taken(unit('acme', held(SICK, true)))
    expect(judged({ ...scene, me: { ...me, trial: 'passed' } })).toEqual({ kind: 'passed' })
  })

  it('once failed keeps its reason, until its rollout has rested and all is given back', () => {
    const before = { kind: 'failed', why: 'acme: revoked' } as const
    const again = (scene: Partial<Scene>) =>
      judgeTrial(
        standpointOf({ me: failed, others: [old], leases: oldHolds, units: nothing, ...scene }),
        before,
      )
    const rested = [
      { id: 'first', sinceAt: 1, strikeCount: 0, restUntilAt: 0 },
      { id: 'second', sinceAt: 2, strikeCount: 1, restUntilAt: 3 },
    ]
    expect(again({})).toEqual(before) // No strike is known yet.
    expect(again({ resting: true })).toEqual(before)
    expect(again({ deploys: rested }).kind).toBe('open')
    expect(again({ deploys: rested, units: [unit('acme', held())] })).toEqual(before)
  })

  it('that failed is passed after all where it is left alone and serves what it has', () => {
    const scene = { me: failed, leases: [lease('acme', failed)] }
    expect(judged({ ...scene, units: [unit('acme', held(WELL))] }).kind).toBe('passed')
    expect(judged({ ...scene, others: [old], units: [unit('acme', held(WELL))] }).kind).toBe('failed')
  })
})
