import process from 'node:process'

/** Quiet, and nothing of its own on the network. */
const ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
]

/**
 * Starts a Chromium without a window. Whoever starts it closes it.
 * @param {string} program its path
 * @param {Readonly<Record<string, string>>} [moreEnv] added to its environment
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchChromium(program, moreEnv = {}) {
  // Loaded late: scripts import this module before packages are installed.
  const { chromium } = await import('playwright-core')
  // Chromium's sandbox refuses root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({
    executablePath: program,
    args: [...ARGS, ...sandbox],
    env: { ...process.env, ...moreEnv },
  })
}
