import type { FleetNode } from './fleet-node.ts'

/** What one node thinks of the cluster. */
export interface ClusterView {
  /** It would serve every slot, or send to who does. */
  readonly isOk: boolean
  /** It is a master, or a replica that has all of its master's data. */
  readonly isUpToDate: boolean
  readonly members: readonly ClusterMember[]
}

export interface ClusterMember {
  readonly id: string
  readonly port: number
  /** Absent for a master. */
  readonly masterId?: string
  /** Neither failing, nor suspected, nor still being met. */
  readonly isWell: boolean
  readonly slots: readonly (readonly [from: number, to: number])[]
  owns(slot: number): boolean
}

/** Asks a node for its view: `CLUSTER NODES`, https://redis.io/docs/latest/commands/cluster-nodes/. */
export async function readView(node: FleetNode): Promise<ClusterView> {
  const state = String(await node.ask('CLUSTER', 'INFO'))
  const replication = String(await node.ask('INFO', 'replication'))
  const lines = String(await node.ask('CLUSTER', 'NODES')).split('\n')
  return {
    isOk: /^cluster_state:ok/m.test(state),
    isUpToDate: /^role:master/m.test(replication) || /^master_link_status:up/m.test(replication),
    members: lines.filter((line) => line.trim() !== '').map(readMember),
  }
}

/** `<id> <host:port@bus> <flags> <master or -> <ping> <pong> <epoch> <link> <slots…>` */
function readMember(line: string): ClusterMember {
  const [id = '', address = '', flags = '', master = '-', , , , link, ...ranges] = line.trim().split(' ')
  const slots = ranges.filter((range) => /^\d/.test(range)).map(readRange)
  return {
    id,
    port: Number(/:(\d+)/.exec(address)?.[1]),
    ...(master === '-' ? {} : { masterId: master }),
    isWell: link === 'connected' && !/fail|handshake|noaddr/.test(flags),
    slots,
    owns: (slot) => slots.some(([from, to]) => from <= slot && slot <= to),
  }
}

function readRange(range: string): readonly [number, number] {
  const [from, to = from] = range.split('-').map(Number)
  return [from ?? 0, to ?? 0]
}
