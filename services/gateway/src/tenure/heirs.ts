import type { Picture, Run } from '@holdfast/ownership'

/** Whether another live replica could serve the connection: one that neither drains nor has failed its trial. */
export function canBeTakenOver(connection: string, me: Run, { members }: Picture): boolean {
  return members.some(
    ({ replica, draining, trial, serves }) =>
      replica !== me.replica && !draining && trial !== 'failed' && serves.includes(connection),
  )
}
