import {
  type ClusterFleet,
  type LocalRedis,
  obtainRedis,
  type SentinelFleet,
  startCluster,
  startSentinelFleet,
} from '@holdfast/local-redis'

/** What kind of Redis a stage stands on. */
export type RedisKind = 'single' | 'sentinel' | 'cluster'

/** The Redis of a stage. */
export interface StageRedis {
  /** The one server, or what all of a fleet have in common. */
  readonly server: LocalRedis
  readonly sentinel?: SentinelFleet
  readonly cluster?: ClusterFleet
  /** Where it is, as in a gateway's configuration below `redis:`. */
  readonly yaml: string
  /** The same as a worker's option; undefined for a plain address. */
  readonly option: string | undefined
  /** Address of the server that has what lies below `prefix`, as far as is known now. */
  urlOf(prefix: string): Promise<string>
}

/** @param folder where servers are unpacked and keep their data; `isOwn`: a single server is the scenario's alone */
export async function openStageRedis(kind: RedisKind, folder: string, isOwn: boolean): Promise<StageRedis> {
  switch (kind) {
    case 'single':
      return onServer(
        await obtainRedis({ folder, env: isOwn ? { ...process.env, REDIS_URL: undefined } : process.env }),
      )
    case 'sentinel':
      return onSentinels(await startSentinelFleet({ folder }))
    case 'cluster':
      return onCluster(await startCluster({ folder }))
    default:
      return kind satisfies never
  }
}

function onServer(server: LocalRedis): StageRedis {
  return {
    server,
    yaml: `url: '${server.url}'`,
    option: undefined,
    urlOf: async () => server.url,
  }
}

type Address = { readonly host: string; readonly port: number }

const urlOf = ({ host, port }: Address) => `redis://${host}:${port}`
const textOf = ({ host, port }: Address) => `${host}:${port}`

function onSentinels(fleet: SentinelFleet): StageRedis {
  const place = { sentinel: { name: fleet.masterName, nodes: fleet.sentinels.map(textOf) } }
  const found = async () => urlOf(await fleet.master())
  return { server: asServer(fleet), sentinel: fleet, ...written(place), urlOf: found }
}

function onCluster(fleet: ClusterFleet): StageRedis {
  const place = { cluster: { nodes: fleet.nodes.map(textOf) } }
  const found = async (prefix: string) => urlOf(await fleet.ownerOf(prefix))
  return { server: asServer(fleet), cluster: fleet, ...written(place), urlOf: found }
}

/** YAML takes JSON, but for the outer braces. */
function written(place: object): Pick<StageRedis, 'yaml' | 'option'> {
  const option = JSON.stringify(place)
  return { option, yaml: option.slice(1, -1) }
}

/** A fleet has no one address and no one process; it ends with the stage, and its data with it. */
function asServer(fleet: SentinelFleet | ClusterFleet): LocalRedis {
  const refuse = (): never => {
    throw new Error('a fleet has no address of its own')
  }
  return {
    get url() {
      return refuse()
    },
    get port() {
      return refuse()
    },
    description: 'a fleet',
    isPaused: false,
    hasEnded: false,
    discard: async () => {},
    stop: () => fleet.stop(),
  }
}
