import type { Platform } from './facts.ts'

/** One field of a fault, described so that a form can be made of it. */
export interface FaultParameter {
  readonly name: string
  /** What it decides, in a few words. */
  readonly means: string
  /** `bot`: one of the platform's bots, by any of its ids. */
  readonly type: 'number' | 'text' | 'flag' | 'bot'
  /** Of a number. */
  readonly unit?: 'ms' | 's'
  readonly least?: number
  readonly most?: number
  /** The only texts there are. */
  readonly choices?: readonly string[]
  readonly optional: boolean
  /** What holds where it is left out. */
  readonly default?: number | boolean
  /** A sensible value to begin with, where it can't be left out. */
  readonly example?: number | string
}

/** A fault as `GET /control/fault` lists it. */
export interface ListedFault {
  readonly does: string
  /** The names of its fields; those with a `?` may be left out. */
  readonly takes: readonly string[]
  readonly platforms: readonly Platform[]
  /** What `takes` names, described for each of its platforms. */
  readonly parameters: Readonly<Partial<Record<Platform, readonly FaultParameter[]>>>
}
