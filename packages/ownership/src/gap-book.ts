/** A gap of which something is owed, as it is written down. */
export interface OwedGap {
  /** The id of the event that announced it. */
  readonly id: string
  /** What is owed and how far it is filled in, in the words of whoever fills it in. */
  readonly text: string
}

/**
 * `owed`: from now on. `known`: it is owed already, or was settled within its window. `full`: too many are owed of the unit.
 * `refused`: the unit is another's by now.
 */
export type OweAnswer = 'owed' | 'known' | 'full' | 'refused'

/** `unknown`: nothing of that id is owed. */
export type NoteAnswer = 'noted' | 'unknown' | 'refused'

/** As much as this may be owed of one unit. */
export const OWED_BOUND = 100

/**
 * What is owed of the gaps of each unit, until it is filled in: whoever serves the unit next goes on with it. A write under a
 * fencing number older than the last that the lease store gave out for the unit is refused. What nobody has written to for a
 * window is forgotten.
 */
export interface GapBook {
  /** Writes a gap down, unless it is there or was. `windowMs`: for how long it could be announced again. */
  owe(unit: string, fence: number, gap: OwedGap, windowMs: number): Promise<OweAnswer>
  /** Everything that is owed of a unit, in no order. */
  owed(unit: string): Promise<readonly OwedGap[]>
  /** How far it is filled in by now. */
  note(unit: string, fence: number, gap: OwedGap, windowMs: number): Promise<NoteAnswer>
  /** Nothing is owed of it any more, and for `windowMs` nothing will be. */
  settle(unit: string, fence: number, id: string, windowMs: number): Promise<NoteAnswer>
}
