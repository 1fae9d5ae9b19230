import type { Platform } from '../facts.ts'
import type { FaultRequest } from '../fault.ts'

/** What happens on the simulated platforms by itself, from the start of the simulator on. */
export interface Script {
  readonly steps: readonly ScriptStep[]
}

/** One line of a script: when, and what. */
export interface ScriptStep {
  /** Its place in the script, from 1. */
  readonly number: number
  /** After the start, for the first time. */
  readonly atMs: number
  /** From one time to the next; absent where it happens once. */
  readonly everyMs?: number
  /** How often it happens; without end where it is absent and `everyMs` is not. */
  readonly times?: number
  readonly deed: ScriptDeed
}

/** What a step does. Bots, channels and people are meant by id or name; the first there is, where none is given. */
export type ScriptDeed =
  | { readonly kind: 'fault'; readonly ask: FaultRequest }
  | {
      readonly kind: 'say'
      readonly platform: Platform
      readonly text: string
      readonly channel?: string
      readonly user?: string
    }
  | { readonly kind: 'stream'; readonly platform: Platform; readonly rate: number; readonly forMs: number }

/** A deed in a few words, for the record. */
export function describeScriptDeed(deed: ScriptDeed): string {
  switch (deed.kind) {
    case 'fault':
      return `fault ${deed.ask.fault}`
    case 'say':
      return 'say'
    case 'stream':
      return `stream ${deed.rate}/s for ${deed.forMs} ms`
    default:
      return deed satisfies never
  }
}

/** On which platform it happens. */
export function platformOfDeed(deed: ScriptDeed): Platform {
  return deed.kind === 'fault' ? deed.ask.platform : deed.platform
}
