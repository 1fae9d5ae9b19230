import { LocalRedisError } from './problem.ts'
import type { ServerProgram, ServerSource, SourceContext } from './server-program.ts'
import { fromDebianPackage } from './sources/debian.ts'
import { fromDocker } from './sources/docker.ts'
import { fromHomebrew } from './sources/homebrew.ts'
import { fromSearchPath } from './sources/search-path.ts'

/** Where a server comes from whose process is our own, in the order they are asked. */
const PROCESSES: readonly ServerSource[] = [fromSearchPath, fromDebianPackage, fromHomebrew]

/** The first server that runs here. Rejects with `no-server` and what to do about it. */
export function findProgram(context: SourceContext): Promise<ServerProgram> {
  return first([...PROCESSES, fromDocker], context)
}

/** The first server that runs here as a process of our own, so that signals reach it and it reaches others on this machine. */
export function findProcessProgram(context: SourceContext): Promise<ServerProgram> {
  return first(PROCESSES, context)
}

async function first(sources: readonly ServerSource[], context: SourceContext): Promise<ServerProgram> {
  for (const source of sources) {
    const program = await source(context)
    if (program) return program
  }
  throw new LocalRedisError('no-server', `no Redis found on this machine; ${howToGetOne(process.platform)}`)
}

function howToGetOne(platform: NodeJS.Platform): string {
  const install = platform === 'darwin' ? 'brew install valkey' : 'sudo apt-get install redis-server'
  return `type \`${install}\`, or set REDIS_URL=redis://host:6379 to use one elsewhere`
}
