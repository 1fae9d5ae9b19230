/*
 * Who stands still. A replica judges others only by what it saw itself: beats that did not rise while it was looking. So
 * each picture comes with the time at which it came, and every hole (a beat that failed, an answer that took too long, a
 * process that was frozen) begins all watching anew. An outage of Redis is a hole for everybody, and moves nothing; so is a
 * Redis that came back with less than it knew, even where nobody noticed that it was away.
 */
import type { Picture, Run } from './lease.ts'
import type { Watched } from './standpoint.ts'

/** Between two pictures that are further apart than this nothing was watched: two beats, and some delay. */
export const HOLE_MS = 2_500

/** What one replica has seen of the others. */
export interface Watch {
  /** A picture, those units that this replica could serve, and when it came (monotonic ms). */
  see(picture: Picture, units: readonly string[], nowMs: number): void
  /** A beat failed: what was watched until now proves nothing. */
  away(): void
  /** What was watched, as of the last picture. */
  watched(): Watched
  /** Whether the run was seen to live: not merely listed, but its beat rose while we looked, and has not missed two since. */
  lives(run: Run): boolean
}

/** Something as it is since it was first seen so. */
interface Sighting<T> {
  readonly what: T
  readonly sinceMs: number
}

/** A beat, and whether it is another than the one that was seen first. */
interface BeatSighting extends Sighting<number> {
  readonly hasRisen: boolean
}

/** All that is watched; begun anew after each hole. */
interface Sightings {
  /** Beats of runs: of the members, and of those that are named in leases. */
  readonly beats: ReadonlyMap<string, BeatSighting>
  readonly free: ReadonlyMap<string, Sighting<true>>
  /** Fencing numbers of the leases. */
  readonly fences: ReadonlyMap<string, number>
  /** Who they are, in one text. */
  readonly members: Sighting<string>
}

/** A watch that has seen nothing. */
export function createWatch(): Watch {
  let seen: Sightings | undefined
  const deploys = new Map<string, number>()
  let lastMs: number | undefined
  let backSinceMs = Number.NEGATIVE_INFINITY
  /** Nothing was heard since the last picture. */
  let missed = false

  return {
    see(picture, units, nowMs) {
      const hole = lastMs !== undefined && (missed || nowMs - lastMs > HOLE_MS || hasForgotten(picture, seen))
      if (hole) backSinceMs = nowMs
      seen = look(picture, units, nowMs, hole ? undefined : seen, seen)
      // A deploy that Redis has dropped, and not lost, is new should it come again: so it is for all who look.
      const named = new Set(picture.deploys.map(({ id }) => id))
      if (!hole) for (const id of deploys.keys()) if (!named.has(id)) deploys.delete(id)
      for (const { id, sinceAt } of picture.deploys)
        deploys.set(id, Math.min(deploys.get(id) ?? sinceAt, sinceAt))
      lastMs = nowMs
      missed = false
    },
    away() {
      missed = true
    },
    watched() {
      const [was, untilMs] = [seen, lastMs ?? 0]
      const forMs = (sighting: Sighting<unknown> | undefined) => (sighting ? untilMs - sighting.sinceMs : 0)
      return {
        stillMs: (run) => forMs(was?.beats.get(keyOf(run))),
        beat: (run) => was?.beats.get(keyOf(run))?.what ?? 0,
        freeMs: (unit) => forMs(was?.free.get(unit)),
        deploySinceAt: (id) => deploys.get(id),
        settledMs: forMs(was?.members),
        backMs: untilMs - backSinceMs,
      }
    },
    lives(run) {
      const beat = seen?.beats.get(keyOf(run))
      return beat?.hasRisen === true && (lastMs ?? 0) - beat.sinceMs < HOLE_MS
    },
  }
}

/** Leases are never taken off, and their numbers never fall: Redis is not what it was. */
function hasForgotten({ leases }: Picture, before: Sightings | undefined): boolean {
  const fences = new Map(leases.map(({ unit, fence }) => [unit, fence]))
  return [...(before?.fences ?? [])].some(([unit, fence]) => (fences.get(unit) ?? -1) < fence)
}

/** What is seen now: with the time of before where it is as before. Of what was seen before a hole, only beats are remembered. */
function look(
  picture: Picture,
  units: readonly string[],
  nowMs: number,
  before: Sightings | undefined,
  remembered: Sightings | undefined,
): Sightings {
  const beats = new Map<string, BeatSighting>()
  for (const [run, beat] of beatsOf(picture)) {
    const what = beat ?? remembered?.beats.get(run)?.what ?? 0
    const was = before?.beats.get(run)
    beats.set(run, was?.what === what ? was : { what, sinceMs: nowMs, hasRisen: was !== undefined })
  }
  const held = new Set(picture.leases.filter(({ holder }) => holder).map(({ unit }) => unit))
  const free = new Map<string, Sighting<true>>()
  for (const unit of units)
    if (!held.has(unit)) free.set(unit, goOn<true>(before?.free.get(unit), true, nowMs))
  const members = JSON.stringify(
    picture.members.map((member) => [keyOf(member), member.deploy, member.draining]),
  )
  const fences = new Map(picture.leases.map(({ unit, fence }) => [unit, fence]))
  return { beats, free, fences, members: goOn(before?.members, members, nowMs) }
}

/** Every run that the picture knows of, and its beat where it is a member. */
function beatsOf({ members, leases }: Picture): Map<string, number | undefined> {
  const beats = new Map<string, number | undefined>()
  for (const { holder, successor } of leases)
    for (const run of [holder, successor]) if (run) beats.set(keyOf(run), undefined)
  for (const member of members) beats.set(keyOf(member), member.beat)
  return beats
}

const goOn = <T>(before: Sighting<T> | undefined, what: T, nowMs: number): Sighting<T> =>
  before?.what === what ? before : { what, sinceMs: nowMs }

const keyOf = ({ replica, run }: Run) => `${replica} ${run}`
