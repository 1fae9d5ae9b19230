import { CONTROLS, PANES } from './chat-page.mjs'

const PER_SECOND = 5
const [KILL, ROLL, RESTART] = CONTROLS

/**
 * The pictures of the README: people talk, faults happened, and the ledger is at zero; then the console.
 * @param {import('./studio.mjs').Studio} studio
 */
export async function takeStills(studio) {
  const chat = await studio.open()
  await chat.startStream(PER_SECOND)
  for (const fault of [KILL, ROLL, RESTART]) {
    await chat.press(fault)
    await chat.calm()
  }
  for (const pane of PANES) await chat.answer(pane, /v[2-9]/).waitFor()
  await studio.takeBoth(chat.page, 'chat')
  const phone = await studio.open('phone')
  await phone.answers('Slack').last().waitFor()
  await studio.take(phone.page, 'chat-phone')
  await takeConsole(studio, chat)
  await chat.stopStream()
}

/**
 * @param {import('./studio.mjs').Studio} studio
 * @param {import('./chat-page.mjs').ChatPage} chat
 */
async function takeConsole(studio, chat) {
  const console = await chat.openConsole()
  await studio.takeBoth(console, 'console')
  await console.close()
}
