const STEP_FIELD = 's:'

/** The key of the step whose result this field of a run holds (`lua/run.ts`); undefined for its other fields. */
export function stepKeyOf(field: string): string | undefined {
  return field.startsWith(STEP_FIELD) ? field.slice(STEP_FIELD.length) : undefined
}
