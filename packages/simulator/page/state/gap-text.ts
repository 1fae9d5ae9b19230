import type { StageMark } from '../../src/page/stage.ts'
import { PLATFORM_NAMES } from '../chat/platform-names.ts'

/**
 * What an announced gap says, and no more: it begins at the last proof that everything had arrived, before anything was
 * cut off, so that not all of its messages are missing.
 */
export function gapText(
  { at, endedAt, platform }: Pick<StageMark, 'at' | 'endedAt' | 'platform'>,
  formatTime: (at: number) => string,
): string {
  const where = platform === undefined ? 'M' : `${PLATFORM_NAMES[platform]}: m`
  const when =
    endedAt === undefined ? `since ${formatTime(at)}` : `from ${formatTime(at)} to ${formatTime(endedAt)}`
  return `${where}essages ${when} may be missing; the bot was told`
}
