import { randomBytes } from 'node:crypto'
import { freePort } from '@holdfast/runtime'
import type { FleetNode, ServerNode } from './fleet-node.ts'
import { type FleetOptions, Foundation } from './foundation.ts'

export interface SentinelFleetOptions extends FleetOptions {
  /** For how long the master answers nothing before the sentinels look for another. Default 1 s. */
  readonly downAfterMs?: number
  /** What the sentinels ask of their own clients. Default: nothing. */
  readonly sentinelPassword?: string
}

/** One master, one replica, and three sentinels that watch them, on 127.0.0.1. */
export interface SentinelFleet {
  /** What the sentinels call the master. */
  readonly masterName: string
  readonly sentinels: readonly FleetNode[]
  /** Both servers that hold data, whatever their role. */
  readonly nodes: readonly FleetNode[]
  /** Which node most sentinels take for the master, alive or not. */
  master(): Promise<FleetNode>
  /** The other node. */
  replica(): Promise<FleetNode>
  /** Resolves with the master once it is another than `former`, all sentinels agree on it, and it takes writes. */
  untilMasterChanged(former: FleetNode): Promise<FleetNode>
  /** Resolves when all sentinels agree on a master, it takes writes, and the other node replicates all it has. */
  untilReplicated(): Promise<void>
  /** Makes the replica the master as an operator does, the former master alive. Resolves with the new one when it takes writes. */
  failOver(): Promise<FleetNode>
  /** Resolves when nothing of it remains. Idempotent. */
  stop(): Promise<void>
}

const MASTER_NAME = 'holdfast'
const QUORUM = 2
/** A sentinel looks after replicas every 10 s, and waits 8 s before it demotes a master that came back. */
const HASTE = ['info-period', 500, 'publish-period', 500]
const PLACE = 'bind 127.0.0.1'

/** Starts the fleet; resolves when its sentinels know each other and the replica, so that they could fail over. */
export async function startSentinelFleet(options: SentinelFleetOptions): Promise<SentinelFleet> {
  const ground = await Foundation.lay(options)
  try {
    const fleet = await build(ground, options)
    await fleet.untilReplicated()
    return fleet
  } catch (error) {
    await ground.clear()
    throw error
  }
}

async function build(ground: Foundation, options: SentinelFleetOptions): Promise<RunningSentinelFleet> {
  const master = await startData(ground, 'node-1')
  const replica = await startData(ground, 'node-2', master.port)
  const ports = [await freePort(), await freePort(), await freePort()]
  const members = ports.map((port) => ({ port, id: randomBytes(20).toString('hex') }))
  const { sentinelPassword: password } = options
  const sentinels: ServerNode[] = []
  for (const [index, { port }] of members.entries()) {
    const settings = sentinelSettings({ master, replica, members, index }, options)
    const plan = { port, settings, more: ['--sentinel'], password }
    const sentinel = await ground.start(`sentinel-${index + 1}`, plan)
    // Redis before 7.0 has no such command, and looks at its own pace.
    await sentinel.ask('SENTINEL', 'DEBUG', ...HASTE).catch(() => {})
    sentinels.push(sentinel)
  }
  return new RunningSentinelFleet(ground, [master, replica], sentinels)
}

async function startData(ground: Foundation, name: string, masterPort?: number): Promise<ServerNode> {
  const following = masterPort === undefined ? [] : [`replicaof 127.0.0.1 ${masterPort}`]
  return ground.start(name, {
    port: await freePort(),
    settings: [PLACE, ...ground.dataSettings, ...following],
  })
}

interface Acquaintances {
  readonly master: FleetNode
  readonly replica: FleetNode
  readonly members: readonly { readonly port: number; readonly id: string }[]
  readonly index: number
}

