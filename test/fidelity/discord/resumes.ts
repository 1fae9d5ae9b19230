import { describe, expect } from 'vitest'
import { type DiscordStage, it } from './discord-stage.ts'
import type { Library } from './library.ts'

/** Faults after which Discord lets a bot go on where it was: nothing may be lost, repeated or identified anew. */
export function describeResumes(library: Library): void {
  describe('resumes', () => {
    it('after a drop without a close frame, and gets what it missed', async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'drop-sockets' })
      await expectResumed(stage, { replayedCount: 2 })
    })

    it.for([4000, 4001, 4002, 4005, 4008].filter((code) => !library.habits.identifiesAfter.includes(code)))(
      'after close %i',
      async (code, { ready }) => {
        const stage = await ready(library)
        stage.fault({ fault: 'close-sockets', code })
        await expectResumed(stage, { replayedCount: 2 })
      },
    )

    it('after op 7', async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'reconnect' })
      await expectResumed(stage)
    })

    it('after op 9 with true', async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'invalid-session', resumable: true })
      await expectResumed(stage, { replayedCount: 2 })
    })

    it('twice in a row', async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'drop-sockets' })
      await stage.told('resumed')
      stage.say('between')
      await stage.heard('between')
      stage.fault({ fault: 'drop-sockets' })
      await stage.told('resumed', 2)
      stage.say('after')
      await stage.heard('after')
      expect(stage.texts()).toEqual(['before', 'between', 'after'])
      expect(stage.simulator.record.of('identify')).toHaveLength(1)
    })

    // @discordjs/ws closes a socket that is half-open politely, and ws waits 30 s for the answer.
    it('from a half-open socket, which it finds out by heartbeats that nobody answers', {
      timeout: 60_000,
    }, async ({ ready }) => {
      const limits = { heartbeatIntervalMs: 1_000 }
      const stage = await ready(library, { limits })
      stage.fault({ fault: 'half-open' })
      await expectResumed(stage, { replayedCount: 2 })
    })
  })
}

/**
 * Two people speak while the fault lasts. The bot resumes its one session from the last dispatch it was given, and passes
 * each of them on once.
 */
async function expectResumed(stage: DiscordStage, fact: { readonly replayedCount?: number } = {}) {
  for (const text of ['meanwhile', 'meanwhile too']) stage.say(text)
  expect(await stage.fact('resume')).toMatchObject({ outcome: 'resumed', ...fact })
  await stage.told('resumed')
  stage.say('after')
  await stage.heard('after')
  expect(stage.texts()).toEqual(['before', 'meanwhile', 'meanwhile too', 'after'])
  expect(stage.simulator.record.of('identify')).toHaveLength(1)
  expect(stage.simulator.record.of('session-end')).toEqual([])
}
