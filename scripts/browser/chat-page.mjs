/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Locator} Locator */
/** @typedef {'Slack' | 'Discord'} Pane */

/** @type {readonly Pane[]} */
export const PANES = ['Slack', 'Discord']

/** The buttons that break something, from left to right. */
export const CONTROLS = /** @type {const} */ ([/kill/i, /roll/i, /restart/i, /pause/i])

/**
 * The chat page as a person uses it: by the names that it gives to what can be seen and pressed, never by its style.
 */
export class ChatPage {
  /** @param {Page} page */
  constructor(page) {
    this.page = page
  }

  /**
   * Opens the page; resolves when it is told what happens.
   * @param {string} address
   */
  async open(address) {
    await this.page.goto(address)
    await this.feed('open')
  }

  /**
   * Resolves when the page says this of its feed.
   * @param {'open' | 'connecting' | 'lost'} state
   */
  async feed(state) {
    await this.page.locator(`html[data-feed="${state}"]`).waitFor({ state: 'attached' })
  }

  /**
   * @param {Pane} name
   */
  pane(name) {
    return this.page.getByRole('region', { name, exact: true })
  }

  /**
   * Where the window is too narrow for both panes: shows this one.
   * @param {Pane} name
   */
  async showPane(name) {
    await this.page.getByRole('navigation', { name: 'Platforms' }).getByRole('button', { name }).click()
    await this.pane(name).waitFor()
  }

  /** @param {Pane} name */
  composer(name) {
    return this.page.getByRole('textbox', { name: `Message #general on ${name}` })
  }

  /** @param {Pane} name */
  threadComposer(name) {
    return this.page.getByRole('textbox', { name: `Reply in thread on ${name}` })
  }

  /**
   * Types it and presses Enter.
   * @param {Pane} name
   * @param {string} text
   */
  async say(name, text) {
    await this.composer(name).fill(text)
    await this.composer(name).press('Enter')
  }

  /**
   * What a person said, in this pane.
   * @param {Pane} name
   * @param {string} text
   */
  saying(name, text) {
    return this.pane(name).locator('article[data-author="person"]').filter({ hasText: text }).first()
  }

  /**
   * What the bot said, in this pane.
   * @param {Pane} name
   * @param {string | RegExp} text
   */
  answer(name, text) {
    return this.pane(name).locator('article[data-author="bot"]').filter({ hasText: text }).first()
  }

  /**
   * All that the bot said in this pane, thread or not.
   * @param {Pane} name
   */
  answers(name) {
    return this.pane(name).locator('article[data-author="bot"]')
  }

  /**
   * The message list of the open channel.
   * @param {Pane} name
   */
  channel(name) {
    return this.pane(name).getByRole('log').first()
  }

  /**
   * The message list of the open thread, where one is open.
   * @param {Pane} name
   */
  thread(name) {
    return this.pane(name).getByRole('log').nth(1)
  }

  get controls() {
    return this.page.getByRole('toolbar', { name: 'Controls' })
  }

  /**
   * A button of the control strip.
   * @param {string | RegExp} label
   */
  control(label) {
    return this.controls.getByRole('button', { name: label })
  }

  /**
   * Presses a button of the strip as soon as it can be pressed; resolves when the page shows that it is at work.
   * @param {RegExp} label
   */
  async press(label) {
    await this.control(label).click()
    await this.isAtWork(label)
  }

  /**
   * The same by its key, so that no help for the pointer lies over the page.
   * @param {RegExp} label
   */
  async pressKey(label) {
    await this.page.locator('body').evaluate((body) => body.ownerDocument.activeElement?.blur())
    await this.page.keyboard.press((await this.control(label).getAttribute('aria-keyshortcuts')) ?? '')
    await this.isAtWork(label)
  }

  /**
   * Resolves when the page shows that what this button does is under way.
   * @param {RegExp} label
   */
  async isAtWork(label) {
    await this.controls.locator('button[aria-busy="true"]').filter({ hasText: label }).waitFor()
  }

  /** Resolves when no control is at work any more. */
  async calm() {
    await this.controls.locator('button[aria-busy="true"]').first().waitFor({ state: 'hidden' })
  }

  /** What can go wrong on the platforms; there once `openFaults` has resolved. */
  get faults() {
    return this.page.getByRole('complementary', { name: 'Faults' })
  }

  async openFaults() {
    await this.control('Faults').click()
    await this.faults.waitFor()
  }

  /**
   * Opens a fault in the panel; resolves with its form.
   * @param {Pane} platform
   * @param {string} name
   */
  async fault(platform, name) {
    await this.faults.getByRole('group', { name: 'Platform' }).getByRole('button', { name: platform }).click()
    await this.faults.getByRole('button', { name: new RegExp(`^${name}`) }).click()
    return this.faults.getByRole('form', { name })
  }

  /**
   * The sockets of the bots on the platform that the panel shows, in this state.
   * @param {'open' | 'frozen' | 'delayed' | 'waiting'} state
   */
  sockets(state) {
    return this.faults.locator(`[data-socket="${state}"]`)
  }

  /** Follows the link to the console; resolves with its page when it is told what happens. */
  async openConsole() {
    const link = this.page.getByRole('link', { name: /console/i })
    const [page] = await Promise.all([this.page.waitForEvent('popup'), link.click()])
    await page.locator('html[data-feed="open"]').waitFor({ state: 'attached' })
    return page
  }

  /**
   * Lets people talk by themselves, on both platforms.
   * @param {number} perSecond
   */
  async startStream(perSecond) {
    await setNumber(this.controls.getByLabel('Messages per second'), perSecond)
    await this.control('Start stream').click()
    await this.control('Stop stream').waitFor()
  }

  async stopStream() {
    await this.control('Stop stream').click()
    await this.control('Start stream').waitFor()
  }

  /**
   * The numbers of the ledger, by the names of its fields.
   * @returns {Promise<Record<string, number>>}
   */
  ledger() {
    return this.page
      .getByLabel('Ledger')
      .locator('[data-ledger]')
      .evaluateAll((rows) =>
        Object.fromEntries(
          rows.map((row) => [
            row.getAttribute('data-ledger') ?? '',
            // 1,234 is a number too.
            Number((row.querySelector('dd')?.textContent ?? '').replace(/\D/g, '')),
          ]),
        ),
      )
  }

  /** Resolves when the ledger shows that nothing waits. */
  async nothingWaits() {
    await this.page
      .locator('[data-ledger="waiting"] dd')
      .filter({ hasText: /^\s*0\s*$/ })
      .waitFor()
  }
}

/**
 * A number field, a slider or a choice.
 * @param {Locator} control
 * @param {number} value
 */
async function setNumber(control, value) {
  const kind = await control.evaluate((element) => element.tagName)
  if (kind === 'SELECT') await control.selectOption(String(value))
  else await control.fill(String(value))
}
