import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { firstLine, type ServerSource, verifyProgram } from '../server-program.ts'

const INSTALL_MS = 600_000

/** Installs the `valkey` formula with Homebrew, which starts no service by itself. */
export const fromHomebrew: ServerSource = async ({ env, log }) => {
  const prefix = await runCommand('brew', ['--prefix'], { env })
  if (prefix.code !== 0) return undefined
  const program = join(prefix.stdout.trim(), 'bin', 'valkey-server')
  const present = await verifyProgram(program, 'from Homebrew', env, log)
  if (present) return present
  log('installing valkey with Homebrew (brew install valkey) …')
  const install = await runCommand('brew', ['install', 'valkey'], { env, timeoutMs: INSTALL_MS })
  if (install.code === 0) return verifyProgram(program, 'from Homebrew', env, log)
  log(`brew install valkey failed: ${firstLine(install.stderr)}; looking further`)
  return undefined
}
