import type { Run, Tenure } from '@holdfast/ownership'
import type { ServedUnit } from './served-unit.ts'

/** It was asked for, and is not ours. */
export interface Preparing {
  /** `arriving`: the driver prepares. `arrived`: the holder is to yield. `beside`: it has, and the driver proves itself. */
  readonly kind: 'arriving' | 'arrived' | 'beside'
  readonly from: Run
  readonly sinceMs: number
  readonly askedMs: number
  readonly served: ServedUnit
  /** Its driver said that it never could serve it. */
  readonly failedWhy?: string
}

/** The lease is ours. */
export interface Held {
  readonly fence: number
  readonly sinceMs: number
}

/** It serves. */
export interface Holding extends Held {
  readonly kind: 'holding'
  readonly onTrial: boolean
  readonly served: ServedUnit
}

/** The driver is gone, and one with other settings is about to take its place. */
export interface Paused extends Held {
  readonly kind: 'paused'
  readonly onTrial: boolean
}

/** It goes to a successor. */
export interface Leaving extends Held {
  /**
   * `yielding`: the driver confirms what is its own. `offering`: it has, and Redis is to take note of it, tried again with each
   * look. `yielded`: the successor is to take the lease.
   */
  readonly kind: 'yielding' | 'offering' | 'yielded'
  readonly to: Run
  /** Nothing once it has closed. */
  readonly served: ServedUnit | undefined
}

/**
 * What a replica does with a unit. `none` waits for a move; `ended` is final.
 */
export type State =
  | { readonly kind: 'none'; readonly withdrewMs?: number }
  | Preparing
  | Holding
  | Paused
  | Leaving
  | { readonly kind: 'ended' }

/** The lease under which the unit is ours; nothing where it is not. */
export function heldOf(state: State): Held | undefined {
  return 'fence' in state ? state : undefined
}

/** As whoever decides sees it. */
export function tenureOf(state: State): Tenure {
  switch (state.kind) {
    case 'none':
      return state
    case 'ended':
      return { kind: 'none' }
    case 'arriving':
      return arriving(state)
    case 'arrived':
      return { kind: 'arrived', from: state.from, sinceMs: state.sinceMs }
    case 'beside':
      return { kind: 'beside', from: state.from, sinceMs: state.sinceMs, health: state.served.health() }
    case 'holding':
      return holding(state, state.served.health())
    case 'paused':
      return holding(state, { confirmed: false })
    case 'yielding':
    case 'offering':
      return { kind: 'yielding', fence: state.fence, to: state.to, sinceMs: state.sinceMs }
    case 'yielded':
      return { kind: 'yielded', fence: state.fence, to: state.to, sinceMs: state.sinceMs }
    default:
      return state satisfies never
  }
}

function arriving({ from, sinceMs, failedWhy }: Preparing): Tenure {
  return { kind: 'arriving', from, sinceMs, ...(failedWhy === undefined ? {} : { failedWhy }) }
}

function holding(
  { fence, sinceMs, onTrial }: Holding | Paused,
  health: (Tenure & { kind: 'holding' })['health'],
): Tenure {
  return { kind: 'holding', fence, sinceMs, onTrial, health }
}
