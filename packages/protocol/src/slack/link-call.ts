/** A Slack link that has called for an address. */

import { slackErrorRule } from './errors.ts'
import { type ApproachingState, further, retry } from './link-attempt.ts'
import { type Given, giveUp, type LinkStep, setTimer, stay } from './link-moves.ts'
import { probe } from './link-pulse.ts'
import type { InputOf, LinkEffect, LinkInput } from './link-state.ts'

/** The address is good for 30 s. */
const CONNECT_TIMEOUT_MS = 15_000

/** Waits for the answer. */
export function onCalling(state: ApproachingState, input: LinkInput, given: Given): LinkStep {
  switch (input.kind) {
    case 'addressGiven':
      return onAddress(state, input, given)
    case 'addressRefused':
      return onRefused(state, input, given)
    case 'timer':
      return retry(state, 'the call for an address was not answered in time', given)
    default:
      return stay(state)
  }
}

function onAddress(
  before: ApproachingState,
  { url }: InputOf<'addressGiven'>,
  { transport }: Given,
): LinkStep {
  const { generation } = before.approach
  const probed = before.kind === 'leaving' && transport === 'rtm' ? probe(before.live) : undefined
  const state = probed ? { ...before, live: probed.live, probeId: probed.live.pingId } : before
  const effects: LinkEffect[] = [
    ...(probed?.effects ?? []),
    { kind: 'openSocket', generation, url },
    setTimer(generation, 'connect', CONNECT_TIMEOUT_MS),
  ]
  return further(state, { kind: 'connecting', generation }, effects, 'Slack gave an address')
}

function onRefused(state: ApproachingState, input: InputOf<'addressRefused'>, given: Given): LinkStep {
  const { error, reason, retryAfterMs } = input
  const refused = `Slack gives no address: ${error}${reason === undefined ? '' : ` (${reason})`}`
  if (error === 'budget_spent' && retryAfterMs !== undefined)
    return retry(state, 'waits to call for an address: the budget of calls is spent', given, [], {
      kind: 'exactly',
      ms: retryAfterMs,
    })
  // The bot's token is the one that RTM takes: so is what to do about it.
  const rule = slackErrorRule(error, input.token === 'bot' ? 'rtm' : given.transport)
  switch (rule.action) {
    case 'fatal':
      return onFatal(state, `${refused}: ${rule.advice}`, given)
    case 'wait':
      return retry(state, refused, given, [], { kind: 'backoff', atLeastMs: retryAfterMs ?? 0 })
    default:
      return rule satisfies never
  }
}

/** What still serves is not thrown away for an error of its successor: the link ends when nothing serves any more. */
function onFatal(state: ApproachingState, why: string, given: Given): LinkStep {
  return state.kind === 'leaving' ? retry(state, why, given) : giveUp(state, why)
}
