import type { Clock } from '../clock.ts'
import { askNode } from './ask-node.ts'
import { keySlot } from './key-slot.ts'
import { type ClusterPlace, describeNode, type NodeAddress, type SentinelPlace } from './place.ts'
import { vote } from './vote.ts'

/** Finds the node that serves now. Asked before each connection. Rejects where nobody knows one. */
export type FindNode = () => Promise<NodeAddress>

/** The master, as most sentinels name it. */
export function findMaster({ sentinel }: SentinelPlace, clock: Clock): FindNode {
  const { name, nodes, sentinelPassword, tls } = sentinel
  const access = { password: sentinelPassword, tls }
  return () =>
    vote(
      nodes,
      async (node) => {
        const answer = await askNode(node, access, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name])
        if (!Array.isArray(answer))
          throw new Error(`the sentinel at ${describeNode(node)} knows no master "${name}"`)
        return { host: String(answer[0]), port: Number(answer[1]) }
      },
      clock,
    )
}

/**
 * The master of the slot that all keys under `prefix` are in, as most nodes name it that see the cluster whole. Beside the
 * nodes that were given, those are asked that were known last.
 */
export function findOwner({ cluster }: ClusterPlace, prefix: string, clock: Clock): FindNode {
  const slot = keySlot(prefix)
  let known: readonly NodeAddress[] = []
  return () => {
    const asked = new Map([...cluster.nodes, ...known].map((node) => [describeNode(node), node]))
    return vote(
      [...asked.values()],
      async (node) => {
        const state = String(await askNode(node, cluster, ['CLUSTER', 'INFO']))
        if (!/^cluster_state:ok/m.test(state))
          throw new Error(`CLUSTERDOWN the node at ${describeNode(node)} sees a part of the cluster only`)
        const ranges = readRanges(await askNode(node, cluster, ['CLUSTER', 'SLOTS']), node)
        const owner = ranges.find(({ from, to }) => from <= slot && slot <= to)?.nodes[0]
        if (!owner)
          throw new Error(`CLUSTERDOWN the node at ${describeNode(node)} knows no owner of slot ${slot}`)
        known = ranges.flatMap(({ nodes }) => nodes)
        return owner
      },
      clock,
    )
  }
}

interface SlotRange {
  readonly from: number
  readonly to: number
  /** The master first. */
  readonly nodes: readonly NodeAddress[]
}

/** Reads `CLUSTER SLOTS`. A node without an address is the one that was asked, at another port perhaps. */
function readRanges(answer: unknown, asked: NodeAddress): SlotRange[] {
  const rows = Array.isArray(answer) ? answer : []
  return rows.flatMap((row: unknown) => {
    if (!Array.isArray(row)) return []
    const [from, to, ...nodes] = row
    const read = nodes.map((node: unknown) => {
      const [host, port] = Array.isArray(node) ? node : []
      return { host: typeof host === 'string' && host !== '' ? host : asked.host, port: Number(port) }
    })
    return [{ from: Number(from), to: Number(to), nodes: read }]
  })
}
