/** The parts of the queue as the rest of Holdfast sees them; what is in Redis and its twin in memory keep to them. */
export type * from './ports/registry.ts'
export type * from './ports/sink.ts'
export type * from './ports/source.ts'
export type * from './ports/taken-job.ts'
export type * from './ports/view.ts'
