/**
 * Version of everything that we ourselves store in Redis (records, lanes, steps, registry, checkpoints). A process that
 * finds another version refuses to start instead of guessing.
 */
export const LAYOUT_VERSION = 1

/**
 * The version of a deployment with subscriptions in partitions: who knows of one place only would look for them there, and
 * must not start. It is written with the first of them.
 */
export const LAYOUT_WITH_PARTITIONS = 2

/**
 * Names of our keys. BullMQ owns `<prefix>:<queue>:<anything without ':'>`; ours are below `<prefix>:hf:` and
 * `<prefix>:<queue>:hf:`, which no job id or BullMQ key can reach, since neither may contain a colon.
 */
export function layout(prefix: string) {
  return {
    version: `${prefix}:hf:layout`,
    /** Hash: subscription name → declaration. */
    subscriptions: `${prefix}:hf:subscriptions`,
    /** Hash: subscription name → its partition; of those that were created before there were any, nothing or `home`. */
    partitions: `${prefix}:hf:partitions`,
    /** Text: how many partitions there shall be. */
    partitionCount: `${prefix}:hf:partition-count`,
    /** Hash: subscription for development → when it is removed if no worker has come by then (Unix ms). */
    expiries: `${prefix}:hf:expiries`,
    /** Counter, raised by each change of what is wished for. */
    wishes: `${prefix}:hf:wishes`,
    /** Channel on which that change is announced. */
    wishesChannel: `${prefix}:hf:wishes`,
    /** Hash: worker id → what it wishes for. */
    wishers: `${prefix}:hf:wishers`,
    /** Hash: worker id → its queues and the owners' ids in its locks. */
    workers: `${prefix}:hf:workers`,
    /** Sorted set: worker id by last heartbeat (Redis time, ms). */
    heartbeats: `${prefix}:hf:heartbeats`,
    /** Text that expires: the worker whose turn it is to judge the silent. */
    judging: `${prefix}:hf:judging`,
    /** Text that expires: the version of the wishes that a live gateway knows. */
    gatewayNote: (gatewayId: string) => `${prefix}:hf:gateway:${gatewayId}`,
    /** Set: ids of gateways that were lately alive. */
    gateways: `${prefix}:hf:gateways`,
    /** Text: the Redis process last seen, and since when. */
    redisRun: `${prefix}:hf:redis-run`,
    /** Text: the number of the batch that a sink last executed. */
    sink: (sinkId: string) => `${prefix}:hf:sink:${sinkId}`,
    /**
     * Text: the highest fencing number under which events of a unit were published. Never expires, as the checkpoint's does not:
     * an owner may be frozen for however long, and there is one small key for each unit that ever was.
     */
    fence: (unit: string) => `${prefix}:hf:fence:${unit}`,
    record: (queue: string, jobId: string) => `${prefix}:${queue}:hf:e:${jobId}`,
    lane: (queue: string, lane: string) => `${prefix}:${queue}:hf:lane:${lane}`,
    run: (queue: string, jobId: string) => `${prefix}:${queue}:hf:run:${jobId}`,
    meta: (queue: string) => `${prefix}:${queue}:hf:meta`,
    /** Hash: sink id → number of its event that the queue missed last. Expires an hour after the last miss. */
    misses: (queue: string) => `${prefix}:${queue}:hf:misses`,
    /** Text that expires: workers of ours take from the queue, and wake what is parked. */
    lanesKept: (queue: string) => `${prefix}:${queue}:hf:lanes`,
    retrying: (queue: string) => `${prefix}:${queue}:hf:retrying`,
    /** Sorted set: suspended jobs by the time of their wake-up (ms); one that is woken stays until it runs. */
    sleeping: (queue: string) => `${prefix}:${queue}:hf:sleeping`,
    /**
     * Hash: what the suspended jobs of a subscription wait for. Indexes stand beside it, and past events: see `lua/waits.ts`,
     * `lua/past.ts`.
     */
    waits: (subscription: string) => `${prefix}:${subscription}:hf:waits`,
    parked: (queue: string) => `${prefix}:${queue}:hf:parked`,
    /** What BullMQ's keys of the queue, and ours, begin with. */
    base: (queue: string) => `${prefix}:${queue}:`,
    bull: (queue: string, key: string) => `${prefix}:${queue}:${key}`,
  } as const
}

export type Layout = ReturnType<typeof layout>

/** The queue of a subscription's interactive events. */
export const interactiveQueue = (subscription: string): string => `${subscription}.interactive`

/** The subscription whose queue it is. */
export const subscriptionOf = (queue: string): string => queue.replace(/\.interactive$/, '')
