import type { Entry, Platform } from './facts.ts'

/**
 * A time in which a bot that had been there had no socket on which anything could be said to it. People may see it online all
 * the while: on Discord a session outlives its socket.
 */
export interface Absence {
  readonly platform: Platform
  readonly bot: string
  /** Discord: each shard by itself. */
  readonly shard?: number
  /** When the last of its sockets closed, or Discord ended the session on it (Unix milliseconds). */
  readonly fromAt: number
  /** When the next one opened; on Discord, when the session was resumed on it or a new one began. Absent while it lasts. */
  readonly toAt?: number
}

/** Who is to have a socket, those that it has, and since when it has none. */
interface Place {
  readonly about: Pick<Absence, 'platform' | 'bot' | 'shard'>
  readonly sockets: Set<number>
  goneAt: number | undefined
  /** Discord: the newest. */
  session?: string
}

/** All absences that a record tells of, in the order of their beginnings. `entries` from the start of the record, in order. */
export function absences(entries: Iterable<Entry>): readonly Absence[] {
  const observer = new Observer()
  for (const entry of entries) observer.see(entry)
  return observer.absences()
}

class Observer {
  readonly #places = new Map<string, Place>()
  readonly #bySession = new Map<string, Place>()
  readonly #bySocket = new Map<number, Place>()
  readonly #over: Absence[] = []

  see(entry: Entry): void {
    switch (entry.kind) {
      case 'socket':
        if (entry.what === 'closed') return this.#went(entry.socket, entry.at)
        if (entry.what === 'opened' && entry.platform === 'slack' && entry.bot !== undefined)
          this.#came(this.#placeOf({ platform: 'slack', bot: entry.bot }), entry)
        return
      case 'identify': {
        const { bot, shard, session } = entry
        if (bot === undefined || !shard || session === undefined) return
        const place = this.#placeOf({ platform: 'discord', bot, shard: shard[0] })
        this.#bySession.set(session, place)
        place.session = session
        return this.#came(place, entry)
      }
      case 'resume': {
        const place = this.#bySession.get(entry.session)
        if (place && entry.outcome === 'resumed') this.#came(place, entry)
        return
      }
      case 'session-end':
        return this.#ended(entry.session, entry.at)
      default:
        return
    }
  }

  absences(): readonly Absence[] {
    const lasting = [...this.#places.values()].flatMap(({ about, goneAt }) =>
      goneAt === undefined ? [] : [{ ...about, fromAt: goneAt }],
    )
    return [...this.#over, ...lasting].sort((a, b) => a.fromAt - b.fromAt)
  }

  #placeOf(about: Place['about']): Place {
    const key = `${about.platform} ${about.bot} ${about.shard}`
    const place = this.#places.get(key) ?? { about, sockets: new Set(), goneAt: undefined }
    this.#places.set(key, place)
    return place
  }

  #came(place: Place, { socket, at }: { readonly socket: number; readonly at: number }): void {
    if (place.goneAt !== undefined) this.#over.push({ ...place.about, fromAt: place.goneAt, toAt: at })
    place.goneAt = undefined
    // A shard's session is on one socket: whatever had it before has it no more.
    if (place.about.platform === 'discord') place.sockets.clear()
    place.sockets.add(socket)
    this.#bySocket.set(socket, place)
  }

  /** Its socket may still be open, but nothing is said on it any more. */
  #ended(session: string, at: number): void {
    const place = this.#bySession.get(session)
    if (place?.session === session) for (const socket of [...place.sockets]) this.#went(socket, at)
  }

  #went(socket: number, at: number): void {
    const place = this.#bySocket.get(socket)
    this.#bySocket.delete(socket)
    if (place?.sockets.delete(socket) && place.sockets.size === 0) place.goneAt = at
  }
}
