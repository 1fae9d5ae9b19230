import { interactiveQueue } from '@holdfast/queue'
import type { GatewaySeen, Note, Picture, SubscriptionSeen, Summary, Suspension, UnitSeen } from './feed.ts'

/** What is judged: a picture without its judgement. */
export type Facts = Omit<Picture, 'summary'> & {
  /** Names of declarations that could not be read. */
  readonly unreadable: readonly string[]
  /** Deploys that take nothing from others for a while, because they failed their trial. */
  readonly resting: readonly string[]
}

/** The oldest event that could run has waited for so long: somebody should look. */
const LONG_LAG_MS = 60_000

/** How things stand: everything that is not well, the worst first, and one sentence. */
export function summarize(facts: Facts): Summary {
  const notes = [
    ...noGateway(facts),
    ...facts.units.flatMap((unit) => judgeUnit(unit, facts)),
    ...facts.gateways.flatMap(judgeGateway),
    ...facts.resting.map((deploy) =>
      attention(`Deploy ${deploy} failed a trial and rests: it takes nothing from others meanwhile.`),
    ),
    ...facts.subscriptions.flatMap(judgeSubscription),
    ...facts.workers
      .filter(({ state }) => state === 'silent')
      .map(({ workerId }) =>
        attention(`Worker ${workerId} is connected and gives no sign of life: is its event loop blocked?`),
      ),
    ...facts.unreadable.map((name) =>
      attention(`The declaration of subscription "${name}" can't be read; it is left out.`),
    ),
  ]
  const sorted = [...notes.filter(isTrouble), ...notes.filter((note) => !isTrouble(note))]
  const status = sorted.some(isTrouble) ? 'trouble' : sorted.length > 0 ? 'attention' : 'well'
  return { status, sentence: sentenceOf(sorted, facts), notes: sorted }
}

function sentenceOf([worst, ...others]: readonly Note[], { subscriptions, workers, units }: Facts): string {
  if (worst) return others.length === 0 ? worst.text : `${worst.text} ${others.length} more below.`
  if (subscriptions.length === 0) return 'All well. No subscription yet.'
  const counts = [
    plural(subscriptions.length, 'subscription'),
    plural(workers.length, 'worker'),
    `${plural(units.length, 'unit')} connected`,
  ]
  return `All well: ${counts.join(', ')}.`
}

function noGateway({ gateways }: Facts): Note[] {
  return gateways.length > 0 ? [] : [trouble('No gateway runs: no events come in.')]
}

function judgeUnit({ unit, state, why, owner }: UnitSeen, { gateways }: Facts): Note[] {
  const reason = reasonOf(why)
  switch (state) {
    case 'connected':
    case 'untold':
      return []
    case 'free':
      return gateways.length === 0 ? [] : [trouble(`${unit} is free: no gateway serves it.`)]
    case 'silent':
      return gateways.length === 0 ? [] : [trouble(`${unit} is held by ${owner}, which is not heard of.`)]
    case 'fatal':
      return [trouble(`${unit} has stopped for good${reason}`)]
    case 'stopped':
      return [trouble(`${unit} has stopped${reason}`)]
    default:
      return [attention(`${unit} is ${state}${reason}`)]
  }
}

function judgeGateway({ replica, state, why }: GatewaySeen): Note[] {
  return state === 'failed' ? [attention(`Gateway ${replica} failed its trial${reasonOf(why)}`)] : []
}

const reasonOf = (why: string | undefined): string =>
  why === undefined ? '.' : `: ${why}${/[.!?…]$/.test(why) ? '' : '.'}`

function judgeSubscription(subscription: SubscriptionSeen): Note[] {
  const { name, suspension, interactive, workerCount } = subscription
  return [
    ...(suspension ? [judgeSuspension(name, suspension)] : []),
    ...(interactive.suspension ? [judgeSuspension(interactiveQueue(name), interactive.suspension)] : []),
    ...(workerCount === 0 ? [noWorker(subscription)] : judgeLag(subscription)),
    ...judgeBlockers(subscription),
    ...judgeDead(subscription),
  ]
}

function judgeSuspension(queue: string, { reason, missedCount }: Suspension): Note {
  const why = reason === 'full' ? 'it is full' : 'nobody has worked on it for too long'
  return trouble(`${queue} takes no events: ${why}; missed so far: ${missedCount}.`)
}

function noWorker({ name, depth, interactive }: SubscriptionSeen): Note {
  const count = waitingOf(depth) + waitingOf(interactive.depth)
  if (count === 0) return attention(`${name} has no worker.`)
  return trouble(`${name} has no worker, and ${plural(count, 'event')} waiting.`)
}

function judgeLag({ name, depth, interactive }: SubscriptionSeen): Note[] {
  const lagMs = Math.max(depth.lagMs, interactive.depth.lagMs)
  if (lagMs < LONG_LAG_MS) return []
  return [attention(`The oldest event of ${name} has waited for ${Math.floor(lagMs / 60_000)} min.`)]
}

function judgeBlockers({ name, blockers = [] }: SubscriptionSeen): Note[] {
  const waitingCount = blockers.reduce((sum, blocker) => sum + blocker.waitingCount, 0)
  if (blockers.length === 0) return []
  const handlers = `${plural(blockers.length, 'handler')} of ${name} ${blockers.length === 1 ? 'holds its' : 'hold their'}`
  return [
    attention(`${handlers} conversation for long, with ${plural(waitingCount, 'event')} waiting behind.`),
  ]
}

function judgeDead({ name, depth, interactive }: SubscriptionSeen): Note[] {
  const count = depth.failed + interactive.depth.failed
  return count === 0
    ? []
    : [attention(`${name} has ${plural(count, 'dead letter')}: holdfast dead ls ${name}.`)]
}

const waitingOf = ({ waiting, parked, retrying, sleeping, active }: SubscriptionSeen['depth']): number =>
  waiting + parked + retrying + sleeping + active

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
const trouble = (text: string): Note => ({ level: 'trouble', text })
const attention = (text: string): Note => ({ level: 'attention', text })
const isTrouble = ({ level }: Note): boolean => level === 'trouble'
