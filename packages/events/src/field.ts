/*
 * Reading fields of payloads whose shape nobody vouches for. Nothing here throws; what is not there, or is of another
 * kind than expected, is `undefined`.
 */

/** An object whose members nobody vouches for. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The parsed value, or `undefined` when the text is not JSON. (`undefined` is no JSON value, so the two can't be confused.) */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The parsed value where the text is a JSON object. */
export function parseObject(text: string): JsonObject | undefined {
  const value = parseJson(text)
  return isObject(value) ? value : undefined
}

/** Whether the value is a JSON object, no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Follows `path` through nested objects; a number is an index into an array. */
export function fieldAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    found = (found as Record<string | number, unknown>)[step]
  }
  return found
}

/** The text at `path`; an empty one counts as absent. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** The number at `path`. */
export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = fieldAt(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** The first of several paths that leads to text: platforms keep one thing in many places. */
export function firstTextAt(
  value: unknown,
  paths: readonly (readonly (string | number)[])[],
): string | undefined {
  for (const path of paths) {
    const found = textAt(value, ...path)
    if (found !== undefined) return found
  }
  return undefined
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The same object without the keys whose value is `undefined`: on the queue, absent means absent. */
export function withoutUndefined<const T extends object>(value: T): WithoutUndefined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, held]) => held !== undefined),
  ) as WithoutUndefined<T>
}
