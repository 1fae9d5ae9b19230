/**
 * What runs behind the platforms, as far as the chat page may show and break it. The simulator knows nothing of it: who
 * starts one (the demo) gives it in, and the page then has a control strip, a ledger and a chart.
 */
export interface Stage {
  readonly links: readonly StageLink[]
  /** In the order of the strip. */
  readonly actions: readonly StageAction[]
  /** What it is like now; cheap enough to be asked four times a second. */
  state(): StageState
  /** The chart's past, oldest first: about ten minutes. */
  history(): { readonly samples: readonly StageSample[]; readonly marks: readonly StageMark[] }
  /**
   * Begins an action by its name. Resolves when it has begun; what becomes of it shows in `state` and `marks`. Rejects
   * with a `SimulatorError` `bad-request` that says why it can't be done.
   */
  perform(action: string): Promise<void>
  /** Calls back for each new sample and each mark that begins or ends. Returns how to stop. */
  watch(listener: (news: StageNews) => void): () => void
}

export type StageNews =
  | { readonly what: 'sample'; readonly sample: StageSample }
  /** A mark of the same `id` replaces the former. */
  | { readonly what: 'mark'; readonly mark: StageMark }

/** A page beside this one: the console, the gateway's readiness. */
export interface StageLink {
  readonly label: string
  readonly url: string
}

/** A button of the control strip. */
export interface StageAction {
  /** `kill-worker`, `roll`, `restart-gateway`, `pause-redis`. */
  readonly name: string
  readonly label: string
  /** One sentence: what it does. */
  readonly help: string
  /** The key that presses it. */
  readonly key: string
}

/** How the stage is at one instant. */
export interface StageState {
  readonly parts: readonly StagePart[]
  readonly ledger: Ledger
  /** By action name: why it can't be pressed now. */
  readonly refused: Readonly<Record<string, string>>
  /** By action name: what it is doing, where it is under way. */
  readonly running: Readonly<Record<string, string>>
}

/** One process. */
export interface StagePart {
  /** Stays the same while it is the same process: `worker 3`. */
  readonly name: string
  readonly kind: 'gateway' | 'worker' | 'redis'
  readonly pid: number
  readonly state: 'starting' | 'up' | 'draining' | 'paused' | 'killed' | 'ended'
  /** Which release it runs, where there are several: `v2`. */
  readonly version?: string
}

/** What people said, and what became of it. Counted from the platforms' record and the handlers' own notes alone. */
export interface Ledger {
  /** Messages, reactions, commands and presses of people. */
  readonly sent: number
  /** Those whose handler ended. */
  readonly handled: number
  /** Those answered. */
  readonly answered: number
  /** On their way: sent, not yet handled, and neither lost nor out of reach. */
  readonly waiting: number
  /** Nothing waits any more and still there is no answer. */
  readonly lost: number
  /** Answers beyond the first. */
  readonly repeated: number
  /** Begun before an earlier one of their conversation had ended. */
  readonly reordered: number
  /** Of those handled: said while nobody was connected, and filled in from the platform's history. */
  readonly backfilled: number
  /** Said while nobody was connected, and nothing fills it in; the bot was told from when to when. */
  readonly notRecoverable: number
  readonly announcedGaps: number
  /** Age of the oldest that waits, in ms; 0 where none does. */
  readonly oldestWaitingMs: number
}

/** One point of the chart. */
export interface StageSample {
  /** Unix milliseconds. */
  readonly at: number
  /** Events that wait or run, by the queue's own count; absent while Redis does not answer. */
  readonly depth?: number
  /** From said to answered: the longest of those answered since the last sample, or the oldest that waits if older. ms. */
  readonly delayMs: number
}

/** Something that was done to the stage, or that it announced. */
export interface StageMark {
  readonly id: number
  /** Unix milliseconds. */
  readonly at: number
  /** Absent while it lasts. */
  readonly endedAt?: number
  /** An action's name, or `gap`. */
  readonly kind: string
  /** Two or three words, for the chart: `worker killed`. */
  readonly label: string
  /** One sentence. */
  readonly detail?: string
  /** Where it concerns one platform: a gap. */
  readonly platform?: 'slack' | 'discord'
}
