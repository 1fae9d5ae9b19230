import { SimulatorError } from './errors.ts'

/** Reads the body of a control request; what is missing or of another type is told by name and place. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #where: string

  constructor(body: unknown, where: string) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new SimulatorError(
        'bad-request',
        `${where}: send a JSON object, or an array of them where a batch is allowed`,
      )
    }
    this.#fields = body as Record<string, unknown>
    this.#where = where
  }

  refuseOthers(known: readonly string[], about: string): void {
    const other = Object.keys(this.#fields).find((name) => !known.includes(name))
    if (other === undefined) return
    const takes = `it takes ${known.join(', ')}`
    throw new SimulatorError('bad-request', `${this.#where}: ${about} has no "${other}"; ${takes}`)
  }

  text(name: string): string {
    return this.#expect(name, this.optionalText(name), 'a string')
  }

  optionalText(name: string): string | undefined {
    return this.#optional(name, 'a string', (value) => typeof value === 'string')
  }

  number(name: string): number {
    return this.#expect(name, this.optionalNumber(name), 'a number')
  }

  optionalNumber(name: string): number | undefined {
    return this.#optional(name, 'a number', (value) => typeof value === 'number')
  }

  optionalFlag(name: string): boolean | undefined {
    return this.#optional(name, 'true or false', (value) => typeof value === 'boolean')
  }

  optionalList(name: string): readonly object[] | undefined {
    return this.#optional(name, 'a list', Array.isArray)
  }

  optionalObject(name: string): object | undefined {
    const isObject = (value: unknown) => typeof value === 'object' && !Array.isArray(value)
    return this.#optional(name, 'an object', isObject)
  }

  #expect<T>(name: string, value: T | undefined, wanted: string): T {
    if (value !== undefined) return value
    throw new SimulatorError('bad-request', `${this.#where}: "${name}" is missing; give ${wanted}`)
  }

  #optional<T>(name: string, wanted: string, fits: (value: unknown) => boolean): T | undefined {
    const value = this.#fields[name]
    if (value === undefined || value === null) return undefined
    if (fits(value)) return value as T
    throw new SimulatorError('bad-request', `${this.#where}: "${name}" must be ${wanted}`)
  }
}
