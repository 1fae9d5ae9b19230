import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const PROJECT = join(import.meta.dirname, '../..')

/** The files that Docker would be sent: what git tracks or would track, less what `.dockerignore` names. */
export function contextFiles(): readonly string[] {
  const ignored = readDockerignore()
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  return execFileSync('git', args, { cwd: PROJECT, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(PROJECT, file)) && !ignored(file))
}

/** Copies the build context into `folder`. */
export function copyContext(folder: string): void {
  for (const file of contextFiles())
    cpSync(join(PROJECT, file), join(folder, file), { verbatimSymlinks: true })
}

/** Whether `.dockerignore` keeps a file out. Its `!` exceptions are not read: ours has none. */
export function readDockerignore(): (file: string) => boolean {
  const patterns = readFileSync(join(PROJECT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(patternOf)
  return (file) => patterns.some((pattern) => pattern.test(file))
}

/** A pattern names a file, or a folder with all in it; `*` stays within a name, `**` spans folders. */
function patternOf(text: string): RegExp {
  const source = text
    .replaceAll(/[.+^$()|[\]{}]/g, '\\$&')
    .replaceAll('**/', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '(?:.*/)?')
  return new RegExp(`^${source}(?:/|$)`)
}
