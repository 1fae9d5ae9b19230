import { ProblemError } from '@holdfast/runtime'

/** What a person got wrong, and what to type instead. */
export const usage = (message: string): ProblemError => new ProblemError('usage', `dead: ${message}`)

export const plural = (count: number): string => `${count} dead letter${count === 1 ? '' : 's'}`
