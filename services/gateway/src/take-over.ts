import { type Clock, type Config, endsWithin, type Log } from '@holdfast/runtime'
import type { ConfigChange } from './config-change.ts'
import { fixedSubscriptions } from './config-check.ts'
import type { SubscriptionWatch } from './subscription-watch.ts'
import type { Ownership } from './tenure/ownership.ts'
import type { Units } from './units.ts'

/** A Redis that is away keeps the connections waiting for so long, no longer. */
const DECLARE_WITHIN_MS = 5_000
/** What is added is taken within a few round trips; where Redis is away, once it is back. */
const SETTLE_WITHIN_MS = 5_000

/** The parts of a running gateway that a changed configuration reaches. */
export interface Changeable {
  readonly units: Pick<Units, 'change'>
  readonly ownership: Pick<Ownership, 'settle'>
  readonly watch: Pick<SubscriptionWatch, 'fix'>
  readonly log: Log
  readonly clock: Clock
}

/**
 * Puts a change into effect. Subscriptions come first, so that what new connections bring is wanted from the beginning.
 * `config` is the whole as it is from now on.
 */
export async function takeOver(change: ConfigChange, config: Config, parts: Changeable): Promise<void> {
  const { units, ownership, watch, log, clock } = parts
  if (change.subscriptionsChanged) {
    const fixed = watch.fix(fixedSubscriptions(config))
    if (!(await endsWithin(clock, DECLARE_WITHIN_MS, fixed)))
      log.warn({}, 'Redis does not answer: the changed subscriptions are declared once it does')
  }
  await units.change(change, config.gateway.stopGraceMs)
  await endsWithin(clock, SETTLE_WITHIN_MS, ownership.settle())
}
