import { CONNECTIONS, type ConnectionName } from './connections.ts'
import type { Verdict } from './verdict.ts'

/** What a scenario may cost, beyond nothing. */
export interface Allowances {
  /**
   * Connections on which a gap may, or must, be announced. It excuses only what nobody can have read (on RTM what was sent
   * while no socket of the bot was open, on Discord what an ended session had kept for nobody) and what no history holds.
   */
  readonly gaps?: Partial<Readonly<Record<ConnectionName, 'may' | 'must'>>>
  /** What was written to a socket of RTM in the second before it broke without a goodbye may lie in the gap as well. */
  readonly cutOff?: boolean
  /**
   * Messages may lie in a gap of which it is said that nothing fills it in. Without this, every message must be handled in the
   * end, and a gap excuses only what no history holds.
   */
  readonly unfilled?: 'may'
  /** At most so many identifies, beyond the first of each shard. */
  readonly identifies?: number
  /** At most so many times offline, by connection. */
  readonly offline?: Partial<Readonly<Record<ConnectionName, number>>>
  /** Exactly so many answers too many, by connection. */
  readonly repeated?: Partial<Readonly<Record<ConnectionName, number>>>
  /** Exactly so many dead letters. */
  readonly deadLetters?: number
}

/** Each way in which a verdict goes beyond what is allowed, in words. */
export function problemsOf(verdict: Verdict, allows: Allowances): readonly string[] {
  const problems: string[] = []
  const atMost = (what: string, count: number, most: number) => {
    if (count > most) problems.push(`${what}: ${count}, allowed: ${most}`)
  }
  for (const name of CONNECTIONS) {
    const { sent, lost, repeated, reordered, gaps, unfilled, offline } = verdict.connections[name]
    const allowed = allows.gaps?.[name]
    if (sent === 0) problems.push(`${name}: nothing was sent`)
    atMost(`${name}: lost`, lost, 0)
    const repeats = allows.repeated?.[name] ?? 0
    atMost(`${name}: repeated`, repeated, repeats)
    if (repeated < repeats) problems.push(`${name}: repeated: ${repeated}, expected: ${repeats}`)
    atMost(`${name}: reordered`, reordered, 0)
    if (allows.unfilled === undefined) atMost(`${name}: not filled in`, unfilled, 0)
    atMost(`${name}: gaps announced`, gaps, allowed === undefined ? 0 : Number.POSITIVE_INFINITY)
    if (allowed === 'must' && gaps === 0) problems.push(`${name}: no gap was announced`)
    atMost(`${name}: times offline`, offline, allows.offline?.[name] ?? 0)
  }
  atMost('identifies', verdict.identifies, allows.identifies ?? 0)
  atMost('repeated steps', verdict.repeatedSteps, 0)
  if (verdict.deadLetters !== (allows.deadLetters ?? 0))
    problems.push(`dead letters: ${verdict.deadLetters}, expected: ${allows.deadLetters ?? 0}`)
  return problems.length === 0 ? problems : [...problems, ...verdict.findings.slice(0, 10)]
}
