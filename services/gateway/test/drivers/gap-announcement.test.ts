import type { Gap } from '@holdfast/events'
import { expect, test } from 'vitest'
import { announceGap } from '../../src/drivers/gap-announcement.ts'
import type { Backfill, LastGap } from '../../src/ports.ts'
import { World } from './world.ts'

const gap: Gap = {
  ...{ platform: 'slack', connection: 'acme', bot: 'A1', workspace: 'T1', from: 1_000, to: 61_000 },
  ...{ why: 'rtm-disconnected', receivedAt: 61_000 },
}
const lease = { unit: 'acme', fence: 3, onFenced: () => {} }

/** A backfill whose writing down the test ends. */
function open({ covers = true } = {}) {
  const world = new World()
  const steps: string[] = []
  let written: () => void = () => {}
  const backfill: Backfill = {
    covers: () => covers,
    owe: (owed, by) => {
      steps.push(`owes ${owed.from} under ${by.fence}`)
      return new Promise((resolve) => {
        written = resolve
      })
    },
  }
  const unit = {
    origin: { connection: 'acme', lease },
    missed: ({ why }: LastGap) => void steps.push(`missed ${why}`),
    tell: () => {},
  }
  const announce = (what: Gap = gap, tools: object = { backfill }) =>
    announceGap(what, { ...world.deps, ...tools, unit }, () => steps.push('confirmed'))
  const recoverable = () =>
    world.events('holdfast.gap').map(({ data }) => (data as { recoverable: unknown }).recoverable)
  return { world, steps, announce, recoverable, written: () => written() }
}

test('a gap is owed once it is confirmed, and its place may move past it only when that is written down', async () => {
  const { world, steps, announce, recoverable, written } = open()
  world.confirming = false
  announce()
  expect(steps).toEqual([])
  world.published[0]?.confirm()
  expect(steps).toEqual(['missed rtm-disconnected', 'owes 1000 under 3'])
  await world.settle()
  expect(steps).not.toContain('confirmed')
  written()
  await world.settle()
  expect(steps.at(-1)).toBe('confirmed')
  expect(recoverable()).toEqual([['messages']])
})

test('a gap is owed also where nobody wants to be told of it', () => {
  const { world, steps, announce } = open()
  world.wanting = false
  announce()
  expect(steps).toContain('owes 1000 under 3')
  expect(world.published).toEqual([])
})

test.each([
  ['nothing is filled in', { covers: true }, gap, {}],
  ['nobody wants messages', { covers: false }, gap, undefined],
  [
    'it is what an earlier backfill left',
    { covers: true },
    { ...gap, why: 'backfill-incomplete' } as const,
    undefined,
  ],
])('nothing is owed, and nothing recoverable, where %s', (_, options, what, tools) => {
  const { steps, announce, recoverable } = open(options)
  announce(what, tools)
  expect(steps).toEqual([`missed ${what.why}`, 'confirmed'])
  expect(recoverable()).toEqual([[]])
})
