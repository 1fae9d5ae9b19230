import { CONTROLS, PANES } from './chat-page.mjs'

/** @typedef {import('./chat-page.mjs').ChatPage} ChatPage */
/** @typedef {import('./studio.mjs').Studio} Studio */

const FAULTS = ['kill', 'roll', 'restart', 'pause']
const SHORT_MS = 400
const LATER_MS = 2_500

/**
 * More pictures than a README wants, for whoever reviews the page: each state, window and theme. Goes on where the page
 * lacks something, and says what.
 * @param {Studio} studio
 */
export async function takeLooks(studio) {
  const chat = await studio.open()
  const steps = { idle, talking, streaming, faults, aftermath }
  for (const [name, step] of Object.entries(steps)) {
    await step(studio, chat).catch((error) => console.error(`holdfast: ${name}: ${error.message}`))
  }
}

/**
 * @param {Studio} studio
 * @param {ChatPage} chat
 */
async function idle(studio, chat) {
  await studio.takeBoth(chat.page, '1-idle')
  await everyWindow(studio, '1-idle')
}

/**
 * @param {Studio} studio
 * @param {ChatPage} chat
 */
async function talking(studio, chat) {
  await chat.composer('Discord').fill('/')
  await studio.take(chat.page, '2-command-menu')
  await chat.composer('Discord').fill('')
  for (const pane of PANES) await chat.pane(pane).getByRole('button', { name: 'Say hello' }).click()
  for (const pane of PANES) await chat.answers(pane).first().waitFor()
  await chat.say('Discord', '/tide')
  await chat.answer('Discord', 'tide').getByRole('button', { name: 'Wave' }).click()
  await chat.answer('Discord', '“Wave”').waitFor()
  await chat.say(
    'Slack',
    'a *longer* message, to see how `code`, a link https://example.com and several lines look',
  )
  const message = chat.saying('Slack', 'a longer')
  await message.hover()
  await message.getByRole('button', { name: 'Reply in thread' }).click()
  await chat.threadComposer('Slack').fill('in a thread')
  await chat.threadComposer('Slack').press('Enter')
  await chat.thread('Slack').locator('article[data-author="bot"]').waitFor()
  await chat.answers('Discord').first().hover()
  await chat.answers('Discord').first().getByRole('button', { name: 'React', exact: true }).click()
  await studio.takeBoth(chat.page, '2-talking')
  await everyWindow(studio, '2-talking')
}

/**
 * @param {Studio} studio
 * @param {ChatPage} chat
 */
async function streaming(studio, chat) {
  await chat.startStream(20)
  for (const pane of PANES) await chat.answers(pane).nth(8).waitFor()
  await chat.page.waitForTimeout(LATER_MS)
  await studio.takeBoth(chat.page, '3-streaming')
  await everyWindow(studio, '3-streaming')
}

/**
 * @param {Studio} studio
 * @param {ChatPage} chat
 */
async function faults(studio, chat) {
  for (const [index, control] of CONTROLS.entries()) {
    await chat.press(control)
    await chat.page.waitForTimeout(SHORT_MS)
    await studio.take(chat.page, `4-${FAULTS[index]}-begins`)
    await chat.page.waitForTimeout(LATER_MS)
    await studio.takeBoth(chat.page, `4-${FAULTS[index]}-later`)
    await chat.calm()
  }
}

/**
 * @param {Studio} studio
 * @param {ChatPage} chat
 */
async function aftermath(studio, chat) {
  await studio.takeBoth(chat.page, '5-after-all')
  await everyWindow(studio, '5-after-all')
  await chat.stopStream()
  await chat.nothingWaits()
  await studio.take(chat.page, '5-settled')
  await chat.page.keyboard.press('Escape')
  await chat.page.getByRole('button', { name: 'Keys' }).click()
  await studio.take(chat.page, '5-keys')
  await chat.page.keyboard.press('Escape')
}

/**
 * @param {Studio} studio
 * @param {string} name
 */
async function everyWindow(studio, name) {
  for (const window of /** @type {const} */ (['wide', 'narrow', 'phone'])) {
    for (const theme of /** @type {const} */ (['light', 'dark'])) {
      const chat = await studio.open(window, { theme, scale: window === 'phone' ? 2 : 1 })
      await chat.page.waitForTimeout(SHORT_MS)
      await studio.take(chat.page, `${name}-${window}-${theme}`)
      await chat.page.context().close()
    }
  }
}
