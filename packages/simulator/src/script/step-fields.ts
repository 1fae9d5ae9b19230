import { SimulatorError } from '../errors.ts'
import type { Platform } from '../facts.ts'
import { DURATION_EXAMPLES, readDurationMs } from './duration.ts'

const A_DAY_MS = 86_400_000

/** Reads one mapping of a script; what is wrong is told by step and key, with what to write instead. */
export class StepFields {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #where: string

  constructor(value: unknown, where: string) {
    this.#where = where
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.wrong('write keys and values, such as "at: 5s"')
    }
    this.#fields = value as Readonly<Record<string, unknown>>
  }

  get keys(): readonly string[] {
    return Object.keys(this.#fields)
  }

  get(key: string): unknown {
    return this.#fields[key] ?? undefined
  }

  /** The place of what lies below a key. */
  within(key: string): string {
    return `${this.#where}, ${key}`
  }

  refuseOthers(known: readonly string[], about: string): void {
    const other = this.keys.find((key) => !known.includes(key))
    if (other !== undefined) throw this.wrong(`${about} has no "${other}"; it takes ${known.join(', ')}`)
  }

  platform(): Platform {
    const platform = this.get('platform')
    if (platform === 'slack' || platform === 'discord') return platform
    throw this.wrong(`"platform" is ${shown(platform)}; write slack or discord`)
  }

  text(key: string): string {
    const text = this.optionalText(key)
    if (text !== undefined) return text
    throw this.wrong(`"${key}" is missing; write a text`)
  }

  optionalText(key: string): string | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    if (typeof value === 'string' && value !== '') return value
    throw this.wrong(
      `"${key}" is ${shown(value)}; write a text${typeof value === 'number' ? ' in quotes' : ''}`,
    )
  }

  number(key: string, least: number, most: number): number {
    const value = this.get(key)
    if (typeof value === 'number' && value >= least && value <= most) return value
    throw this.wrong(`"${key}" is ${shown(value)}; write a number from ${least} to ${most}`)
  }

  durationMs(key: string): number {
    const value = this.get(key)
    const ms = readDurationMs(value)
    if (ms !== undefined && ms <= A_DAY_MS) return ms
    throw this.wrong(`"${key}" is ${shown(value)}; write ${DURATION_EXAMPLES}, 24h at most`)
  }

  wrong(what: string): SimulatorError {
    return new SimulatorError('bad-request', `${this.#where}: ${what}`)
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value))
}
