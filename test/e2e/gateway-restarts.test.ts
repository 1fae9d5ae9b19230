import { describe, expect, test } from 'vitest'
import { DISCORD, expectLossesInOneGapOnSlack, expectNothingLostOnDiscord, SLACK } from './losses.ts'
import { Stage } from './stage.ts'

/*
 * The gateway is replaced or killed while people talk. Discord repeats to whoever resumes, so nothing may be
 * missing there; RTM repeats nothing, so whatever is missing there must lie within the one gap that is announced.
 */

/** History would fill in what is to be seen missing here. */
const UNFILLED = { more: ['gateway: { backfill: { enabled: false } }'] }

function expectResumedOnly(stage: Stage): void {
  const { record } = stage.simulator
  expect(record.of('identify')).toHaveLength(DISCORD.length)
  expect(record.of('resume').map(({ outcome }) => outcome)).toEqual(DISCORD.map(() => 'resumed'))
  expect(record.of('session-end')).toEqual([])
  const offline = record
    .of('presence')
    .filter(({ platform, status }) => platform === 'discord' && status === 'offline')
  expect(offline).toEqual([])
}

describe('a gateway that is replaced', () => {
  test('resumes on Discord and receives what came meanwhile; on RTM that is one gap, and nothing else is missing', async () => {
    const stage = await Stage.open(UNFILLED)
    const before = await stage.startGateway()
    for (let n = 0; n < 10; n++) stage.say(`before ${n}`)
    await stage.settle('the last before')
    expect(await before.stop()).toBe(0)
    expect(before.linesAt('error')).toEqual([])

    for (let n = 0; n < 10; n++) stage.say(`meanwhile ${n}`)

    const after = await stage.startGateway()
    for (let n = 0; n < 10; n++) stage.say(`after ${n}`)
    await stage.settle('the last after')

    expectResumedOnly(stage)
    await expectNothingLostOnDiscord(stage)
    expect(await expectLossesInOneGapOnSlack(stage)).toBe(10 * SLACK.length)
    expect(await after.count('holdfast_gaps_total')).toBe(SLACK.length)
    expect(await after.count('holdfast_events_duplicate_total')).toBe(0)
  })
})

describe('a gateway that is killed', () => {
  test('while people talk loses nothing on Discord, keeps the order, and loses on RTM only within the gap', async () => {
    const stage = await Stage.open(UNFILLED)
    const killed = await stage.startGateway()
    await stage.settle('first')
    const talking = stage.talk('talk', 100, 20)
    await stage.simulator.record.until((entry) => entry.kind === 'event' && entry.text === 'talk 40')
    await killed.kill()
    await stage.startGateway()
    await talking
    await stage.settle('last')

    expectResumedOnly(stage)
    await expectNothingLostOnDiscord(stage)
    const missingCount = await expectLossesInOneGapOnSlack(stage)
    expect(missingCount).toBeGreaterThan(0)
  })
})
