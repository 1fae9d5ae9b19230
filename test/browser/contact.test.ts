import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { PANES } from '../../scripts/browser/chat-page.mjs'
import { Cable } from './cable.ts'
import { Scene } from './scene.ts'

const chromium = inject('chromium')
const PER_SECOND = 20
/** What a browser that is cut off says of it. */
const CUT_OFF = /ERR_(CONNECTION|EMPTY|INCOMPLETE)|contact|failed/i

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
      await expect.poll(() => chat.ledger()).toMatchObject({ waiting: 0, lost: 0 })
    }))

  test('says that it lost contact, and by itself shows what happened meanwhile when it is back', async () => {
    const cable = await Cable.to(scene.address)
    onTestFinished(() => cable.close())
    await scene.visit(
      async (chat) => {
        await chat.say('Slack', 'before the cut')
        await chat.answer('Slack', '“before the cut”').waitFor()
        cable.cut()
        await chat.feed('lost')
        await chat.page.getByText(/contact lost/i).waitFor()
        await scene.visit(async (other) => {
          await other.say('Slack', 'during the cut')
          await other.answer('Slack', '“during the cut”').waitFor()
        })
        expect(await chat.saying('Slack', 'during the cut').count()).toBe(0)
        cable.mend()
        await chat.feed('open')
        await chat.page.getByText(/contact lost/i).waitFor({ state: 'hidden' })
        await chat.answer('Slack', '“during the cut”').waitFor()
        await chat.say('Slack', 'after the cut')
        await chat.answer('Slack', '“after the cut”').waitFor()
      },
      { address: cable.address, expectedTrouble: CUT_OFF },
    )
  })

  test('does not lose what is written while contact is lost', async () => {
    const cable = await Cable.to(scene.address)
    onTestFinished(() => cable.close())
    await scene.visit(
      async (chat) => {
        cable.cut()
        await chat.feed('lost')
        await chat.say('Discord', 'hold this for me')
        await expect.poll(() => chat.composer('Discord').inputValue()).toBe('hold this for me')
        cable.mend()
        await chat.feed('open')
        await chat.composer('Discord').press('Enter')
        await chat.answer('Discord', '“hold this for me”').waitFor()
      },
      { address: cable.address, expectedTrouble: CUT_OFF },
    )
  })
})
