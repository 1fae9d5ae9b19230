import { readFile } from 'node:fs/promises'
import { SimulatorError } from '../errors.ts'
import { readScript } from './read-script.ts'
import type { Script } from './script.ts'

/** Reads the script in a file. Rejects with a `SimulatorError` of one line that names the file. */
export async function readScriptFile(file: string): Promise<Script> {
  try {
    return readScript(await readFile(file, 'utf8'))
  } catch (error) {
    const why = error instanceof SimulatorError ? error.message : unread(error)
    throw new SimulatorError('bad-request', `--script ${file}: ${why}`, { cause: error })
  }
}

function unread(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return code === 'ENOENT' ? 'there is no such file' : `it can't be read (${code})`
}
