import { randomUUID } from 'node:crypto'
import type { MemoryQueues, SourceOptions } from '@holdfast/queue'
import type { Clock } from '@holdfast/runtime'
import { Peers } from '../peers.ts'
import type { WorkerQueue } from '../worker-queue.ts'

/** What a bench does with the runs of a worker's jobs. */
export type AroundRun = (run: SourceOptions['run']) => SourceOptions['run']

/** A worker's queue in memory. */
export function createBenchQueue(
  { registry, source, view }: MemoryQueues,
  subscription: string,
  clock: Clock,
  around: AroundRun,
): WorkerQueue {
  const workerId = randomUUID()
  const peers = new Peers({ workerId, wishers: () => registry.wishers(subscription), clock })
  return {
    connect: async () => {},
    createSource: async (options) => source({ ...options, run: around(options.run) }),
    declare: async (declaration) => {
      await registry.declare({ ...declaration, workerId })
      return 'noted'
    },
    handledByAnother: (type) => peers.handle(type),
    blockers: (name, heldMs) => view.blockers(name, heldMs),
    close: () => registry.withdraw(workerId),
  }
}
