// Packages of Debian and Ubuntu, installed where we may. Node alone: scripts use it before anything is installed.
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const SHORT_MS = 30_000
const LONG_MS = 600_000
/** One apt at a time, whoever of us starts it: apt itself gives up where another holds its lists. */
const LOCK = join(tmpdir(), 'holdfast-apt.lock')

/**
 * What the machine is to us; tests give another one.
 * @typedef {object} Machine
 * @property {Readonly<Record<string, string | undefined>>} env
 * @property {NodeJS.Platform} platform
 * @property {boolean} isRoot
 * @property {(line: string) => void} log told what takes long, one line each
 */

/** @returns {Machine} */
export function thisMachine() {
  return {
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    log: (line) => console.log(`holdfast: ${line}`),
  }
}

/**
 * Installs packages with apt-get, as root on a Debian or Ubuntu, telling that it does and how long it took. Resolves
 * with whether they are installed; never rejects. Does nothing where it may not. May be called twice at once.
 * @param {readonly string[]} packages
 * @param {Machine} machine
 * @returns {Promise<boolean>}
 */
export async function installPackages(packages, machine) {
  const { env, log, platform, isRoot } = machine
  if (platform !== 'linux' || !isRoot) return false
  if ((await runProgram('apt-get', ['--version'], { env })).code !== 0) return false
  const startedMs = performance.now()
  log(`installing ${packages.join(', ')} (apt-get install) …`)
  const failure = await tryInstalling(packages, env)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  log(failure ? `that failed after ${seconds} s: ${failure}` : `installed in ${seconds} s`)
  return failure === undefined
}

/**
 * Package lists may be missing, or name versions that are gone: then they are read anew, once.
 * @param {readonly string[]} packages
 * @param {Machine['env']} env
 * @returns {Promise<string | undefined>} why it failed
 */
async function tryInstalling(packages, env) {
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages]
  if ((await apt(install, env)).code === 0) return undefined
  await apt(['update', '-qq'], env)
  const { code, stderr } = await apt(install, env)
  if (code === 0) return undefined
  return stderr.trim().split('\n').at(-1) || `apt-get ended with exit code ${code}`
}

/**
 * @param {readonly string[]} args
 * @param {Machine['env']} env
 */
function apt(args, env) {
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=2']
  const command = [LOCK, 'apt-get', ...patience, ...args]
  return runProgram('flock', command, {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: LONG_MS,
  })
}

/**
 * Runs a program to its end. Never rejects: what went wrong is in the result.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env: Machine['env'], timeoutMs?: number }} options
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function runProgram(program, args, { env, timeoutMs = SHORT_MS }) {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: timeoutMs, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 127) : 0
      resolve({ code, stdout, stderr: stderr || (error?.message ?? '') })
    })
  })
}
