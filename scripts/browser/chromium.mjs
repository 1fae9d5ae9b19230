// Where a Chromium is on this machine, or how it is had. Node alone, so that scripts may ask before anything is installed.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installPackages, runProgram, thisMachine } from './debian.mjs'

/** @typedef {import('./debian.mjs').Machine} Machine */

/**
 * A Chromium that was seen to run, or one line that says how to get one.
 * @typedef {{ readonly found: true, readonly program: string, readonly version: string }
 *   | { readonly found: false, readonly advice: string }} Chromium
 */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC_APPLICATIONS = [
  'Chromium.app/Contents/MacOS/Chromium',
  'Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * The one that `HOLDFAST_CHROMIUM` names (rejects where that does not run); else one of the PATH or of macOS'
 * applications; else, as root on a Debian, the distribution's package, which is installed.
 * @param {Machine} [machine]
 * @returns {Promise<Chromium>}
 */
export async function obtainChromium(machine = thisMachine()) {
  const named = machine.env.HOLDFAST_CHROMIUM
  if (named) return namedChromium(named, machine)
  const present = await presentChromium(machine)
  if (present.found || !(await installPackages(['chromium'], machine))) return present
  return presentChromium(machine)
}

/**
 * @param {string} program
 * @param {Machine} machine
 */
async function namedChromium(program, machine) {
  const seen = await verified(program, machine)
  if (seen) return seen
  throw new Error(`HOLDFAST_CHROMIUM: ${program} does not run here; name a Chromium's program, or unset it`)
}

/**
 * @param {Machine} machine
 * @returns {Promise<Chromium>}
 */
async function presentChromium(machine) {
  for (const program of placesOf(machine).filter((place) => existsSync(place))) {
    const seen = await verified(program, machine)
    if (seen) return seen
  }
  return { found: false, advice: `no Chromium on this machine; ${howToGetOne(machine)}` }
}

/** @param {Machine} machine */
function placesOf({ env, platform }) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  if (platform !== 'darwin') return onPath
  const homes = ['/Applications', join(env.HOME ?? '/', 'Applications')]
  return [...onPath, ...homes.flatMap((home) => MAC_APPLICATIONS.map((name) => join(home, name)))]
}

/**
 * Ubuntu has programs of these names that only say how to install one: what does not tell its version is none.
 * @param {string} program
 * @param {Machine} machine
 */
async function verified(program, { env }) {
  const { code, stdout } = await runProgram(program, ['--version'], { env })
  const version = /\d+(\.\d+){2,}/.exec(stdout)?.[0]
  return code === 0 && version ? /** @type {const} */ ({ found: true, program, version }) : undefined
}

/** @param {Machine} machine */
function howToGetOne({ platform }) {
  const install = platform === 'darwin' ? 'brew install --cask chromium' : 'sudo apt-get install chromium'
  return `type \`${install}\`, or set HOLDFAST_CHROMIUM to the path of one`
}
