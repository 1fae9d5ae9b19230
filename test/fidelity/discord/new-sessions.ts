import { describe, expect } from 'vitest'
import { type DiscordStage, it } from './discord-stage.ts'
import type { Library } from './library.ts'

/** Faults that end the session: the bot must identify anew, once, and what was said meanwhile is lost. */
export function describeNewSessions(library: Library): void {
  describe('asks for a new session', () => {
    it('after op 9 with false', async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'invalid-session', resumable: false })
      await expectNewSession(stage)
      expect(await stage.fact('session-end')).toMatchObject({ why: 'invalidated' })
    })

    it('when the one it wants to resume has expired', async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'expire-sessions' })
      stage.fault({ fault: 'drop-sockets' })
      await expectNewSession(stage)
      expect(await stage.fact('resume')).toMatchObject({ outcome: 'invalid-session', why: 'no such session' })
    })

    it('when it comes back after more than the replay buffer holds', async ({ ready }) => {
      const stage = await ready(library, { limits: { replayBufferCount: 5 } })
      stage.fault({ fault: 'drop-sockets' })
      for (let n = 0; n < 6; n++) stage.say('too many')
      await expectNewSession(stage)
      expect(await stage.fact('session-end')).toMatchObject({ why: 'replay buffer overflow', lostCount: 7 })
    })

    it.for([4003, 4007])('after close %i', async (code, { ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'close-sockets', code })
      await expectNewSession(stage)
    })

    it.runIf(library.habits.identifiesAfter.length > 0).for(library.habits.identifiesAfter)(
      'after close %i, which would have left it the old one',
      async (code, { ready }) => {
        const stage = await ready(library)
        stage.fault({ fault: 'close-sockets', code })
        await expectNewSession(stage)
        expect(stage.simulator.record.of('resume')).toEqual([])
      },
    )
  })

  describe('gives up', () => {
    it.for([4004, 4010, 4011, 4013, 4014])('after close %i, and says so', async (code, { ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'close-sockets', code })
      await stage.told('error')
      expect(opened(stage)).toBe(1)
    })

    it('on a token that is no more', async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'revoke-token', bot: stage.botId })
      await stage.told('error')
      expect(await stage.fact('session-end')).toMatchObject({ why: 'token reset' })
      expect(opened(stage)).toBe(1)
    })

    it('on a wrong token, before it opens a socket', async ({ unstarted }) => {
      const stage = await unstarted(library, { token: 'wrong' })
      await expect(stage.bot.start()).rejects.toThrow()
      expect(await stage.fact('refusal')).toMatchObject({ method: 'GET /gateway/bot', status: 401 })
      expect(opened(stage)).toBe(0)
    })
  })
}

/** The bot identifies a second time, hears what is said from then on, and nothing of before. */
async function expectNewSession(stage: DiscordStage) {
  stage.say('lost')
  await stage.fact('identify', ({ outcome }) => outcome === 'ready', 2)
  await stage.told('ready', 2)
  stage.say('after')
  await stage.heard('after')
  expect(stage.texts()).toEqual(['before', 'after'])
  expect(stage.simulator.record.of('identify')).toHaveLength(2)
}

function opened({ simulator }: DiscordStage): number {
  return simulator.record.of('socket').filter(({ what }) => what === 'opened').length
}
