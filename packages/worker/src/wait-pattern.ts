import { type Pattern, parsePattern } from '@holdfast/events'
import { NonRetryableError } from './errors.ts'
import { meantType } from './known-types.ts'

const ANY = '*'

/** The pattern of a wait. Throws `wait-pattern` where it is none. */
export function readWaitPattern(text: string): Pattern {
  const parsed = parsePattern(String(text))
  if (parsed.ok) return parsed.pattern
  throw new NonRetryableError(parsed.problem, undefined, 'wait-pattern')
}

/** Which events come to the subscription of a worker. */
export interface WishedFor {
  /** By this worker's own wish. */
  readonly own: readonly string[]
  /** By everybody's; undefined while that can't be told. Never rejects. */
  all(): Promise<readonly string[] | undefined>
}

/** Rejects with `wait-pattern` where no event of `text` comes to the subscription, as far as that can be told. */
export async function checkReachable(text: string, wishedFor: WishedFor): Promise<void> {
  const pattern = readWaitPattern(text)
  const reaches = (wishes: readonly string[]) => wishes.some((wish) => parsedOverlaps(wish, pattern))
  if (reaches(wishedFor.own)) return
  const all = await wishedFor.all()
  if (all === undefined || reaches(all)) return
  const meant = meantType(text)
  throw new NonRetryableError(
    `no ${text} comes to this subscription, which has ${all.join(', ') || 'no patterns'}` +
      (meant ? `; did you mean "${meant}"? If not` : '') +
      `: add it to the option events, or take those that nobody waits for with worker.on("${text}", () => {})`,
    undefined,
    'wait-pattern',
  )
}

function parsedOverlaps(text: string, pattern: Pattern): boolean {
  const parsed = parsePattern(text)
  return parsed.ok && overlaps(parsed.pattern, pattern)
}

/** Whether some event type is of both patterns. */
export function overlaps(one: Pattern, other: Pattern): boolean {
  const length = Math.max(one.parts.length, other.parts.length)
  return Array.from({ length }, (_, index) => index).every((index) => {
    const [part, otherPart] = [partAt(one, index), partAt(other, index)]
    if (part === undefined || otherPart === undefined) return false
    return part === ANY || otherPart === ANY || part === otherPart
  })
}

/** A last `*` goes on for as long as it takes. */
function partAt({ parts }: Pattern, index: number): string | undefined {
  return parts[index] ?? (parts.at(-1) === ANY ? ANY : undefined)
}
