/*
 * What one replica knows and does, as far as it decides which units it takes, asks for and gives away. Values only: the
 * decisions are in `plan.ts`, the doing is the gateway's.
 */
import type { MemberRecord, Picture, Run, SeenLease } from './lease.ts'

/** How a unit that this replica serves looks from inside. */
export interface UnitHealth {
  /** Since when it is connected without a break (monotonic ms); nothing while it is not. */
  readonly connectedMs?: number
  /** An event that came over it here was confirmed by Redis. */
  readonly confirmed: boolean
  /** The platform refused it for good. */
  readonly fatalWhy?: string
  /** What it publishes is refused: a newer number is out than the one it has. */
  readonly fenced?: boolean
}

/** What this replica does with a unit that it could serve. `sinceMs`: since when (monotonic). */
export type Tenure =
  /** Nothing. `withdrewMs`: when it last gave up a hand-over (monotonic); it does not ask again at once. */
  | { readonly kind: 'none'; readonly withdrewMs?: number }
  /** It has asked the holder, and its driver prepares; `failedWhy` once that has said that it never could serve it. */
  | { readonly kind: 'arriving'; readonly from: Run; readonly sinceMs: number; readonly failedWhy?: string }
  /** Its driver could go on, and the holder is to yield. */
  | { readonly kind: 'arrived'; readonly from: Run; readonly sinceMs: number }
  /** The holder has yielded, and its driver has been told to proceed; the lease is not taken yet. */
  | { readonly kind: 'beside'; readonly from: Run; readonly sinceMs: number; readonly health: UnitHealth }
  /** It holds the lease and serves. `onTrial` until it was shown that it can. */
  | {
      readonly kind: 'holding'
      readonly fence: number
      readonly sinceMs: number
      readonly onTrial: boolean
      readonly health: UnitHealth
    }
  /** Its driver confirms what is its own to confirm. */
  | { readonly kind: 'yielding'; readonly fence: number; readonly to: Run; readonly sinceMs: number }
  /** The successor may take the lease. */
  | { readonly kind: 'yielded'; readonly fence: number; readonly to: Run; readonly sinceMs: number }

/** A unit of the configuration, as this replica could serve it. */
export interface OwnUnit {
  /** `acme`, or `bastion/3`. */
  readonly unit: string
  readonly connection: string
  readonly tenure: Tenure
  /**
   * Its driver shows that it can serve before the lease is taken (RTM, where everything comes on both sockets); elsewhere it
   * shows it afterwards.
   */
  readonly provesBeside: boolean
}

/** How a hand-over is timed. All in ms. */
export interface OwnershipTimes {
  /** How long a holder must stand still before its units are taken. */
  readonly leaseMs: number
  /** How long no replica must have come or gone before units are evened out. */
  readonly rebalanceAfterMs: number
}

/** What a replica has watched for itself: see `watch.ts`. */
export interface Watched {
  /**
   * For how long each run was watched without a new beat, by this replica's own clock and while it was itself connected to Redis
   * throughout (ms); 0 for one that was never seen.
   */
  readonly stillMs: (run: Run) => number
  /** The last beat of a run that was seen; 0 where it was never among the members. */
  readonly beat: (run: Run) => number
  /** For how long a unit was seen free (ms); 0 where it is not. */
  readonly freeMs: (unit: string) => number
  /**
   * When the first member of a rollout came, as far as was ever seen (Unix milliseconds, Redis' clock): what Redis forgets in
   * a long outage or comes back without, is known to whoever was there.
   */
  readonly deploySinceAt: (id: string) => number | undefined
  /** For how long the members are the same (ms). */
  readonly settledMs: number
  /** For how long it is back after it was away from Redis, or frozen (ms); `Infinity` where it never was. */
  readonly backMs: number
}

/** Everything a decision is made from. The picture is never older than the tenures. */
export interface Standpoint extends Watched {
  /** What it says of itself with its next beat, the last verdict on its trial included. */
  readonly me: MemberRecord
  /** Monotonic. */
  readonly nowMs: number
  readonly picture: Picture
  readonly units: readonly OwnUnit[]
  /** Connections that the platform refuses as a whole, so that it is not even known which units they have: why, by connection. */
  readonly refused?: ReadonlyMap<string, string>
  readonly times: OwnershipTimes
}

/** What to do now. Each is one atomic step of the lease store, or one word to a driver, and harmless where it comes too late. */
export type Move =
  /** Take a unit that nobody serves, and start alone. */
  | { readonly kind: 'take'; readonly unit: string; readonly seen: SeenLease; readonly onTrial: boolean }
  /** Ask the holder for its unit, and prepare. */
  | {
      readonly kind: 'ask'
      readonly unit: string
      readonly seen: { readonly fence: number; readonly holder: Run }
    }
  /**
   * Say once more that we could go on; also where our driver could not, and the holder's serves the unit no better (a revoked
   * token must not hold it back): then what is to be taken is started anew.
   */
  | { readonly kind: 'arrive'; readonly unit: string }
  /** Stop preparing, where it prepares, and remember when. */
  | { readonly kind: 'withdraw'; readonly unit: string; readonly why: string }
  /** Tell the driver that the holder has yielded: it is to show beside it that it can serve. */
  | { readonly kind: 'proceed'; readonly unit: string }
  /** Take what was yielded, tell the driver so where it was not told, and own it. */
  | { readonly kind: 'succeed'; readonly unit: string; readonly onTrial: boolean }
  /** Let the successor go on. */
  | { readonly kind: 'yield'; readonly unit: string; readonly to: Run }
  /** The successor does not come: serve on. */
  | { readonly kind: 'recall'; readonly unit: string }
  /**
   * The lease is ours and nothing serves it under this number, as after an answer that was lost: start its driver, or let the
   * one that has arrived own it.
   */
  | { readonly kind: 'serve'; readonly unit: string; readonly fence: number; readonly onTrial: boolean }
  /** The lease is ours, nothing serves it, and we are not to begin: free it. */
  | { readonly kind: 'release'; readonly unit: string; readonly fence: number }
  /** The unit is another's by now: stop its driver. */
  | { readonly kind: 'letGo'; readonly unit: string; readonly why: string }
  /** Redis has lost our lease: write it again. */
  | { readonly kind: 'assert'; readonly unit: string; readonly fence: number }
  /** The trial of the unit is passed. */
  | { readonly kind: 'prove'; readonly unit: string; readonly fence: number }
