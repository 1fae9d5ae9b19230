import { NOT_FOUND, runCommand } from '../command.ts'
import { DURABLE, firstLine, type ServerPlace, type ServerSource } from '../server-program.ts'

const IMAGE = 'valkey/valkey:8-alpine'
const PULL_MS = 300_000

/** A throw-away container, reachable from this machine only. Stopping the `docker run` in front stops the container. */
export const fromDocker: ServerSource = async ({ env, log }) => {
  const daemon = await runCommand('docker', ['info', '--format', '{{.ServerVersion}}'], {
    env,
    timeoutMs: 15_000,
  })
  if (daemon.code === NOT_FOUND) return undefined
  if (daemon.code !== 0) {
    log(`docker is here, but its daemon is not: ${firstLine(daemon.stderr)}; looking further`)
    return undefined
  }
  if (!(await havingImage(env, log))) return undefined
  return {
    description: `docker ${IMAGE}`,
    env,
    isItself: false,
    command: containerCommand,
  }
}

/** Inside, the server listens on the container's own network; only the published port leads there. */
function containerCommand({ port, dataFolder, configFile }: ServerPlace): [string, ...string[]] {
  const config = configFile === undefined ? [] : ['--volume', `${configFile}:/holdfast.conf:ro`]
  const volumes = ['--volume', `${dataFolder}:/data`, ...config]
  const settings = configFile === undefined ? DURABLE : []
  return [
    'docker',
    ...['run', '--rm', '--publish', `127.0.0.1:${port}:6379`, ...volumes, IMAGE],
    ...['valkey-server', ...(configFile === undefined ? [] : ['/holdfast.conf'])],
    ...['--bind', '0.0.0.0', '--protected-mode', 'no', '--dir', '/data', ...settings],
  ]
}

async function havingImage(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<boolean> {
  const present = await runCommand('docker', ['image', 'inspect', IMAGE], { env })
  if (present.code === 0) return true
  log(`fetching ${IMAGE} with docker …`)
  const pull = await runCommand('docker', ['pull', '--quiet', IMAGE], { env, timeoutMs: PULL_MS })
  if (pull.code !== 0) log(`docker pull ${IMAGE} failed: ${firstLine(pull.stderr)}; looking further`)
  return pull.code === 0
}
