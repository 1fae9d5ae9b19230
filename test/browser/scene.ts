import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { ChatPage } from '../../scripts/browser/chat-page.mjs'
import { type DemoProcess, demoCommand, startDemo } from '../../scripts/browser/demo-process.mjs'
import { launchChromium } from '../../scripts/browser/launch.mjs'
import { watchPage } from './page-troubles.ts'

const ROOT = join(import.meta.dirname, '../..')
const EVIDENCE = join(ROOT, '.holdfast/browser')

/** For whatever a test waits for: a loaded machine is slow, and nobody is to be told so by a failure. */
const PATIENCE_MS = 60_000

export interface VisitOptions extends BrowserContextOptions {
  /** Troubles that this visit makes itself: requests that it blocks. */
  readonly expectedTrouble?: RegExp
  /** Where the page is reached. Default: straight at the demo. */
  readonly address?: string
  /** Done before the page is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>
}

/** A demo of its own and a browser, for the tests of one file. */
export class Scene {
  readonly address: string
  readonly #demo: DemoProcess
  readonly #browser: Browser

  /** Both are closed by `close`, or do not come to be. */
  static async open(chromium: string): Promise<Scene> {
    const demo = startDemo(demoCommand(ROOT), { cwd: ROOT })
    try {
      return new Scene(demo, await demo.address, await launchChromium(chromium))
    } catch (error) {
      await demo.stop()
      throw error
    }
  }

  private constructor(demo: DemoProcess, address: string, browser: Browser) {
    this.#demo = demo
    this.address = address
    this.#browser = browser
  }

  /** All that the demo printed so far. */
  get printed(): string {
    return this.#demo.text()
  }

  /** Of the workers that the demo began with. */
  get workerPids(): readonly number[] {
    const pids = /✓ workers: pids ([\d, ]+)/.exec(this.printed)?.[1] ?? ''
    return pids.split(',').map(Number)
  }

  /**
   * Opens the chat page as a new visitor and lets `use` act on it. Fails where the page complained, asked for what it did
   * not get, or asked another machine. A failure leaves a picture and the demo's output, and names them.
   */
  async visit(use: (chat: ChatPage) => Promise<void>, options: VisitOptions = {}): Promise<void> {
    const { address = this.address, expectedTrouble, prepare, ...wish } = options
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...wish })
    context.setDefaultTimeout(PATIENCE_MS)
    const page = await context.newPage()
    const troubles = watchPage(page)
    const chat = new ChatPage(page)
    try {
      await prepare?.(page)
      await chat.open(address)
      await use(chat)
      expect(troubles().filter((line) => !expectedTrouble?.test(line))).toEqual([])
    } catch (error) {
      throw await this.#withEvidence(error, page)
    } finally {
      await context.close()
    }
  }

  /** Nothing of it is left running; rejects where the demo did not end well. */
  async close(): Promise<void> {
    await this.#browser.close()
    expect(await this.#demo.stop(), this.printed).toBe(0)
  }

  async #withEvidence(error: unknown, page: Page): Promise<unknown> {
    const name = (expect.getState().currentTestName ?? 'test').replaceAll(/\W+/g, '-').slice(0, 80)
    const picture = join(EVIDENCE, `${name}.png`)
    const log = join(EVIDENCE, `${name}.log`)
    await mkdir(EVIDENCE, { recursive: true })
    await writeFile(log, this.printed)
    await page.screenshot({ path: picture, fullPage: true }).catch(() => undefined)
    if (error instanceof Error) error.message += `\nthe page then: ${picture}\nwhat the demo printed: ${log}`
    return error
  }
}
