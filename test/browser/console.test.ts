import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { type ChatPage, PANES } from '../../scripts/browser/chat-page.mjs'
import { faintTexts } from './contrast.ts'
import { Scene } from './scene.ts'

const chromium = inject('chromium')
const SAID = ['one', 'two', 'three']
const PATIENCE = { timeout: 30_000, interval: 200 }

type Depth = Readonly<Record<string, number>>

describe.skipIf(!chromium)('the console, from the link on the chat page', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.open(chromium ?? '')
  })
  afterAll(() => scene?.close())

  test('shows what its API tells, while events wait and when none does', () =>
    scene.visit(async (chat) => {
      const page = await chat.openConsole()
      await untilBothTell(page, 0)
      const resume = stopWorkers(scene)
      await sayAll(chat)
      await untilBothTell(page, SAID.length * PANES.length)
      resume()
      await untilBothTell(page, 0)
      await chat.nothingWaits()
    }))

  test.each(['light', 'dark'] as const)('is readable in its %s colours', (colorScheme) =>
    scene.visit(
      async (chat) => {
        const page = await chat.openConsole()
        await shownDepth(page)
        expect(await faintTexts(page)).toEqual([])
      },
      { colorScheme },
    ),
  )
})

/** Workers that stand still keep their jobs and take no more. Returns how to let them go on, which also the end of the test does. */
function stopWorkers({ workerPids }: Scene): () => void {
  const signal = (name: NodeJS.Signals) => {
    for (const pid of workerPids) process.kill(pid, name)
  }
  onTestFinished(() => signal('SIGCONT'))
  signal('SIGSTOP')
  return () => signal('SIGCONT')
}

async function sayAll(chat: ChatPage): Promise<void> {
  for (const pane of PANES) for (const text of SAID) await chat.say(pane, text)
}

/** Resolves when page and API tell the same, and that so many events are on the queue. */
async function untilBothTell(page: Page, count: number): Promise<void> {
  await vi.waitFor(async () => {
    const told = await toldDepth(page)
    expect(await shownDepth(page)).toEqual(told)
    expect(Object.values(told).reduce((sum, each) => sum + each, 0)).toBe(count)
  }, PATIENCE)
}

async function toldDepth(page: Page): Promise<Depth> {
  const answer = await fetch(new URL('/v1/subscriptions', page.url()))
  const { subscriptions } = (await answer.json()) as { subscriptions: { name: string; depth: Depth }[] }
  const { lagMs: _, ...states } = subscriptions.find(({ name }) => name === 'tour')?.depth ?? {}
  return states
}

async function shownDepth(page: Page): Promise<Depth> {
  const card = page.locator('[data-subscription="tour"]')
  await card.waitFor()
  const figures = await card
    .locator('[data-depth]')
    .evaluateAll((rows) =>
      rows.map(
        (row) => [row.getAttribute('data-depth'), Number(row.querySelector('dd')?.textContent)] as const,
      ),
    )
  return Object.fromEntries(figures)
}
