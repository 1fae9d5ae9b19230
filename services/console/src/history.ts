import type { NewSample, Picture, Sample, SubscriptionSeen } from './feed.ts'

/** Ten minutes of samples two seconds apart … */
const FINE_COUNT = 300
/** … then fifty minutes of samples twenty seconds apart. */
const MERGED_COUNT = 10
const COARSE_COUNT = 150
const EVERY_MS = 2_000

interface Track {
  readonly coarse: Sample[]
  readonly fine: Sample[]
}

/**
 * Depth and lag of the last hour, by subscription. Older samples are merged into one that keeps the highest of each
 * figure, so that no peak disappears. What is no longer in the picture is forgotten.
 */
export class History {
  readonly #tracks = new Map<string, Track>()
  #sampledAt = Number.NEGATIVE_INFINITY

  /** Takes a sample of each subscription, unless the last was just now; the answer is what it took. */
  add({ takenAt, subscriptions }: Picture): readonly NewSample[] {
    this.#forgetAllBut(subscriptions)
    // Looks are a second apart, or a little less; a clock that was put back counts as time that went by.
    const sinceMs = Math.abs(takenAt - this.#sampledAt)
    if (sinceMs < EVERY_MS * 0.75) return []
    this.#sampledAt = takenAt
    return subscriptions.map((each) => {
      const sample = sampleOf(takenAt, each)
      this.#keep(each.name, sample)
      return { subscription: each.name, sample }
    })
  }

  /** By subscription, oldest first. */
  all(): Readonly<Record<string, readonly Sample[]>> {
    return Object.fromEntries(
      [...this.#tracks].map(([name, { coarse, fine }]) => [name, [...coarse, ...fine]]),
    )
  }

  #keep(name: string, sample: Sample): void {
    const track = this.#tracks.get(name) ?? { coarse: [], fine: [] }
    this.#tracks.set(name, track)
    track.fine.push(sample)
    if (track.fine.length < FINE_COUNT + MERGED_COUNT) return
    track.coarse.push(merge(track.fine.splice(0, MERGED_COUNT)))
    if (track.coarse.length > COARSE_COUNT) track.coarse.shift()
  }

  #forgetAllBut(subscriptions: readonly SubscriptionSeen[]): void {
    const names = new Set(subscriptions.map(({ name }) => name))
    for (const name of this.#tracks.keys()) if (!names.has(name)) this.#tracks.delete(name)
  }
}

function sampleOf(at: number, { depth, interactive: { depth: other } }: SubscriptionSeen): Sample {
  return [
    at,
    depth.waiting + other.waiting,
    depth.parked + other.parked,
    depth.active + other.active,
    depth.sleeping + other.sleeping,
    depth.retrying + other.retrying,
    depth.failed + other.failed,
    Math.max(depth.lagMs, other.lagMs),
  ]
}

/** The last moment of them all, with the highest of each figure. */
function merge(samples: readonly Sample[]): Sample {
  return samples.reduce((highest, sample) => {
    const [at, waiting, parked, active, sleeping, retrying, failed, lagMs] = sample
    return [
      at,
      Math.max(highest[1], waiting),
      Math.max(highest[2], parked),
      Math.max(highest[3], active),
      Math.max(highest[4], sleeping),
      Math.max(highest[5], retrying),
      Math.max(highest[6], failed),
      Math.max(highest[7], lagMs),
    ]
  })
}
