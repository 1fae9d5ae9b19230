import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { PANES } from '../../scripts/browser/chat-page.mjs'
import { Scene } from './scene.ts'

const chromium = inject('chromium')
const PER_SECOND = 20
/** What a browser that is cut off says of it. */
const CUT_OFF = /ERR_INTERNET_DISCONNECTED/

describe.skipIf(!chromium)('the chat page', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.open(chromium ?? '')
  })
  afterAll(() => scene?.close())

  test('loaded anew in the middle of a stream, goes on where it was', () =>
    scene.visit(async (chat) => {
      await chat.startStream(PER_SECOND)
      for (const pane of PANES) await chat.answers(pane).first().waitFor()
      const before = await chat.ledger()
      await chat.page.reload()
      await chat.feed('open')
      await chat.control('Stop stream').waitFor()
      for (const pane of PANES) await chat.answers(pane).first().waitFor()
      await expect.poll(async () => (await chat.ledger()).answered).toBeGreaterThan(before.answered ?? 0)
      await chat.stopStream()
      await expect.poll(() => chat.ledger(), { timeout: 30_000 }).toMatchObject({ waiting: 0, lost: 0 })
    }))

  test('says that it lost contact, and by itself shows what happened meanwhile when it is back', () =>
    scene.visit(
      async (chat) => {
        await chat.say('Slack', 'before the cut')
        await chat.answer('Slack', '“before the cut”').waitFor()
        await chat.page.context().setOffline(true)
        await chat.feed('lost')
        await chat.page.getByText(/contact lost/i).waitFor()
        await scene.visit(async (other) => {
          await other.say('Slack', 'during the cut')
          await other.answer('Slack', '“during the cut”').waitFor()
        })
        expect(await chat.saying('Slack', 'during the cut').count()).toBe(0)
        await chat.page.context().setOffline(false)
        await chat.feed('open')
        await chat.page.getByText(/contact lost/i).waitFor({ state: 'hidden' })
        await chat.answer('Slack', '“during the cut”').waitFor()
        await chat.say('Slack', 'after the cut')
        await chat.answer('Slack', '“after the cut”').waitFor()
      },
      { expectedTrouble: CUT_OFF },
    ))
})
