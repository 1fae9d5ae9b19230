import { createMemoryLeaseStore, encodeUnits, type Member, type MemberRecord } from '@holdfast/ownership'
import { ManualClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { look } from '../src/look.ts'

const clock = new ManualClock()
const nothing = {
  census: { take: async () => ({ subscriptions: [], workers: [], unreadable: [] }) },
  view: {
    depth: () => Promise.reject(new Error('unasked')),
    suspension: async () => undefined,
    blockers: async () => [],
  },
}
const a = { replica: 'gateway-a', run: 'a1' }
const b = { replica: 'gateway-b', run: 'b1' }
const units = (state: string) => encodeUnits([{ unit: 'acme', platform: 'slack', state, sinceAt: 7 }])
const record = (facts: Partial<MemberRecord>): MemberRecord => ({
  ...a,
  deploy: 'v1',
  draining: false,
  trial: 'passed',
  serves: ['acme', 'bastion'],
  fields: {},
  ...facts,
})

test('shows replicas, who owns what under which number, hand-overs, and what is free', async () => {
  const leases = createMemoryLeaseStore(clock)
  const members: Member[] = [{ id: 'gateway-a', fields: units('connected') }]
  await leases.beat(record({ fields: units('connected') }))
  await leases.beat(record({ ...b, deploy: 'v2', trial: 'open', fields: { trialWhy: 'acme is not proven' } }))
  const fence = (await leases.take('acme', a, { fence: 0 }, false)) ?? 0
  await leases.ask('acme', b, { fence, holder: a })
  const free = (await leases.take('bastion/0', a, { fence: 0 }, false)) ?? 0
  await leases.release('bastion/0', a, free)
  const picture = await look({ ...nothing, leases, members: { list: async () => members }, clock })
  expect(picture.gateways).toEqual([
    { replica: 'gateway-a', state: 'standing', deployId: 'v1', unitCounts: { connected: 1 } },
    { replica: 'gateway-b', state: 'on trial', why: 'acme is not proven', deployId: 'v2' },
  ])
  expect(picture.units).toMatchObject([
    {
      unit: 'acme',
      state: 'connected',
      sinceAt: 7,
      owner: 'gateway-a',
      fence,
      handover: { to: 'gateway-b' },
    },
    { unit: 'bastion/0', state: 'free', fence: free },
  ])
  expect(picture.summary.sentence).toBe('bastion/0 is free: no gateway serves it.')
})

test('shows a gateway of a version without leases as it tells of itself', async () => {
  const fields = { ...units('waiting'), version: '0.0.9', deployId: 'old' }
  const members: Member[] = [{ id: 'gateway-0', fields }]
  const leases = createMemoryLeaseStore(clock)
  const picture = await look({ ...nothing, leases, members: { list: async () => members }, clock })
  expect(picture.gateways).toEqual([
    {
      replica: 'gateway-0',
      state: 'standing',
      version: '0.0.9',
      deployId: 'old',
      unitCounts: { waiting: 1 },
    },
  ])
  expect(picture.units).toMatchObject([{ unit: 'acme', state: 'waiting', owner: 'gateway-0', sinceAt: 7 }])
})
