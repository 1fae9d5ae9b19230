import { Secret, secretUrl } from '../secret.ts'

/** A server by name or address. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** One Redis, by its address: `redis://` or `rediss://`. */
export interface UrlPlace {
  readonly url: string | Secret
}

/** The master that Redis Sentinels watch. */
export interface SentinelPlace {
  readonly sentinel: {
    /** What the sentinels call the master. */
    readonly name: string
    /** Some of the sentinels, at least one. */
    readonly nodes: readonly NodeAddress[]
    /** Of the master. */
    readonly username?: string | undefined
    readonly password?: Secret | undefined
    /** Of the sentinels. */
    readonly sentinelPassword?: Secret | undefined
    readonly db?: number | undefined
    /** To the sentinels and to the master. */
    readonly tls?: boolean | undefined
  }
}

/** A Redis Cluster. */
export interface ClusterPlace {
  readonly cluster: {
    /** Some of the nodes, at least one: each knows the others. */
    readonly nodes: readonly NodeAddress[]
    readonly username?: string | undefined
    readonly password?: Secret | undefined
    readonly tls?: boolean | undefined
  }
}

/** Where Redis is. Prints without its passwords, but for a URL that is given as text. */
export type RedisPlace = UrlPlace | SentinelPlace | ClusterPlace

/** Where the data of one deployment are: Redis, and the prefix of all keys, whose braces keep them on one node of a Cluster. */
export interface RedisHome {
  readonly redis: RedisPlace
  readonly prefix: string
}

/** Where a configuration says that everything is. */
export function homeOf({ redis }: { readonly redis: RedisPlace & { readonly prefix: string } }): RedisHome {
  return { redis, prefix: redis.prefix }
}

/** For people, without passwords: `redis://host:6379/`, `master "holdfast" of the sentinels at a:26379, b:26379`. */
export function describePlace(place: RedisPlace): string {
  if ('url' in place) return String(secretPlaceUrl(place))
  if ('sentinel' in place)
    return `master "${place.sentinel.name}" of the sentinels at ${listNodes(place.sentinel.nodes)}`
  return `the cluster at ${listNodes(place.cluster.nodes)}`
}

/** The passwords in it, for a log that strikes them out. */
export function secretsOfPlace(place: RedisPlace): readonly Secret[] {
  if ('url' in place) {
    const { password } = new URL(secretPlaceUrl(place).reveal())
    return password === '' ? [] : [new Secret(decodeURIComponent(password))]
  }
  const { password, sentinelPassword } =
    'sentinel' in place ? place.sentinel : { ...place.cluster, sentinelPassword: undefined }
  return [password, sentinelPassword].filter((secret) => secret !== undefined)
}

/** The address, hidden where it is printed. */
export function secretPlaceUrl({ url }: UrlPlace): Secret {
  return typeof url === 'string' ? secretUrl(url) : url
}

/** `a:26379, [::1]:26379` */
export function listNodes(nodes: readonly NodeAddress[]): string {
  return nodes.map(describeNode).join(', ')
}

export function describeNode({ host, port }: NodeAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Reads `host`, `host:port` or `[::1]:port`; undefined where it is none of them. */
export function readNode(text: string, defaultPort: number): NodeAddress | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = digits === undefined ? defaultPort : Number(digits)
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}
