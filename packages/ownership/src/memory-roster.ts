import type { Clock } from '@holdfast/runtime'
import type { Deploy, MemberRecord, MemberSeen, Run } from './lease.ts'
import { DEPLOY_TTL_MS, FIRST_REST_MS, LONGEST_REST_MS, MEMBER_TTL_MS } from './roster-scripts.ts'

interface Listed {
  readonly seen: MemberSeen
  readonly joinedAt: number
  readonly untilAt: number
}

/** What a run was told of itself, as its process would remember. */
interface Life {
  readonly joinedAt: number
  readonly beat: number
  readonly deploy: StoredDeploy
}

interface StoredDeploy extends Deploy {
  readonly seenAt: number
}

/** Members and deploys of the lease store in memory. */
export class MemoryRoster {
  readonly #clock: Pick<Clock, 'wallAt'>
  readonly #members = new Map<string, Listed>()
  readonly #deploys = new Map<string, StoredDeploy>()
  readonly #lives = new Map<string, Life>()

  constructor(clock: Pick<Clock, 'wallAt'>) {
    this.#clock = clock
  }

  /** `changed`: one that others shall hear of at once. */
  beat(record: MemberRecord): 'replaced' | 'changed' | 'known' {
    const now = this.#clock.wallAt()
    const key = JSON.stringify([record.replica, record.run])
    const life = this.#lives.get(key)
    const before = this.#listed(record.replica)
    const own = before?.seen.run === record.run ? before : undefined
    const other = own ? undefined : before
    if (other && life && other.joinedAt >= life.joinedAt) return 'replaced'
    const joinedAt = life?.joinedAt ?? Math.max(now, (other?.joinedAt ?? 0) + 1)
    const beat = Math.max(life?.beat ?? 0, own?.seen.beat ?? 0) + 1
    const deploy = this.#refresh(record.deploy, life)
    this.#lives.set(key, { joinedAt, beat, deploy })
    this.#members.set(record.replica, {
      seen: structuredClone({ ...record, beat }),
      joinedAt,
      untilAt: now + MEMBER_TTL_MS,
    })
    return own?.seen.draining === record.draining ? 'known' : 'changed'
  }

  members(): MemberSeen[] {
    const listed = [...this.#members.keys()].flatMap((replica) => this.member(replica) ?? [])
    return listed.sort((one, other) => (one.replica < other.replica ? -1 : 1))
  }

  deploys(): Deploy[] {
    const now = this.#clock.wallAt()
    for (const { id, seenAt, restUntilAt } of this.#deploys.values())
      if (now > Math.max(seenAt + DEPLOY_TTL_MS, restUntilAt)) this.#deploys.delete(id)
    return [...this.#deploys.values()]
      .map(({ seenAt: _, ...deploy }) => deploy)
      .sort((one, other) => (one.id < other.id ? -1 : 1))
  }

  member(replica: string): MemberSeen | undefined {
    return this.#listed(replica)?.seen
  }

  strike(id: string): void {
    const deploy = this.#deploy(id)
    const restMs = Math.min(FIRST_REST_MS * 2 ** deploy.strikeCount, LONGEST_REST_MS)
    const restUntilAt = this.#clock.wallAt() + restMs
    this.#deploys.set(id, { ...deploy, strikeCount: deploy.strikeCount + 1, restUntilAt })
  }

  /** Whether it was listed. */
  leave({ replica, run }: Run): boolean {
    const isAnother = (this.member(replica)?.run ?? run) !== run
    return !isAnother && this.#members.delete(replica)
  }

  /** As a Redis that lost everything: what processes know of themselves stays. */
  lose(): void {
    this.#members.clear()
    this.#deploys.clear()
  }

  /** It is as old as its members know. */
  #refresh(id: string, life: Life | undefined): StoredDeploy {
    const deploy = this.#deploy(id)
    const known = life?.deploy.id === id ? life.deploy.sinceAt : deploy.sinceAt
    const refreshed = { ...deploy, sinceAt: Math.min(deploy.sinceAt, known), seenAt: this.#clock.wallAt() }
    this.#deploys.set(id, refreshed)
    return refreshed
  }

  #deploy(id: string): StoredDeploy {
    const now = this.#clock.wallAt()
    return this.#deploys.get(id) ?? { id, sinceAt: now, seenAt: now, strikeCount: 0, restUntilAt: 0 }
  }

  #listed(replica: string): Listed | undefined {
    const listed = this.#members.get(replica)
    return listed && listed.untilAt > this.#clock.wallAt() ? listed : undefined
  }
}
