/** Why a machine waits, and for how long from now: what its log line and its status say, in whole seconds, rounded up. */
export function withWait(why: string, waitMs: number): string {
  const within = waitMs < 1_000 ? 'under 1 s' : `${Math.ceil(waitMs / 1_000)} s`
  return `${why}; trying again in ${within}`
}

/** As `withWait`, of a wait that began earlier: no more than this is left of it. */
export function withRestOfWait(why: string, waitMs: number): string {
  return `${why}; trying again within ${Math.max(1, Math.ceil(waitMs / 1_000))} s`
}
