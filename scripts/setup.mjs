// From a fresh clone to something that runs: Node is new enough, packages are installed, everything is built.
// Plain JavaScript without dependencies: it runs before there are any. Does nothing that is done already.
import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv, env, execPath, exit, stdout, versions } from 'node:process'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = [20, 19]

/** The project's folder. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Makes the project ready to run, telling each step. Ends the process with one clear line where it can't. */
export async function setUp() {
  requireNode()
  if (packagesAreStale()) {
    await step('installing packages (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  }
  await step('building', execPath, [
    join(ROOT, 'node_modules/turbo/bin/turbo'),
    ...['run', 'build', '--output-logs=errors-only', '--ui=stream'],
  ])
}

/**
 * Runs a program in the project's folder with our terminal. Resolves with its exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {'inherit' | 'quiet'} output `quiet` shows what it said only when it fails
 * @returns {Promise<number>}
 */
export function run(program, args, output = 'inherit') {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...env, TURBO_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', output === 'quiet' ? 'pipe' : 'inherit', output === 'quiet' ? 'pipe' : 'inherit'],
  })
  /** @type {Buffer[]} */
  const said = []
  child.stdout?.on('data', (chunk) => said.push(chunk))
  child.stderr?.on('data', (chunk) => said.push(chunk))
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

/** True where packages were never installed, or the lock file changed since. */
function packagesAreStale() {
  const installed = join(ROOT, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return true
  return statSync(installed).mtimeMs < statSync(join(ROOT, 'package-lock.json')).mtimeMs
}

/**
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} args
 */
async function step(name, program, args) {
  const startedMs = performance.now()
  stdout.write(`holdfast: ${name} … `)
  const code = await run(program, args, 'quiet')
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  if (code === 0) return console.log(`done in ${seconds} s`)
  console.error(`\nholdfast: ${name} failed with exit code ${code}; what it said is above`)
  exit(1)
}

if (argv[1] === fileURLToPath(import.meta.url)) await setUp()
