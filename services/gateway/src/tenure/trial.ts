import { judgeTrial, type LeaseStore, type Standpoint, type TrialVerdict } from '@holdfast/ownership'
import { type Log, messageOf } from '@holdfast/runtime'

/** Whose trial it is. */
export interface TrialOptions {
  readonly deploy: string
  readonly store: Pick<LeaseStore, 'strike'>
  readonly log: Log
  /** The verdict has turned: others go by it. */
  readonly onTurn: () => void
}

/** How a replica's trial stands, verdict after verdict; strikes its rollout once for each that failed. */
export class Trial {
  readonly #options: TrialOptions
  #verdict: TrialVerdict | undefined

  constructor(options: TrialOptions) {
    this.#options = options
  }

  /** Nothing before the first picture. */
  get verdict(): TrialVerdict | undefined {
    return this.#verdict
  }

  /** `unknown`: a connection of which it is still being found out which units it has; without them nothing is shown. */
  judge(standpoint: Standpoint, unknown: string | undefined): TrialVerdict {
    const before = this.#verdict
    const verdict: TrialVerdict =
      unknown === undefined || before?.kind === 'passed'
        ? judgeTrial(standpoint, before)
        : { kind: 'open', why: `${unknown}: it is not known yet which units it has` }
    this.#verdict = verdict
    if (verdict.kind !== before?.kind) this.#onTurn(verdict)
    return verdict
  }

  #onTurn(verdict: TrialVerdict): void {
    const { log, deploy, onTurn } = this.#options
    switch (verdict.kind) {
      case 'none':
        break
      case 'open':
        log.info({ deploy, why: verdict.why }, 'on trial')
        break
      case 'passed':
        log.info({ deploy }, 'the trial is passed')
        break
      case 'failed':
        log.error({ deploy, why: verdict.why }, 'the trial failed: what was taken is given back')
        void this.#strike()
        break
      default:
        verdict satisfies never
    }
    onTurn()
  }

  /** One that is not noted makes the rollout rest no longer; the replica stays failed all the same. */
  async #strike(): Promise<void> {
    const { deploy, store, log } = this.#options
    try {
      await store.strike(deploy)
    } catch (error) {
      log.warn({ deploy, error: messageOf(error) }, 'Redis did not take note of the failed trial')
    }
  }
}
