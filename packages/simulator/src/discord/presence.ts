/** How a bot wants to be shown, as op 3 and IDENTIFY say it. Source: docs.discord.com, Gateway Events, Update Presence. */
export interface WishedPresence {
  readonly status: 'online' | 'dnd' | 'idle' | 'invisible' | 'offline'
  /** The name of the first activity. */
  readonly activity?: string
}

const STATUSES: readonly unknown[] = ['online', 'dnd', 'idle', 'invisible', 'offline']

/** Reads a presence; answers the close code it deserves when it is malformed. */
export function readPresence(d: unknown): WishedPresence | 4002 {
  if (typeof d !== 'object' || d === null) return 4002
  const { status, activities } = d as Readonly<Record<string, unknown>>
  if (!isStatus(status) || !Array.isArray(activities)) return 4002
  const [first] = activities as readonly unknown[]
  if (typeof first !== 'object' || first === null || !('name' in first)) return { status }
  return { status, activity: String(first.name) }
}

function isStatus(value: unknown): value is WishedPresence['status'] {
  return STATUSES.includes(value)
}
