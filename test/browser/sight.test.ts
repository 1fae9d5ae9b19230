import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ChatPage, CONTROLS, PANES } from '../../scripts/browser/chat-page.mjs'
import { faintTexts } from './contrast.ts'
import { Scene } from './scene.ts'

const chromium = inject('chromium')
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
const MOST_TABS = 80

describe.skipIf(!chromium)('the chat page', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.open(chromium ?? '')
  })
  afterAll(() => scene?.close())

  test('is used with the keyboard alone', () =>
    scene.visit(async (chat) => {
      await tabTo(chat, chat.composer('Discord'))
      await chat.page.keyboard.type('no mouse here')
      await chat.page.keyboard.press('Enter')
      await chat.answer('Discord', '“no mouse here”').waitFor()
      const kill = chat.control(CONTROLS[0])
      await tabTo(chat, chat.control('Start stream'))
      await chat.page.keyboard.press((await kill.getAttribute('aria-keyshortcuts')) ?? '')
      await chat.isAtWork(CONTROLS[0])
      await chat.calm()
    }))

  test.each(['light', 'dark'] as const)('is readable in its %s colours', (colorScheme) =>
    scene.visit(
      async (chat) => {
        for (const pane of PANES) await chat.say(pane, 'easy to read?')
        for (const pane of PANES) await chat.answer(pane, '“easy to read?”').waitFor()
        expect(await faintTexts(chat.page)).toEqual([])
      },
      { colorScheme },
    ),
  )

  test('fits a phone', () =>
    scene.visit(async (chat) => {
      for (const pane of PANES) {
        await chat.showPane(pane)
        await chat.say(pane, 'from the tram')
        await chat.answer(pane, '“from the tram”').waitFor()
        expect(await isInView(chat.answer(pane, '“from the tram”'))).toBe(true)
        expect(await overflow(chat), await widest(chat)).toBeLessThanOrEqual(0)
      }
    }, PHONE))
})

async function tabTo(chat: ChatPage, wanted: Locator): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    await chat.page.keyboard.press('Tab')
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return
  }
  throw new Error(`the Tab key did not reach it in ${MOST_TABS} steps`)
}

/** By how many pixels the page is wider than its window. */
function overflow({ page }: ChatPage): Promise<number> {
  return page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth)
}

/** What reaches farthest to the right and is not clipped by something that scrolls, for whoever has to mend it. */
function widest({ page }: ChatPage): Promise<string> {
  return page.locator('body').evaluate((body) => {
    const { getComputedStyle } = body.ownerDocument.defaultView
    const isClipped = (one: typeof body): boolean =>
      one !== body &&
      (getComputedStyle(one.parentElement).overflowX !== 'visible' || isClipped(one.parentElement))
    const ends = [...body.querySelectorAll('*')]
      .filter((one) => !isClipped(one))
      .map((one) => [one.getBoundingClientRect().right, one] as const)
    const [right, element] = ends.sort(([a], [b]) => b - a)[0] ?? [0, body]
    return `up to ${right} px: ${element.outerHTML.slice(0, 200)}`
  })
}

async function isInView(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect()
    const { innerWidth, innerHeight } = element.ownerDocument.defaultView
    return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth
  })
}
