/*
 * Who holds which unit. A lease is the right to open a unit's sockets and to write its checkpoint. It has no time-to-live:
 * whoever holds it shows that it lives by a beat that rises, and another may take the lease only after it has itself
 * watched that beat stand still. So an outage of Redis, in which nobody's beat rises and nobody can watch, moves nothing.
 */

/** One life of a replica: the same replica comes back under another run. */
export interface Run {
  /** Stable over restarts of its container. */
  readonly replica: string
  /** Unique to the process. */
  readonly run: string
}

/**
 * How far a planned hand-over is. `asked`: the successor prepares. `arrived`: it could go on from where the holder is.
 * `yielded`: the holder has confirmed everything that is its own to confirm, and the successor may take the unit.
 */
export type HandoverPhase = 'asked' | 'arrived' | 'yielded'

/** Who comes after the holder of a unit. */
export interface Successor extends Run {
  readonly phase: HandoverPhase
}

/** The lease of one unit. */
export interface Lease {
  /** `acme`, or `bastion/3` for a shard. */
  readonly unit: string
  /** Nothing where the unit is free. */
  readonly holder?: Run
  /** Rises with every change of the holder; what is written under an older one is refused. */
  readonly fence: number
  /** Since when it is held, or free (Unix milliseconds, Redis' clock). */
  readonly sinceAt: number
  /** The holder has not shown yet that it can serve; should it die now, that speaks against its deploy. */
  readonly onTrial: boolean
  readonly successor?: Successor
}

/** What a replica tells of itself with each beat. */
export interface MemberRecord extends Run {
  /** Which rollout it belongs to. */
  readonly deploy: string
  /** It gives its units away and takes none. */
  readonly draining: boolean
  /**
   * Whether it has shown that it can serve: `open` until it has, `passed` once it has, or where there was nobody to replace;
   * `failed` where it could not, and gives back what it took.
   */
  readonly trial: 'open' | 'passed' | 'failed'
  /** Ids of the connections that it could serve. */
  readonly serves: readonly string[]
  /** For whoever reads the members: texts, bounded by the writer. */
  readonly fields: Readonly<Record<string, string>>
}

/** A replica as others see it. */
export interface MemberSeen extends MemberRecord {
  /** Rises by one with each of its beats. */
  readonly beat: number
}

/** A rollout. */
export interface Deploy {
  readonly id: string
  /** When its first member came (Unix milliseconds, Redis' clock): the later one is the newer. */
  readonly sinceAt: number
  /** How often its members failed their trial, or died in it. */
  readonly strikeCount: number
  /** Before this it takes nothing from another deploy (Unix milliseconds, Redis' clock); 0 without strikes. */
  readonly restUntilAt: number
}

/** All of it at one moment. */
export interface Picture {
  /** Redis' clock (Unix milliseconds). */
  readonly at: number
  /** Those heard of within the last 5 s, sorted by replica. */
  readonly members: readonly MemberSeen[]
  /** Every unit that was ever held under this prefix, sorted by unit. */
  readonly leases: readonly Lease[]
  readonly deploys: readonly Deploy[]
}

/** What somebody saw before it takes a unit. */
export interface SeenLease {
  readonly fence: number
  readonly holder?: Run
  /** The beat at which the holder was seen to stand still; absent where there is no holder, or it is an earlier life of our own. */
  readonly stillBeat?: number
}

/**
 * Where leases live. Every change is one atomic step that compares with what the caller saw: of two that want the same, one
 * gets it. Each change is told to all who listen (`LeaseNews`). All of it rejects while Redis is away, and nothing has changed then,
 * or it has and the next picture shows it.
 */
export interface LeaseStore {
  /**
   * Says that this replica lives, and what it is. Resolves to the picture of that moment, itself included; to `replaced`
   * where a later process has joined under the same replica id: that one is the replica now, and this one changes nothing
   * any more.
   */
  beat(record: MemberRecord): Promise<Picture | 'replaced'>
  /** The picture, for whoever is no member. */
  read(): Promise<Picture>
  /**
   * Takes a unit that is free, of an earlier run of the same replica, or of a holder that stood still: only if all is as
   * `seen`. Resolves to the fencing number, which is higher than any of the unit that this run has seen, or undefined. A holder that was taken from on trial strikes its deploy, unless that
   * rests already.
   */
  take(unit: string, run: Run, seen: SeenLease, onTrial: boolean): Promise<number | undefined>
  /**
   * Asks the holder for its unit. False where it changed hands or somebody else has asked, or from whoever is on trial while its
   * deploy rests; one's own wish is kept as it is. A successor that is gone is replaced, as after `recall`.
   */
  ask(unit: string, run: Run, seen: { readonly fence: number; readonly holder: Run }): Promise<boolean>
  /** The successor could go on. */
  arrive(unit: string, run: Run): Promise<boolean>
  /** The holder lets its successor go on; `fence` is its own number. */
  yield(unit: string, run: Run, fence: number): Promise<boolean>
  /** The successor takes what was yielded to it. Resolves to its fencing number; undefined where the holder recalled it. */
  succeed(unit: string, run: Run, onTrial: boolean): Promise<number | undefined>
  /**
   * The holder keeps its unit: its successor does not come. False where it has taken it. One that had arrived on trial and is
   * not listed any more has died of what it prepared for: that strikes its deploy, unless it rests already.
   */
  recall(unit: string, run: Run, fence: number): Promise<boolean>
  /** The successor wants it no more. */
  withdraw(unit: string, run: Run): Promise<boolean>
  /** The unit is free. A successor that waits may take it as a free one. */
  release(unit: string, run: Run, fence: number): Promise<boolean>
  /** The trial of this unit is over. */
  prove(unit: string, run: Run, fence: number): Promise<boolean>
  /** Whether the unit is still this run's, under this number. */
  holds(unit: string, run: Run, fence: number): Promise<boolean>
  /**
   * Writes a held lease again where Redis has lost it (it came back empty, or older than it was): only where it has no newer
   * number and no other holder.
   */
  assert(unit: string, run: Run, fence: number): Promise<boolean>
  /** Members of the deploy failed their trial: it rests for 60 s, doubled with each strike, at most an hour. */
  strike(deploy: string): Promise<void>
  /** Takes this run off the members. Its leases stay until released. Never rejects. */
  leave(run: Run): Promise<void>
}

/** Tells, as soon as it can, that leases have changed; one that is lost is made good by the next beat. */
export interface LeaseNews {
  start(onChange: () => void): Promise<void>
  stop(): Promise<void>
}
