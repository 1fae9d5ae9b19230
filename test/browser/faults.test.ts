import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ChatPage, CONTROLS, PANES } from '../../scripts/browser/chat-page.mjs'
import { drawnTexts, watchDrawing } from './drawn-text.ts'
import { Scene } from './scene.ts'

const chromium = inject('chromium')
const PER_SECOND = 50
const RUSH_MS = 30_000
/** On the chart. */
const MARKS = [/killed/i, /version/i, /gateway/i, /redis/i, /gap/i].map((text) => expect.stringMatching(text))

describe.skipIf(!chromium)('whoever presses every control while people talk', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.open(chromium ?? '')
  })
  afterAll(() => scene?.close())

  test('loses nothing, hears nothing twice and nothing out of order', () =>
    scene.visit(
      async (chat) => {
        await chat.startStream(PER_SECOND)
        for (const pane of PANES) await chat.answers(pane).first().waitFor()
        await pressAll(chat)
        for (const pane of PANES) await chat.answer(pane, 'v2').waitFor()
        await chat.stopStream()
        await accountsForAll(chat)
        // Whatever came late has come before this answer.
        for (const pane of PANES) await sayAndHear(chat, pane)
        await accountsForAll(chat)
        for (const mark of MARKS) await expect.poll(() => drawnTexts(chat.page)).toContainEqual(mark)
      },
      { prepare: watchDrawing },
    ))
})

/** Each as soon as the page lets it be pressed; all within half a minute. */
async function pressAll(chat: ChatPage): Promise<void> {
  const slack = chat.pane('Slack')
  const [kill, roll, restart, pause] = CONTROLS
  await chat.press(kill)
  await chat.press(roll)
  await chat.press(restart)
  await slack.locator('article[data-reach="missed"]').first().waitFor({ timeout: RUSH_MS })
  await chat.press(pause)
}

async function sayAndHear(chat: ChatPage, pane: (typeof PANES)[number]): Promise<void> {
  await chat.say(pane, 'still all there?')
  await chat.answer(pane, '“still all there?”').waitFor()
}

/** Resolves with a ledger in which nothing waits, and nothing is missing. */
async function accountsForAll(chat: ChatPage): Promise<Record<string, number>> {
  await expect.poll(() => chat.ledger(), { timeout: 60_000 }).toMatchObject({ waiting: 0 })
  const ledger = await chat.ledger()
  const { sent = 0, handled = 0, answered, inAnnouncedGaps = 0, announcedGaps } = ledger
  expect(ledger).toMatchObject({ lost: 0, repeated: 0, reordered: 0, waiting: 0 })
  expect(sent).toBeGreaterThan(0)
  expect(handled + inAnnouncedGaps).toBe(sent)
  expect(answered).toBe(handled)
  if (inAnnouncedGaps > 0) expect(announcedGaps).toBeGreaterThanOrEqual(1)
  return ledger
}
