import type { TestProject } from 'vitest/node'
import { obtainChromium } from '../../scripts/browser/chromium.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The path of a Chromium; absent where none can be had. */
    readonly chromium: string | undefined
  }
}

/** One Chromium for all suites, sought or installed once. Where there is none, one line says so and they are skipped. */
export default async function setup(project: TestProject): Promise<void> {
  const chromium = await obtainChromium()
  if (!chromium.found) console.log(`holdfast: the browser tests are skipped: ${chromium.advice}`)
  project.provide('chromium', chromium.found ? chromium.program : undefined)
}
