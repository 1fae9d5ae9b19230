import { join } from 'node:path'
import { type LocalRedis, obtainRedis } from '@holdfast/local-redis'
import { sleep, systemClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'

const nextLook = () => sleep(systemClock, 20)

/** A Redis of a suite's own, to be made to refuse, forget or fall silent without a harm to the other suites. */
export class OwnRedis {
  readonly #server: LocalRedis
  readonly admin: Redis

  private constructor(server: LocalRedis) {
    this.#server = server
    this.admin = new Redis(server.url)
    this.admin.on('error', () => {})
  }

  static async open(): Promise<OwnRedis> {
    const folder = join(import.meta.dirname, '../../../.holdfast/redis')
    const { REDIS_URL: _shared, ...env } = process.env
    return new OwnRedis(await obtainRedis({ folder, env }))
  }

  get url(): string {
    return this.#server.url
  }

  /** As a replica in a fail-over does: every write is refused until `accept()`. */
  refuse(): Promise<unknown> {
    return this.admin.replicaof('127.0.0.1', 1)
  }

  accept(): Promise<unknown> {
    return this.admin.replicaof('NO', 'ONE')
  }

  /** Becomes a replica of another and takes over its data. Resolves when it has all of it. */
  async follow(master: OwnRedis): Promise<void> {
    await master.admin.config('SET', 'repl-diskless-sync-delay', 0)
    const { hostname, port } = new URL(master.url)
    await this.admin.replicaof(hostname, Number(port))
    await this.caughtUp(master)
  }

  /** Resolves when this replica has all that its master has by now. */
  async caughtUp(master: OwnRedis): Promise<void> {
    while (!/master_link_status:up/.test(await this.admin.info('replication'))) await nextLook()
    await master.admin.set('hf-test:caught-up', 1)
    if ((await master.admin.wait(1, 10_000)) < 1) throw new Error('The replica does not catch up.')
  }

  /** Frozen until `resume()`: connections stay, and nothing is answered. */
  pause(): void {
    this.#server.pause?.()
  }

  resume(): void {
    this.#server.resume?.()
  }

  /** Dies as with SIGKILL; it is there again, with what its append-only file has, after `restart()`. */
  kill(): void {
    if (this.#server.pid !== undefined) process.kill(this.#server.pid, 'SIGKILL')
  }

  async restart(): Promise<void> {
    await this.#server.restart?.()
  }

  /** From now on it may hold `bytes` more than it does; 0 for no bound. */
  async leaveRoom(bytes: number): Promise<void> {
    const used = Number(/used_memory:(\d+)/.exec(await this.admin.info('memory'))?.[1])
    await this.admin.config('SET', 'maxmemory', bytes === 0 ? 0 : used + bytes)
  }

  /** What a restart without a file leaves: no data, no scripts, no connections. */
  async restartEmpty(): Promise<void> {
    await this.admin.flushall()
    await this.admin.script('FLUSH')
    await this.admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  }

  async close(): Promise<void> {
    this.admin.disconnect()
    await this.#server.stop()
  }
}
