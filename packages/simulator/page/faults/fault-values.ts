import type { FaultParameter } from '../../src/listed-fault.ts'

/** What a form asks for, by parameter. What was left empty is left out. */
export type FaultValues = Readonly<Record<string, string | number | boolean>>

/** Reads a filled form by what its fields mean. */
export function valuesOf(form: Pick<FormData, 'get'>, parameters: readonly FaultParameter[]): FaultValues {
  const values: Record<string, string | number | boolean> = {}
  for (const { name, type } of parameters) {
    const entry = form.get(name)
    if (typeof entry !== 'string' || entry === '') continue
    values[name] = type === 'flag' ? true : type === 'number' ? Number(entry) : entry
  }
  return values
}
