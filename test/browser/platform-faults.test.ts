import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { ChatPage } from '../../scripts/browser/chat-page.mjs'
import { faintTexts } from './contrast.ts'
import { drawnTexts, watchDrawing } from './drawn-text.ts'
import { Scene } from './scene.ts'
import { settledLedger } from './settled-ledger.ts'

const chromium = inject('chromium')
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

describe.skipIf(!chromium)('the faults of the platforms', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.open(chromium ?? '')
  })
  afterAll(() => scene?.close())

  test('cut a socket at a press: the bot resumes on another, answers, and the chart shows it', () =>
    scene.visit(
      async (chat) => {
        await chat.say('Discord', 'all well?')
        await chat.answer('Discord', '“all well?”').waitFor()
        await chat.openFaults()
        const form = await chat.fault('Discord', 'drop-sockets')
        await chat.sockets('open').waitFor()
        const before = await chat.sockets('open').textContent()
        await form.getByRole('button', { name: 'Make it happen' }).click()
        await chat.faults.getByRole('list', { name: 'Last faults' }).getByText('drop-sockets').waitFor()
        await expect.poll(() => chat.sockets('open').allTextContents()).not.toEqual([before])
        await chat.sockets('open').waitFor()
        await expect.poll(() => drawnTexts(chat.page)).toContainEqual('drop sockets')
        await chat.faults.getByRole('button', { name: 'Close faults' }).click()
        await chat.pane('Discord').getByText('drop sockets').first().waitFor()
        await chat.say('Discord', 'back again?')
        await chat.answer('Discord', '“back again?”').waitFor()
      },
      { prepare: watchDrawing },
    ))

  test('end a session under load: what nobody could read is filled in or told of, and nothing is lost', () =>
    scene.visit(async (chat) => {
      await chat.startStream(20)
      await chat.answers('Discord').first().waitFor()
      const { announcedGaps: before = 0 } = await chat.ledger()
      await chat.openFaults()
      const form = await chat.fault('Discord', 'invalid-session')
      await form.getByRole('button', { name: 'Make it happen' }).click()
      const gaps = async () => (await chat.ledger()).announcedGaps
      await expect.poll(gaps, { timeout: 60_000 }).toBeGreaterThan(before)
      await chat.faults.getByRole('button', { name: 'Close faults' }).click()
      await chat.stopStream()
      const { notRecoverable = 0, backfilled = 0 } = await settledLedger(chat, 1)
      expect(notRecoverable + backfilled).toBeGreaterThan(0)
    }))

  test('take their parameters from the form, and show how the sockets are', () =>
    scene.visit(async (chat) => {
      await chat.openFaults()
      const form = await chat.fault('Slack', 'delay')
      await form.getByLabel('how late').fill('700')
      await form.getByLabel('how long').fill('3000')
      await form.getByLabel('how long').press('Enter')
      await chat.faults.getByText('forMs=3000 ms=700').first().waitFor()
      await chat.sockets('delayed').first().waitFor()
      await chat.sockets('delayed').first().waitFor({ state: 'hidden' })
      await chat.sockets('open').first().waitFor()
    }))

  test('tell that they hit nothing where there was nothing to hit', () =>
    scene.visit(async (chat) => {
      await chat.openFaults()
      const form = await chat.fault('Slack', 'refresh')
      await form.getByRole('button', { name: 'Make it happen' }).click()
      const last = chat.faults.getByRole('list', { name: 'Last faults' })
      await last.getByRole('listitem').filter({ hasText: 'refresh' }).getByText('hit nothing').waitFor()
    }))

  test('say why they did not happen', () =>
    scene.visit(
      async (chat) => {
        await chat.page.route('**/control/fault', (route) =>
          route.fulfill({ status: 400, json: { error: 'not today' } }),
        )
        await chat.openFaults()
        const form = await chat.fault('Slack', 'clear')
        await form.getByRole('button', { name: 'Make it happen' }).click()
        await chat.faults.getByRole('alert').getByText('clear did not work: not today').waitFor()
      },
      { expectedTrouble: /400/ },
    ))

  test('are reached and made by keyboard alone', () =>
    scene.visit(async (chat) => {
      const { keyboard } = chat.page
      await keyboard.press('f')
      await chat.faults.waitFor()
      await tabTo(chat, 'request-heartbeat', 'Discord')
      await keyboard.press('Enter')
      await chat.faults.getByRole('form', { name: 'request-heartbeat' }).waitFor()
      await keyboard.press('Tab')
      await keyboard.press('Tab')
      await keyboard.press('Enter')
      await chat.faults.getByRole('list', { name: 'Last faults' }).getByText('request-heartbeat').waitFor()
      await keyboard.press('Escape')
      await chat.faults.waitFor({ state: 'detached' })
    }))

  test.each(['light', 'dark'] as const)('are readable in their %s colours', (colorScheme) =>
    scene.visit(
      async (chat) => {
        await chat.openFaults()
        await chat.fault('Discord', 'refuse-connects')
        expect(await faintTexts(chat.page)).toEqual([])
      },
      { colorScheme },
    ),
  )

  test('fit a phone', () =>
    scene.visit(async (chat) => {
      await chat.openFaults()
      const form = await chat.fault('Discord', 'close-sockets')
      await form.getByLabel('close code').fill('4000')
      await form.getByRole('button', { name: 'Make it happen' }).click()
      await chat.faults.getByText('code=4000').first().waitFor()
      expect(await overflow(chat)).toBeLessThanOrEqual(0)
    }, PHONE))
})

/** Goes with the Tab key to the platform, presses it, and goes on to the fault. */
async function tabTo({ page }: ChatPage, fault: string, platform: string): Promise<void> {
  const focused = page.locator(':focus')
  for (let tabs = 0; tabs < 60; tabs++) {
    await page.keyboard.press('Tab')
    const text = (await focused.textContent()) ?? ''
    if (text.trim() === platform) await page.keyboard.press('Enter')
    if (text.startsWith(fault)) return
  }
  throw new Error(`the Tab key did not reach ${fault}`)
}

/** By how many pixels the page is wider than its window. */
function overflow({ page }: ChatPage): Promise<number> {
  return page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth)
}
