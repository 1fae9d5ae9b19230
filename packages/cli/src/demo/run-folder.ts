import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A folder for the configuration, logs and notes of this run: `demo/<process id>` in `holdfastFolder`. It stays when the
 * run is over, for reading, and is removed by the next run.
 */
export async function createRunFolder(holdfastFolder: string): Promise<string> {
  const runs = join(holdfastFolder, 'demo')
  await mkdir(runs, { recursive: true })
  for (const name of await readdir(runs)) {
    if (!isAlive(Number(name))) await rm(join(runs, name), { recursive: true, force: true })
  }
  const folder = join(runs, String(process.pid))
  await mkdir(folder, { recursive: true })
  return folder
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
