import { CONTROLS } from './chat-page.mjs'

const KEY_MS = 45
const READING_MS = 1_000
const PER_SECOND = 5
const [KILL, ROLL] = CONTROLS

/**
 * What the film shows, in a fresh demo: someone asks, the bot answers; people talk; a worker is killed, a release rolled
 * out; in the end nothing waits and nothing is lost.
 * @param {import('./chat-page.mjs').ChatPage} chat
 */
export async function playStory(chat) {
  const linger = () => chat.page.waitForTimeout(READING_MS)
  await ask(chat, 'Slack', 'hello! are you there?')
  await linger()
  await chat.startStream(PER_SECOND)
  await linger()
  await chat.pressKey(KILL)
  await chat.calm()
  await chat.pressKey(ROLL)
  await chat.answer('Discord', 'v2').waitFor()
  await chat.calm()
  await linger()
  await chat.stopStream()
  await chat.nothingWaits()
}

/**
 * @param {import('./chat-page.mjs').ChatPage} chat
 * @param {import('./chat-page.mjs').Pane} pane
 * @param {string} text
 */
async function ask(chat, pane, text) {
  await chat.composer(pane).pressSequentially(text, { delay: KEY_MS })
  await chat.composer(pane).press('Enter')
  await chat.answer(pane, text).waitFor()
}
