/** How many jobs that were nobody's any more run again, and how many became dead letters. */
export interface ReturnedCount {
  readonly returned: number
  readonly dead: number
}

/** What to tell of a worker that was found dead. */
export function deadWorkerNotice(workerId: string, held: ReturnedCount): string {
  return `Worker ${workerId} died: it fell silent and its connections are gone. ${fate(held)}`
}

/** What to tell of jobs whose locks ran out: of a worker whose death nobody saw, or that was cut off for long. */
export function unlockedNotice(queue: string, held: ReturnedCount): string {
  return `Jobs of ${queue} were left without a lock by a worker that died or was cut off. ${fate(held)}`
}

function fate({ returned, dead }: ReturnedCount): string {
  if (returned + dead === 0) return 'It held no jobs.'
  const again = `Jobs returned, to run again after their last finished step: ${returned}.`
  return dead === 0 ? again : `${again} Dead letters, since each killed its worker running alone: ${dead}.`
}
