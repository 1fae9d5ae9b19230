import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The last picture stays this long before the film begins again. */
const LAST_SECONDS = 2.5

/**
 * Pictures of a page taken one after the other while something happens on it. At most one camera per folder.
 */
export class Camera {
  #isRolling = true
  /** @type {{ file: string, atMs: number }[]} */
  #frames = []
  /** @type {Promise<void>} */
  #done

  /**
   * Starts filming at once.
   * @param {import('playwright-core').Page} page
   * @param {string} folder for the pictures
   */
  constructor(page, folder) {
    this.folder = folder
    this.#done = this.#roll(page)
  }

  /** Ends the film; resolves with its list of pictures for ffmpeg. */
  async stop() {
    this.#isRolling = false
    await this.#done
    const list = join(this.folder, 'frames.txt')
    await writeFile(list, this.#listed())
    return list
  }

  /** @param {import('playwright-core').Page} page */
  async #roll(page) {
    await mkdir(this.folder, { recursive: true })
    while (this.#isRolling) {
      const file = `frame-${String(this.#frames.length).padStart(5, '0')}.png`
      const atMs = performance.now()
      await page.screenshot({ path: join(this.folder, file) })
      this.#frames.push({ file, atMs })
    }
  }

  /** Each picture is shown until the next was taken. https://ffmpeg.org/ffmpeg-formats.html#concat-1 */
  #listed() {
    const lines = this.#frames.flatMap(({ file, atMs }, index) => {
      const next = this.#frames[index + 1]?.atMs
      const seconds = next === undefined ? LAST_SECONDS : (next - atMs) / 1000
      return [`file '${file}'`, `duration ${seconds.toFixed(3)}`]
    })
    // The demuxer forgets the duration of the last picture unless the picture is named again.
    return [...lines, lines.at(-2) ?? '', ''].join('\n')
  }
}
