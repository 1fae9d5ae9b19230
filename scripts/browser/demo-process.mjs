import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'

/** The address of the chat page, in the box that the demo prints when everything runs. */
const ADDRESS = /│\s+(http:\/\/127\.0\.0\.1:\d+)/
const STOP_MS = 30_000

/**
 * A running `holdfast demo` without a terminal.
 * @typedef {object} DemoProcess
 * @property {Promise<string>} address of the chat page, without a slash at its end; rejects with all that was printed if
 * the demo ends before it tells one
 * @property {() => string} text everything printed so far
 * @property {() => Promise<number | null>} stop asks it to end, kills it if it does not; resolves with its exit code
 */

/**
 * Starts a program that is, or ends up as, the demo. It ends with us at the latest. With a Redis of its own, whatever
 * `REDIS_URL` says: one that is not its own it can't pause.
 * @param {readonly string[]} command
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, onText?: (text: string) => void }} options
 * @returns {DemoProcess}
 */
export function startDemo([program = '', ...args], { cwd, env = {}, onText = () => {} }) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, REDIS_URL: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, which can be interrupted as a whole, as Ctrl-C in a terminal does.
    detached: true,
  })
  const kill = () => signalGroup(child, 'SIGKILL')
  process.once('exit', kill)
  let text = ''
  /** @param {Buffer} chunk */
  const hear = (chunk) => {
    text += chunk
    onText(String(chunk))
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = once(child, 'close').then(([code]) => {
    process.removeListener('exit', kill)
    return /** @type {number | null} */ (code)
  })
  const address = firstAddress(child, () => text)
  // Whoever needs it awaits it.
  address.catch(() => {})
  return { address, text: () => text, stop: () => stopped(child, ended) }
}

/**
 * The command line of `npm run demo`, after its set-up.
 * @param {string} root the project's folder
 */
export function demoCommand(root) {
  return [process.execPath, join(root, 'packages/cli/bin/holdfast.js'), 'demo', '--no-open']
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} text
 * @returns {Promise<string>}
 */
function firstAddress(child, text) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = ADDRESS.exec(text())?.[1]
      if (found) resolve(found)
    }
    child.stdout?.on('data', look)
    child.once('close', () => reject(new Error(`the demo ended without telling its address:\n${text()}`)))
    child.once('error', reject)
  })
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<number | null>} ended
 */
async function stopped(child, ended) {
  signalGroup(child, 'SIGINT')
  const patience = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_MS)
  const code = await ended
  clearTimeout(patience)
  return code
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup({ pid, exitCode, signalCode }, signal) {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal)
}