/** The sentinels know each other and the replica from the start, which they would learn within some seconds. */
function sentinelSettings(
  { master, replica, members, index }: Acquaintances,
  { downAfterMs = 1_000, password, sentinelPassword }: SentinelFleetOptions,
): string[] {
  const others = members.filter((_, other) => other !== index)
  const ask = sentinelPassword
  return [
    PLACE,
    `sentinel myid ${members[index]?.id}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMs}`,
    `sentinel failover-timeout ${MASTER_NAME} ${downAfterMs * 5}`,
    `sentinel parallel-syncs ${MASTER_NAME} 1`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER_NAME} "${password}"`]),
    ...(ask === undefined ? [] : [`requirepass "${ask}"`, `sentinel sentinel-pass "${ask}"`]),
    `sentinel known-replica ${MASTER_NAME} 127.0.0.1 ${replica.port}`,
    ...others.map(({ port, id }) => `sentinel known-sentinel ${MASTER_NAME} 127.0.0.1 ${port} ${id}`),
  ]
}

class RunningSentinelFleet implements SentinelFleet {
  readonly masterName = MASTER_NAME
  readonly nodes: readonly [ServerNode, ServerNode]
  readonly sentinels: readonly ServerNode[]
  readonly #ground: Foundation
  #stopped: Promise<void> | undefined

  constructor(
    ground: Foundation,
    nodes: readonly [ServerNode, ServerNode],
    sentinels: readonly ServerNode[],
  ) {
    this.#ground = ground
    this.nodes = nodes
    this.sentinels = sentinels
  }

  master(): Promise<FleetNode> {
    return this.#ground.until('two sentinels name the same master', async () => {
      const votes = await this.#votes()
      return this.nodes.find(({ port }) => votes.filter((vote) => vote === port).length >= QUORUM)
    })
  }

  async replica(): Promise<FleetNode> {
    const master = await this.master()
    const [first, second] = this.nodes
    return first === master ? second : first
  }

  untilMasterChanged(former: FleetNode): Promise<FleetNode> {
    return this.#ground.until('all sentinels name another master, and it takes writes', async () => {
      const master = await this.#agreedMaster()
      return master !== former && master
    })
  }

  async untilReplicated(): Promise<void> {
    await this.#ground.until('master, replica and sentinels agree', async () => {
      const master = await this.#agreedMaster()
      const other = this.nodes.find((node) => node !== master)
      return master && other && (await followsAll(other, master)) && (await this.#couldFailOver())
    })
  }

  async failOver(): Promise<FleetNode> {
    await this.untilReplicated()
    const former = await this.master()
    await this.#ground.until('a sentinel begins', async () => {
      await this.#running()[0]?.ask('SENTINEL', 'FAILOVER', MASTER_NAME)
      return true
    })
    return this.untilMasterChanged(former)
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#ground.clear()
    return this.#stopped
  }

  #running(): ServerNode[] {
    return this.sentinels.filter((sentinel) => sentinel.isRunning && !sentinel.isFrozen)
  }

  /** The port that each running sentinel names. */
  #votes(): Promise<number[]> {
    return Promise.all(
      this.#running().map(async (sentinel) => {
        const address = await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME)
        return Array.isArray(address) ? Number(address[1]) : 0
      }),
    )
  }

  async #agreedMaster(): Promise<ServerNode | undefined> {
    const votes = await this.#votes()
    const master = this.nodes.find(({ port }) => votes.length > 0 && votes.every((vote) => vote === port))
    return master && (await fieldsOf(master)).get('role') === 'master' ? master : undefined
  }

  /** Whether the sentinels are enough, and see a replica that they could promote. */
  async #couldFailOver(): Promise<boolean> {
    const answers = await Promise.all(
      this.#running().map(async (sentinel) => {
        await sentinel.ask('SENTINEL', 'CKQUORUM', MASTER_NAME)
        const replicas = await sentinel.ask('SENTINEL', 'REPLICAS', MASTER_NAME)
        const fields = Array.isArray(replicas) && Array.isArray(replicas[0]) ? replicas[0].map(String) : []
        return (
          fields[fields.indexOf('flags') + 1] === 'slave' &&
          fields[fields.indexOf('master-link-status') + 1] === 'ok'
        )
      }),
    )
    return answers.every(Boolean)
  }
}

/** Whether `replica` replicates `master` and has what `master` had a moment ago. */
async function followsAll(replica: ServerNode, master: ServerNode): Promise<boolean> {
  const had = (await fieldsOf(master)).get('master_repl_offset')
  const now = await fieldsOf(replica)
  return now.get('master_link_status') === 'up' && Number(now.get('slave_repl_offset')) >= Number(had)
}

async function fieldsOf(node: ServerNode): Promise<Map<string, string>> {
  const text = String(await node.ask('INFO', 'replication'))
  return new Map(text.split('\r\n').map((line) => line.split(':', 2) as [string, string]))
}
