import { formatDuration } from '@holdfast/ui'

/** How long ago something was when the picture was taken; a dash where that is not known. */
export function age(takenAt: number, sinceAt: number | undefined): string {
  if (!sinceAt) return '–'
  return formatDuration(Math.max(0, takenAt - sinceAt))
}
