import type { Environment } from '@holdfast/runtime'
import open from 'open'

export interface BrowserSurroundings {
  readonly platform: NodeJS.Platform
  readonly env: Environment
  /** Somebody looks at what is printed. */
  readonly isTerminal: boolean
}

/** Whether somebody sits there with a desktop that can show a page. */
export function mayOpenBrowser({ platform, env, isTerminal }: BrowserSurroundings): boolean {
  const desktop = platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
  return isTerminal && desktop && !env.CI
}

/** Shows a page in the person's browser. Whether that works is no concern of ours: the address was printed. */
export async function openBrowser(url: string): Promise<void> {
  try {
    const browser = await open(url)
    browser.on('error', () => {})
  } catch {
    // There is no program to open it with.
  }
}
