import { CONTROLS, PANES } from './chat-page.mjs'

const PER_SECOND = 5
/** So that each fault has room on the chart. */
const SPREAD_MS = 14_000
const BUSY_PER_SECOND = 50

/**
 * The pictures of the README: people talk, faults happened, and the ledger is at zero.
 * @param {import('./studio.mjs').Studio} studio
 */
export async function takeChat(studio) {
  const chat = await studio.open()
  await chat.startStream(PER_SECOND)
  for (const fault of CONTROLS) {
    await chat.page.waitForTimeout(SPREAD_MS)
    await chat.pressKey(fault)
    await chat.calm()
  }
  for (const pane of PANES) await chat.answer(pane, 'v2').waitFor()
  await studio.takeBoth(chat.page, 'chat')
  const phone = await studio.open('phone')
  await phone.answers('Slack').last().waitFor()
  await studio.take(phone.page, 'chat-phone')
  await chat.stopStream()
}

/**
 * The console while much is said, some of it by a bot that has just lost a worker.
 * @param {import('./studio.mjs').Studio} studio
 */
export async function takeConsole(studio) {
  const chat = await studio.open()
  await chat.startStream(BUSY_PER_SECOND)
  await chat.pressKey(CONTROLS[0])
  await chat.calm()
  const page = await chat.openConsole()
  await page.waitForTimeout(SPREAD_MS)
  await studio.takeBoth(page, 'console')
  await page.setViewportSize({ width: 390, height: 844 })
  await studio.take(page, 'console-phone')
  await chat.stopStream()
}
