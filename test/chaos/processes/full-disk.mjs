/*
 * Preloaded into a gateway (`--import`): while the file HOLDFAST_CHAOS_DISK_FULL exists, nothing can be written below
 * HOLDFAST_CHAOS_DISK any more, as on a full disk: half of what is written arrives, then comes ENOSPC. What frees space
 * goes on: files are emptied, renamed and deleted. A stand-in for a small disk of its own, which not every machine lets
 * one mount; it stands in front of `node:fs/promises`, so what the kernel does by itself (fsync that fails) is not in it.
 */
import { existsSync, promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { resolve, sep } from 'node:path'
import { env } from 'node:process'

const { HOLDFAST_CHAOS_DISK: disk = '', HOLDFAST_CHAOS_DISK_FULL: fullFile = '' } = env
const WRITES = /** @type {const} */ (['appendFile', 'write', 'writeFile', 'writev'])
const { open, mkdir } = promises

/** @param {unknown} path */
const isOnDisk = (path) => `${resolve(String(path))}${sep}`.startsWith(`${resolve(disk)}${sep}`)
const isFull = () => existsSync(fullFile)

/**
 * @param {string} syscall
 * @param {unknown} path
 */
function noSpace(syscall, path) {
  const text = `ENOSPC: no space left on device, ${syscall} '${path}'`
  return Object.assign(new Error(text), { code: 'ENOSPC', errno: -28, syscall, path })
}

promises.open = async (path, flags, mode) => {
  const creates = typeof flags === 'string' && flags !== 'r' && flags !== 'r+'
  if (creates && isOnDisk(path) && isFull()) throw noSpace('open', path)
  const handle = await open(path, flags, mode)
  if (isOnDisk(path)) for (const name of WRITES) refuseWhenFull(handle, name, path)
  return handle
}

promises.mkdir = /** @type {typeof mkdir} */ (
  async (/** @type {any} */ path, /** @type {any} */ options) => {
    if (isOnDisk(path) && !existsSync(path) && isFull()) throw noSpace('mkdir', path)
    return mkdir(path, options)
  }
)

/**
 * @param {any} handle
 * @param {typeof WRITES[number]} name
 * @param {unknown} path
 */
function refuseWhenFull(handle, name, path) {
  const write = handle[name].bind(handle)
  const writeSome = handle.appendFile.bind(handle)
  handle[name] = async (/** @type {unknown[]} */ ...given) => {
    if (!isFull()) return write(...given)
    const [bytes] = given
    if (bytes instanceof Uint8Array) await writeSome(bytes.subarray(0, bytes.length / 2))
    throw noSpace('write', path)
  }
}

syncBuiltinESMExports()
