export type { Machine, Step } from './step.ts'
