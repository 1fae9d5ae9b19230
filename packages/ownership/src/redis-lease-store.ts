import type { Redis } from 'ioredis'
import { HighestFences } from './highest-fences.ts'
import type { Deploy, Lease, LeaseStore, MemberSeen, Picture, Run } from './lease.ts'
import { decodeDeploy, decodeLease, decodeMember, encodeMember } from './lease-codec.ts'
import * as script from './lease-scripts.ts'
import { BEAT, LEAVE, READ, STRIKE } from './roster-scripts.ts'

/** Where it is told that leases or members have changed. */
export const newsChannel = (prefix: string): string => `${prefix}:ownership`

/** What a run was told of itself: it survives the record in Redis, which is dropped where the run was frozen. */
interface Life {
  readonly joinedAt: number
  readonly beat: number
  readonly deploy: string
  readonly deploySinceAt: number
}

type PictureReply = [at: number, replicas: string[], records: string[], leases: string[], deploys: string[]]

/**
 * Leases in Redis: `<prefix>:leases`, `:members`, `:members:fields`, `:deploys`, and the fencing numbers in
 * `<prefix>:checkpoint:<unit>`, where they guard the checkpoints. Every script names its keys; the prefix's hash tag keeps
 * them in one slot. The caller owns `redis`; a command waits for it as its settings say.
 */
export function createRedisLeaseStore(redis: Redis, prefix: string): LeaseStore {
  const keys = ['leases', 'members', 'members:fields', 'deploys'].map((name) => `${prefix}:${name}`)
  const lives = new Map<string, Life>()
  const known = new HighestFences()

  const keyOf = (unit: string) => `${prefix}:checkpoint:${unit}`
  const flag = (value: boolean) => (value ? '1' : '0')

  const evaluate = (text: string, { replica, run }: Run, ...args: readonly (string | number)[]) =>
    redis.eval(text, keys.length, ...keys, newsChannel(prefix), replica, run, ...args)

  const step = (text: string, unit: string, { replica, run }: Run, ...args: readonly (string | number)[]) =>
    redis.eval(text, keys.length + 1, ...keys, keyOf(unit), newsChannel(prefix), replica, run, unit, ...args)

  const isDone = async (reply: Promise<unknown>) => (await reply) === 1
  const numberOf = async (reply: Promise<unknown>) => ((await reply) as number | null) ?? undefined

  async function pictureOf([at, replicas, records, leaseTexts, deploys]: PictureReply): Promise<Picture> {
    const members = replicas.flatMap((replica, index) => decodeMember(replica, records[index] ?? '') ?? [])
    const leases = pairs(leaseTexts).map(([unit, text]) => decodeLease(unit, text) ?? unreadable(unit))
    return {
      at,
      members: members.sort(by((member: MemberSeen) => member.replica)),
      leases: (await Promise.all(leases)).sort(by((lease: Lease) => lease.unit)),
      deploys: pairs(deploys)
        .flatMap(([id, text]) => decodeDeploy(id, text) ?? [])
        .sort(by((deploy: Deploy) => deploy.id)),
    }
  }

  /** Free, under the last number that was given out. */
  async function unreadable(unit: string): Promise<Lease> {
    const fence = Number(await redis.hget(keyOf(unit), 'fence'))
    return { unit, fence: Number.isSafeInteger(fence) && fence > 0 ? fence : 0, sinceAt: 0, onTrial: false }
  }

  return {
    async beat(record) {
      const key = JSON.stringify([record.replica, record.run])
      const life = lives.get(key)
      const deployAt = life?.deploy === record.deploy ? life.deploySinceAt : 0
      const own = [life?.joinedAt ?? 0, life?.beat ?? 0, record.deploy, deployAt]
      const { member, fields } = encodeMember(record)
      const reply = await evaluate(BEAT, record, ...own, flag(record.draining), member, fields)
      if (reply === 'replaced') return 'replaced'
      const [joined, beaten, deploySinceAt, picture] = reply as [number, number, number, PictureReply]
      lives.set(key, { joinedAt: joined, beat: beaten, deploy: record.deploy, deploySinceAt })
      return known.seen(record, await pictureOf(picture))
    },
    async read() {
      return pictureOf((await evaluate(READ, { replica: '', run: '' })) as PictureReply)
    },
    async take(unit, run, seen, onTrial) {
      const args = [JSON.stringify(seen), flag(onTrial), known.of(run, unit)]
      return known.given(run, unit, await numberOf(step(script.TAKE, unit, run, ...args)))
    },
    ask: (unit, run, { fence, holder }) =>
      isDone(step(script.ASK, unit, run, fence, holder.replica, holder.run)),
    arrive: (unit, run) => isDone(step(script.ARRIVE, unit, run)),
    yield: (unit, run, fence) => isDone(step(script.YIELD, unit, run, fence)),
    async succeed(unit, run, onTrial) {
      const args = [flag(onTrial), known.of(run, unit)]
      return known.given(run, unit, await numberOf(step(script.SUCCEED, unit, run, ...args)))
    },
    recall: (unit, run, fence) => isDone(step(script.RECALL, unit, run, fence)),
    withdraw: (unit, run) => isDone(step(script.WITHDRAW, unit, run)),
    release: (unit, run, fence) => isDone(step(script.RELEASE, unit, run, fence)),
    prove: (unit, run, fence) => isDone(step(script.PROVE, unit, run, fence)),
    assert: (unit, run, fence) => isDone(step(script.ASSERT, unit, run, fence)),
    async holds(unit, { replica, run }, fence) {
      const lease = decodeLease(unit, (await redis.hget(`${prefix}:leases`, unit)) ?? '')
      return lease?.fence === fence && lease.holder?.replica === replica && lease.holder.run === run
    },
    async strike(deploy) {
      await evaluate(STRIKE, { replica: '', run: '' }, deploy)
    },
    async leave(run) {
      // Where Redis is away, silence does it.
      if (redis.status === 'ready') await evaluate(LEAVE, run).catch(() => {})
    },
  }
}

const by =
  <T>(key: (value: T) => string) =>
  (one: T, other: T): number =>
    key(one) < key(other) ? -1 : 1

function pairs(flat: readonly string[]): [string, string][] {
  const all: [string, string][] = []
  for (let index = 0; index + 1 < flat.length; index += 2)
    all.push([flat[index] ?? '', flat[index + 1] ?? ''])
  return all
}
