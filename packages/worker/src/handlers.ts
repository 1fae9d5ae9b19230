import { type HoldfastEvent, matchesPattern, type Pattern, parsePattern } from '@holdfast/events'
import type { Context } from './context.ts'

/** A handler as the job pipeline calls it: what it may read was settled where it was registered. */
export type AnyHandler = (event: HoldfastEvent, ctx: Context) => unknown

interface Entry {
  readonly pattern: Pattern
  readonly handler: AnyHandler
}

/**
 * Which handler gets which event: exactly one, that of the most specific pattern. One without `*` comes first, then the
 * one with more literal parts, then the one with more parts, then the one registered first.
 */
export class Handlers {
  #entries: Entry[] = []
  readonly #problems: string[] = []
  readonly #known = new Map<string, AnyHandler | undefined>()

  add(text: string, handler: AnyHandler): void {
    if (typeof text !== 'string') {
      this.#problems.push(
        `worker.on takes a pattern first, like "slack.message", and was given ${String(text)}`,
      )
      return
    }
    const parsed = parsePattern(text)
    if (!parsed.ok) this.#problems.push(parsed.problem)
    else if (typeof handler !== 'function') {
      this.#problems.push(`"${text}" has no handler: give worker.on("${text}", handler) a function`)
    } else if (this.patterns.includes(text)) {
      this.#problems.push(`"${text}" has two handlers, and an event is given to one: join them`)
    } else {
      this.#entries = [...this.#entries, { pattern: parsed.pattern, handler }].sort(moreSpecificFirst)
    }
    this.#known.clear()
  }

  get patterns(): readonly string[] {
    return this.#entries.map(({ pattern }) => pattern.text)
  }

  /** What is wrong with the registrations, one line each. */
  get problems(): readonly string[] {
    if (this.#entries.length > 0 || this.#problems.length > 0) return this.#problems
    return ['the worker has no handler: register one with worker.on(pattern, handler)']
  }

  find(type: string): AnyHandler | undefined {
    if (!this.#known.has(type)) {
      this.#known.set(type, this.#entries.find(({ pattern }) => matchesPattern(pattern, type))?.handler)
    }
    return this.#known.get(type)
  }
}

function moreSpecificFirst(a: Entry, b: Entry): number {
  const [left, right] = [rank(a.pattern), rank(b.pattern)]
  return left.open - right.open || right.literalCount - left.literalCount || right.partCount - left.partCount
}

function rank({ parts }: Pattern) {
  const literalCount = parts.filter((part) => part !== '*').length
  return { open: literalCount < parts.length ? 1 : 0, literalCount, partCount: parts.length }
}
