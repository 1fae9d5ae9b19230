/** What a worker writes into the books when it starts: all that others must know to return its jobs. */
export interface Registration {
  readonly workerId: string
  readonly queues: readonly string[]
  /** What the lock tokens of its jobs begin with. */
  readonly lockOwners: readonly string[]
  /** For people: where it runs and since when (Unix milliseconds). */
  readonly host?: string
  readonly pid?: number
  readonly startedAt?: number
}

/** The registration in `text`; undefined for what no worker wrote, or one of a version that writes it otherwise. */
export function readRegistration(text: string): Registration | undefined {
  const { queues, lockOwners, host, pid, startedAt, workerId } = recordOf(text)
  if (!isText(workerId) || !areTexts(queues) || !areTexts(lockOwners)) return undefined
  return {
    workerId,
    queues,
    lockOwners,
    ...(isText(host) ? { host } : {}),
    ...(Number.isSafeInteger(pid) ? { pid: Number(pid) } : {}),
    ...(Number.isSafeInteger(startedAt) ? { startedAt: Number(startedAt) } : {}),
  }
}

/** The members of a JSON object, none where it is something else. */
export function recordOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {} // Nobody of ours wrote it.
  }
}

export const isText = (value: unknown): value is string => typeof value === 'string'

export const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText)
