// From a fresh clone to something that runs: Node is new enough, packages are installed, everything is built.
// Plain JavaScript without dependencies: it runs before there are any. Does nothing that is done already.
import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv, env, execPath, exit, stdout, versions } from 'node:process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const OLDEST_NODE = [20, 19]

/** The project's folder. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Makes the project ready to run, telling each step. Ends the process with one clear line where it can't. */
export async function setUp() {
  requireNode()
  await install()
  await step('building', execPath, [
    join(ROOT, 'node_modules/turbo/bin/turbo'),
    // All of it, since it is shown only as it goes by, or when the build fails.
    ...['run', 'build', '--output-logs=full', '--ui=stream'],
  ])
}

/**
 * Installs the packages of a folder with a lock file of its own, unless they are there.
 * @param {string} folder
 * @param {string} whose a word for whose packages these are
 */
export async function install(folder = ROOT, whose = '') {
  if (!packagesAreStale(folder)) return
  // The log of what it fetches shows that it goes on.
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=http', '--prefix', folder]
  await step(`installing ${whose}packages (npm ci)`, 'npm', args)
}

/**
 * Runs a program in the project's folder with our terminal. Resolves with its exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {'inherit' | 'quiet'} output `quiet` shows what it said only when it fails
 * @param {(text: string) => void} hear what a quiet one says, as it says it
 * @returns {Promise<number>}
 */
export function run(program, args, output = 'inherit', hear = () => {}) {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...env, TURBO_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', output === 'quiet' ? 'pipe' : 'inherit', output === 'quiet' ? 'pipe' : 'inherit'],
  })
  /** @type {Buffer[]} */
  const said = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      said.push(chunk)
      hear(String(chunk))
    })
  }
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`holdfast: ${program} could not be started (${error.message})`)
      resolve(127)
    })
    child.once('close', (code) => {
      if (code !== 0) stdout.write(Buffer.concat(said))
      resolve(code ?? 1)
    })
  })
}

function requireNode() {
  const [major = 0, minor = 0] = versions.node.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  const oldest = OLDEST_NODE.join('.')
  console.error(
    `holdfast needs Node ${oldest} or newer, this is ${versions.node}; install it from https://nodejs.org`,
  )
  exit(2)
}

/**
 * True where packages were never installed, or the lock file changed since.
 * @param {string} folder
 */
function packagesAreStale(folder) {
  const installed = join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return true
  return statSync(installed).mtimeMs < statSync(join(folder, 'package-lock.json')).mtimeMs
}

/**
 * One step: says at once that it begins, shows while it lasts that it goes on, and ends the process where it fails.
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} args
 */
async function step(name, program, args) {
  const ticker = startTicker(name)
  const code = await run(program, args, 'quiet', ticker.hear)
  ticker.end(code === 0)
  if (code === 0) return
  console.error(`holdfast: ${name} failed with exit code ${code}; what it said is above`)
  exit(1)
}

/** How often a line shows that a step goes on: in place on a terminal, as lines of their own elsewhere. */
const TICK_MS = stdout.isTTY ? 250 : 2_000

/**
 * Shows a step's time and the last thing that its program said.
 * @param {string} name
 */
function startTicker(name) {
  const startedMs = performance.now()
  const seconds = () => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
  let said = ''
  const show = () => {
    const line = `  ${name} … ${seconds()}${said && `: ${said}`}`
    if (stdout.isTTY) stdout.write(`\r\x1b[K${line.slice(0, (stdout.columns ?? 80) - 1)}`)
    else console.log(line)
  }
  if (stdout.isTTY) show()
  else console.log(`  ${name} …`)
  const timer = setInterval(show, TICK_MS)
  return {
    /** @param {string} text */
    hear(text) {
      said = lastLine(text) ?? said
    },
    /** @param {boolean} well */
    end(well) {
      clearInterval(timer)
      if (stdout.isTTY) stdout.write('\r\x1b[K')
      if (well) console.log(`✓ ${name} (${seconds()})`)
    },
  }
}

/**
 * The last line with a word in it, without colours.
 * @param {string} text
 */
function lastLine(text) {
  const plain = stripVTControlCharacters(text)
  const lines = plain.split('\n').map((line) => line.trim())
  return lines.findLast((line) => /\w/.test(line))
}

if (argv[1] === fileURLToPath(import.meta.url)) await setUp()
