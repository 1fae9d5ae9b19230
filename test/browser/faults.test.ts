import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ChatPage, CONTROLS, PANES } from '../../scripts/browser/chat-page.mjs'
import { drawnTexts, watchDrawing } from './drawn-text.ts'
import { Scene } from './scene.ts'
import { settledLedger } from './settled-ledger.ts'

const chromium = inject('chromium')
const PER_SECOND = 50
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
        const pressedMs = await pressAll(chat)
        for (const pane of PANES) await chat.answer(pane, 'v2').waitFor()
        await chat.calm()
        await chat.stopStream()
        const ledger = await settledLedger(chat, 1)
        // Whatever came late has come before these answers.
        for (const pane of PANES) await sayAndHear(chat, pane)
        await settledLedger(chat, (ledger.sent ?? 0) + PANES.length)
        report(ledger, pressedMs)
        for (const mark of MARKS) await expect.poll(() => drawnTexts(chat.page)).toContainEqual(mark)
      },
      { prepare: watchDrawing },
    ))
})

/** Each as soon as the page lets it be pressed. Resolves with the time from the first to the last (ms). */
async function pressAll(chat: ChatPage): Promise<number> {
  const slack = chat.pane('Slack')
  const startedMs = performance.now()
  const [kill, roll, restart, pause] = CONTROLS
  await chat.press(kill)
  await chat.press(roll)
  await chat.press(restart)
  await slack.locator('article[data-reach="missed"]').first().waitFor()
  await chat.press(pause)
  return performance.now() - startedMs
}

function report({ sent, handled, notRecoverable }: Record<string, number>, pressedMs: number): void {
  const seconds = (pressedMs / 1_000).toFixed(1)
  const what = `sent ${sent}, handled ${handled}, not recoverable ${notRecoverable}, all else 0`
  console.log(`every control pressed within ${seconds} s at ${PER_SECOND} messages/s: ${what}`)
}

async function sayAndHear(chat: ChatPage, pane: (typeof PANES)[number]): Promise<void> {
  await chat.say(pane, 'still all there?')
  await chat.answer(pane, '“still all there?”').waitFor()
}
