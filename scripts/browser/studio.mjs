import { join } from 'node:path'
import { ChatPage } from './chat-page.mjs'
import { shrink } from './ffmpeg.mjs'

/** Windows that pages are looked at in. */
export const WINDOWS = {
  desk: { viewport: { width: 1360, height: 850 } },
  film: { viewport: { width: 1200, height: 750 } },
  wide: { viewport: { width: 1920, height: 1080 } },
  narrow: { viewport: { width: 900, height: 760 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
}

/** Where pictures are taken: a browser, a demo, and a folder. */
export class Studio {
  #browser

  /**
   * @param {import('playwright-core').Browser} browser
   * @param {string} address of the chat page
   * @param {string} folder for the pictures
   */
  constructor(browser, address, folder) {
    this.#browser = browser
    this.address = address
    this.folder = folder
  }

  /**
   * A new window on the chat page.
   * @param {keyof typeof WINDOWS} [window]
   * @param {{ theme?: 'light' | 'dark', scale?: number }} [look]
   */
  async open(window = 'desk', { theme = 'light', scale = 2 } = {}) {
    const context = await this.#browser.newContext({
      ...WINDOWS[window],
      deviceScaleFactor: scale,
      colorScheme: theme,
      locale: 'en-GB',
    })
    const chat = new ChatPage(await context.newPage())
    await chat.open(this.address)
    return chat
  }

  /**
   * Takes a still of the window.
   * @param {import('playwright-core').Page} page
   * @param {string} name of the file, without its ending
   */
  async take(page, name) {
    const path = join(this.folder, `${name}.png`)
    await page.screenshot({ path, animations: 'disabled' })
    await shrink(path)
    console.log(`holdfast: ${path}`)
  }

  /**
   * The same in both themes: `NAME-light` and `NAME-dark`.
   * @param {import('playwright-core').Page} page
   * @param {string} name
   */
  async takeBoth(page, name) {
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme })
      await drawn(page)
      await this.take(page, `${name}-${colorScheme}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
  }
}

/**
 * Resolves when what the page knows now is on its canvases, too.
 * @param {import('playwright-core').Page} page
 */
function drawn(page) {
  return page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
}
