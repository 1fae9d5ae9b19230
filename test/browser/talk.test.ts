import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { PANES } from '../../scripts/browser/chat-page.mjs'
import { Scene } from './scene.ts'

const chromium = inject('chromium')

describe.skipIf(!chromium)('who visits the chat page', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.open(chromium ?? '')
  })
  afterAll(() => scene?.close())

  test.each(PANES)('says hello on %s by one click', (pane) =>
    scene.visit(async (chat) => {
      await chat.pane(pane).getByRole('button', { name: 'Say hello' }).click()
      await chat.answer(pane, '“hello”').waitFor()
    }),
  )

  test.each(PANES)('says something on %s and the bot answers it', (pane) =>
    scene.visit(async (chat) => {
      await chat.say(pane, 'is anybody there?')
      await chat.saying(pane, 'is anybody there?').waitFor()
      await chat.answer(pane, 'v1 heard “is anybody there?”').waitFor()
    }),
  )

  test.each(PANES)('is answered in the thread in which it wrote on %s', (pane) =>
    scene.visit(async (chat) => {
      await chat.say(pane, 'a new subject')
      const subject = chat.saying(pane, 'a new subject')
      await subject.hover()
      await subject.getByRole('button', { name: 'Reply in thread' }).click()
      await chat.threadComposer(pane).fill('and more of it')
      await chat.threadComposer(pane).press('Enter')
      await chat.thread(pane).locator('article[data-author="bot"]', { hasText: 'and more of it' }).waitFor()
      expect(
        await chat.channel(pane).locator('article[data-author="bot"]', { hasText: 'and more of it' }).count(),
      ).toBe(0)
    }),
  )

  test('uses a command on Discord, is answered with buttons, presses one and is answered again', () =>
    scene.visit(async (chat) => {
      await chat.say('Discord', '/tide')
      const tides = chat.answer('Discord', '“/tide”')
      await tides.getByText('09:27').waitFor()
      await tides.getByRole('button', { name: 'Dive' }).click()
      await chat.answer('Discord', '“Dive”').waitFor()
    }))

  test.each(PANES)('reacts on %s and is answered', (pane) =>
    scene.visit(async (chat) => {
      await chat.say(pane, 'look at this')
      const message = chat.saying(pane, 'look at this')
      await message.hover()
      await message.getByRole('button', { name: 'React', exact: true }).click()
      await chat.page.getByRole('button', { name: 'React with wave' }).click()
      await message.getByText('👋').waitFor()
      await chat.answer(pane, /heard “(👋|:wave:)”/).waitFor()
    }),
  )

  test('sees in the ledger that all of it was answered once', () =>
    scene.visit(async (chat) => {
      const settled = { waiting: 0, lost: 0, repeated: 0, reordered: 0, announcedGaps: 0, notRecoverable: 0 }
      await expect.poll(() => chat.ledger()).toMatchObject(settled)
      const { sent, handled, answered } = await chat.ledger()
      expect(sent).toBeGreaterThan(0)
      expect([handled, answered]).toEqual([sent, sent])
    }))
})
