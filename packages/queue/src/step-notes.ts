/** What is told under keys like those of steps, and is no step: what was begun, how often a job was tried and why it waited. */
export const isNote = (key: string): boolean => key.startsWith('begun/') || isNoteOfTries(key)

/** Of the tries and not of the work; `wait#` is an older SDK's. Who is tried anew begins without them: see `lua/run.ts`. */
export const isNoteOfTries = (key: string): boolean => key.startsWith('tries/') || key.startsWith('wait#')
