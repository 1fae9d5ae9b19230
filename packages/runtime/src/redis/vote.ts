import { type Clock, sleep } from '../clock.ts'
import { describeNode, type NodeAddress } from './place.ts'

/** How long those are waited for who have not answered when the first has. */
const OTHERS_MS = 100

/**
 * Asks all of `nodes` at once which node serves, and yields the one that most of those name who answer soon after the
 * first: who has just come back from a freeze answers with what was. Rejects where nobody knows one.
 */
export async function vote(
  nodes: readonly NodeAddress[],
  ask: (node: NodeAddress) => Promise<NodeAddress>,
  clock: Clock,
): Promise<NodeAddress> {
  const votes: NodeAddress[] = []
  const failures: unknown[] = []
  const answers = nodes.map((node) =>
    ask(node).then(
      (named) => void votes.push(named),
      (error: unknown) => {
        failures.push(error)
        throw error
      },
    ),
  )
  await Promise.any(answers).catch(() => {})
  if (votes.length === 0) throw failures.find(isAnswer) ?? failures[0]
  const over = new AbortController()
  await Promise.race([Promise.allSettled(answers), sleep(clock, OTHERS_MS, over.signal)])
  over.abort()
  return mostNamed(votes)
}

/** What a server said tells more than that another could not be reached. */
const isAnswer = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError'

function mostNamed([first, ...others]: readonly NodeAddress[]): NodeAddress {
  const votes = [first, ...others].filter((each) => each !== undefined)
  const count = (node: NodeAddress) =>
    votes.filter((each) => describeNode(each) === describeNode(node)).length
  return votes.reduce((best, each) => (count(each) > count(best) ? each : best))
}
