import { messageOf } from '@holdfast/runtime'
import {
  EMPTY_LEDGER,
  type Ledger,
  SimulatorError,
  type Stage,
  type StageLink,
  type StageMark,
  type StageNews,
  type StageState,
} from '@holdfast/simulator'
import { FAULTS, type Fault, type FaultStage } from './faults.ts'
import { partsOf, type Running } from './parts.ts'
import type { Timeline } from './timeline.ts'
import type { Turns } from './turns.ts'

/** What the stage consists of once it stands. */
export interface Play extends FaultStage {
  readonly redis: FaultStage['redis'] & Running['redis']
  readonly gateway: FaultStage['gateway'] & Running['gateway']
  readonly crew: FaultStage['crew'] & Running['crew']
  readonly ledger: () => Ledger
  readonly links: readonly StageLink[]
}

/**
 * The demo's stage as the chat page shows and breaks it. It is there before anything runs, since the page's server is part
 * of what is started first; until `open`, every action is refused.
 */
export class DemoStage implements Stage {
  readonly actions = FAULTS.map(({ name, label, help, key }) => ({ name, label, help, key }))
  readonly #timeline: Timeline
  readonly #turns: Turns
  #play: Play | undefined

  constructor(timeline: Timeline, turns: Turns) {
    this.#timeline = timeline
    this.#turns = turns
  }

  /** Everything runs. */
  open(play: Play): void {
    this.#play = play
  }

  get links(): readonly StageLink[] {
    return this.#play?.links ?? []
  }

  state(): StageState {
    const parts = this.#play ? partsOf(this.#play) : []
    const ledger = this.#play?.ledger() ?? EMPTY_LEDGER
    const refused = Object.fromEntries(
      FAULTS.flatMap((fault) => {
        const why = this.#refusal(fault)
        return why === undefined ? [] : [[fault.name, why]]
      }),
    )
    return { parts, ledger, refused, running: this.#turns.progress }
  }

  history(): ReturnType<Stage['history']> {
    return this.#timeline.history
  }

  watch(listener: (news: StageNews) => void): () => void {
    return this.#timeline.watch(listener)
  }

  async perform(name: string): Promise<void> {
    const fault = FAULTS.find((each) => each.name === name)
    if (!fault) throw badRequest(`there is no ${name}: use ${FAULTS.map((each) => each.name).join(', ')}`)
    const why = this.#refusal(fault)
    if (why !== undefined || !this.#play) throw badRequest(`${fault.label}: ${why}`)
    void this.#take(fault, this.#play)
  }

  /** Resolves when it is over. What goes wrong is told by its mark; the next press tries again. */
  async #take(fault: Fault, play: Play): Promise<void> {
    let mark: StageMark | undefined
    try {
      await this.#turns.take(fault.name, fault.label, async (tell) => {
        mark = this.#timeline.mark({ at: play.clock.wallAt(), kind: fault.name, label: fault.mark })
        const detail = await fault.perform(play, tell)
        this.#timeline.change({ ...mark, endedAt: play.clock.wallAt(), detail })
      })
    } catch (error) {
      if (!mark) return
      const label = `${fault.mark} (failed)`
      this.#timeline.change({ ...mark, endedAt: play.clock.wallAt(), label, detail: messageOf(error) })
    }
  }

  #refusal(fault: Fault): string | undefined {
    if (!this.#play) return 'it is still being set up'
    if (this.#play.signal.aborted) return 'everything is being stopped'
    const impossible = fault.impossible(this.#play)
    if (impossible !== undefined) return impossible
    return this.#turns.has(fault.name) ? 'it is under way' : undefined
  }
}

function badRequest(message: string): SimulatorError {
  return new SimulatorError('bad-request', message)
}
