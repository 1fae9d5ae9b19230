import { type Pattern, parsePattern } from '@holdfast/events'
import { NonRetryableError } from './errors.ts'

const ANY = '*'

/** The pattern of a wait. Throws `wait-pattern` where it is none. */
export function readWaitPattern(text: string): Pattern {
  const parsed = parsePattern(String(text))
  if (parsed.ok) return parsed.pattern
  throw new NonRetryableError(parsed.problem, undefined, 'wait-pattern')
}

/** Throws `wait-pattern` where no event that one of `wished` includes could be one of `pattern`. */
export function checkReachable(pattern: Pattern, wished: readonly string[]): void {
  if (wished.some((text) => parsedOverlaps(text, pattern))) return
  throw new NonRetryableError(
    `no ${pattern.text} comes to this subscription, which has ${wished.join(', ') || 'no patterns'}: ` +
      `add it to events, or worker.on("${pattern.text}", () => {}) for those that nobody waits for`,
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
