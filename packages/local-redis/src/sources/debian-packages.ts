import { type Environment, runCommand } from '../command.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholder
const STATUS = '${db:Status-Status}\n'

/** One dependency: any of these packages satisfies it. */
type Alternatives = readonly string[]

/**
 * The server's package and what it needs at run time beyond what is installed: its tools and libraries, asked from apt
 * because their names differ between releases. Packages that only set a system up (users, init scripts) are left out.
 */
export async function packagesToFetch(server: string, env: Environment): Promise<readonly string[]> {
  const wanted = [server]
  for (const name of wanted) {
    for (const alternatives of await dependencies(name, env)) {
      const choice = alternatives.find(isNeededAtRunTime)
      if (!choice || wanted.includes(choice) || (await anyInstalled(alternatives, env))) continue
      wanted.push(choice)
    }
  }
  return wanted
}

function isNeededAtRunTime(name: string): boolean {
  return /^(lib|lua|redis-|valkey-)/.test(name)
}

async function dependencies(name: string, env: Environment): Promise<readonly Alternatives[]> {
  const args = [
    'depends',
    '--no-recommends',
    '--no-suggests',
    '--no-conflicts',
    '--no-breaks',
    '--no-replaces',
  ]
  return parseDependencies((await runCommand('apt-cache', [...args, name], { env })).stdout)
}

/** Reads `apt-cache depends`: a `|` before `Depends:` says that the next line is an alternative to this one. */
export function parseDependencies(text: string): readonly Alternatives[] {
  const groups: string[][] = []
  let open = false
  for (const line of text.split('\n')) {
    const match = /^\s+(\|?)(?:Pre)?Depends: ([a-z0-9][a-z0-9.+-]*)(?::\w+)?\s*$/.exec(line)
    if (!match?.[2]) continue
    if (open) groups.at(-1)?.push(match[2])
    else groups.push([match[2]])
    open = match[1] === '|'
  }
  return groups
}

async function anyInstalled(names: Alternatives, env: Environment): Promise<boolean> {
  const query = await runCommand('dpkg-query', ['--show', '--showformat', STATUS, ...names], { env })
  return query.stdout.split('\n').includes('installed')
}
