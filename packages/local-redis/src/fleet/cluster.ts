import { createServer } from 'node:net'
import { freePort } from '@holdfast/runtime'
import { type ClusterView, readView } from './cluster-view.ts'
import type { FleetNode, ServerNode } from './fleet-node.ts'
import { type FleetOptions, Foundation } from './foundation.ts'

export interface ClusterOptions extends FleetOptions {
  /** For how long a node answers nothing before the others look for its successor. Default 2 s. */
  readonly nodeTimeoutMs?: number
}

/** Three masters with a replica each, on 127.0.0.1. */
export interface ClusterFleet {
  readonly nodes: readonly FleetNode[]
  /** Which node most take for the master of the key's slot, alive or not. */
  ownerOf(key: string): Promise<FleetNode>
  /** A running replica of `master`. Rejects where it has none. */
  replicaOf(master: FleetNode): Promise<FleetNode>
  /** `replica` becomes the master in place of its own, which stays as its replica. Resolves when the cluster is healthy again. */
  failOver(replica: FleetNode): Promise<void>
  /** Resolves when all running nodes agree that every slot has a running master, and each running replica is up to date. */
  untilHealthy(): Promise<void>
  /** Resolves when nothing of it remains. Idempotent. */
  stop(): Promise<void>
}

const SLOTS = 16_384
const MASTERS = 3
/** The nodes talk to each other on a port that is higher by this. */
const BUS = 10_000
const HIGHEST_PORT = 65_535

/** Starts the cluster; resolves when it is healthy. */
export async function startCluster(options: ClusterOptions): Promise<ClusterFleet> {
  const ground = await Foundation.lay(options)
  try {
    const nodes: ServerNode[] = []
    for (let index = 0; index < MASTERS * 2; index += 1) nodes.push(await startMember(ground, index, options))
    await unite(ground, nodes)
    const cluster = new RunningCluster(ground, nodes)
    await cluster.untilHealthy()
    return cluster
  } catch (error) {
    await ground.clear()
    throw error
  }
}

async function startMember(
  ground: Foundation,
  index: number,
  { nodeTimeoutMs = 2_000 }: ClusterOptions,
): Promise<ServerNode> {
  return ground.start(`node-${index + 1}`, {
    port: await freePortWithBus(),
    settings: [
      'bind 127.0.0.1',
      ...ground.dataSettings,
      'cluster-enabled yes',
      `cluster-node-timeout ${nodeTimeoutMs}`,
      'cluster-replica-validity-factor 0',
    ],
  })
}

async function unite(ground: Foundation, nodes: readonly ServerNode[]): Promise<void> {
  const [first, ...others] = nodes
  for (const [index, node] of nodes.entries()) await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  for (const { host, port } of others) await first?.ask('CLUSTER', 'MEET', host, port)
  for (const [index, node] of nodes.slice(0, MASTERS).entries())
    await node.ask('CLUSTER', 'ADDSLOTS', ...slotsOf(index))
  await ground.until('the nodes know each other', async () => {
    const views = await Promise.all(nodes.map(readView))
    return views.every((view) => view.members.length === nodes.length)
  })
  for (const [index, replica] of nodes.slice(MASTERS).entries()) {
    const master = String(await nodes[index]?.ask('CLUSTER', 'MYID'))
    await ground.until('a replica takes its master', async () => replica.ask('CLUSTER', 'REPLICATE', master))
  }
}

function slotsOf(index: number): number[] {
  const from = Math.round((SLOTS / MASTERS) * index)
  const to = Math.round((SLOTS / MASTERS) * (index + 1))
  return Array.from({ length: to - from }, (_, offset) => from + offset)
}

class RunningCluster implements ClusterFleet {
  readonly nodes: readonly ServerNode[]
  readonly #ground: Foundation
  #stopped: Promise<void> | undefined

  constructor(ground: Foundation, nodes: readonly ServerNode[]) {
    this.#ground = ground
    this.nodes = nodes
  }

  async ownerOf(key: string): Promise<FleetNode> {
    const slot = Number(await this.#running()[0]?.ask('CLUSTER', 'KEYSLOT', key))
    return this.#ground.until(`most nodes name the same owner of slot ${slot}`, async () => {
      const views = await this.#views()
      const ports = views.map((view) => view.members.find((member) => member.owns(slot))?.port)
      return this.nodes.find(({ port }) => ports.filter((each) => each === port).length * 2 > ports.length)
    })
  }

  replicaOf(master: FleetNode): Promise<FleetNode> {
    return this.#ground.until('the master has a replica', async () => {
      const [view] = await this.#views()
      const id = view?.members.find(({ port }) => port === master.port)?.id
      const ports = view?.members.filter((member) => member.masterId === id).map(({ port }) => port)
      return this.#running().find(({ port }) => ports?.includes(port))
    })
  }

  async failOver(replica: FleetNode): Promise<void> {
    await replica.ask('CLUSTER', 'FAILOVER')
    await this.#ground.until('the replica is a master everywhere', async () => {
      const views = await this.#views()
      return views.every((view) =>
        view.members.some(({ port, masterId }) => port === replica.port && masterId === undefined),
      )
    })
    await this.untilHealthy()
  }

  async untilHealthy(): Promise<void> {
    await this.#ground.until('all running nodes of the cluster are well', async () => {
      const running = this.#running()
      const views = await Promise.all(running.map(readView))
      return views.every((view) => isWell(view, running)) && agree(views)
    })
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#ground.clear()
    return this.#stopped
  }

  #running(): ServerNode[] {
    return this.nodes.filter((node) => node.isRunning && !node.isFrozen)
  }

  #views(): Promise<ClusterView[]> {
    return Promise.all(this.#running().map(readView))
  }
}

/** Whether a node sees the whole cluster served by nodes that run, none of them as failing, and lags behind nobody. */
function isWell(view: ClusterView, running: readonly ServerNode[]): boolean {
  const ports = running.map(({ port }) => port)
  const seen = view.members.filter(({ port }) => ports.includes(port))
  const owning = view.members.filter(({ slots }) => slots.length > 0)
  return (
    view.isOk &&
    view.isUpToDate &&
    seen.length === running.length &&
    seen.every(({ isWell }) => isWell) &&
    owning.every(({ port }) => ports.includes(port))
  )
}

function agree(views: readonly ClusterView[]): boolean {
  const pictures = views.map(({ members }) =>
    members
      .map(({ id, masterId, slots }) => `${id} ${masterId} ${slots.join()}`)
      .sort()
      .join('\n'),
  )
  return new Set(pictures).size === 1
}

async function freePortWithBus(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port + BUS <= HIGHEST_PORT && (await isFree(port + BUS))) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
