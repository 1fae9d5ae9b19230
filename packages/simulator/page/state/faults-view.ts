import type { PageFault, PageHello } from '../../src/page/feed.ts'
import type { StageMark } from '../../src/page/stage.ts'

/** What can be made to go wrong, and what was. */
export interface FaultsView {
  readonly known: PageHello['faults']
  /** Oldest first. */
  readonly last: readonly PageFault[]
  /** The same as marks, for charts and message lists. */
  readonly marks: readonly StageMark[]
}

const FAULT_BOUND = 100

export function faultsFrom({ faults: known, lastFaults: last }: PageHello): FaultsView {
  return { known, last, marks: last.map(markOf) }
}

/** With a fault that has just happened. */
export function withFault({ known, last, marks }: FaultsView, fault: PageFault): FaultsView {
  return {
    known,
    last: [...last, fault].slice(-FAULT_BOUND),
    marks: [...marks, markOf(fault)].slice(-FAULT_BOUND),
  }
}

/** The marks of the stage and of the faults, by time. */
export function allMarks(
  ofStage: readonly StageMark[],
  ofFaults: readonly StageMark[],
): readonly StageMark[] {
  return [...ofStage, ...ofFaults].sort((one, other) => one.at - other.at)
}

function markOf({ n, at, platform, name, detail, forMs = 0 }: PageFault): StageMark {
  // Marks of the stage count from 1.
  const about = { id: -n - 1, at, endedAt: at + forMs, kind: `fault ${name}`, platform }
  const label = name.replaceAll('-', ' ')
  return detail === undefined ? { ...about, label } : { ...about, label, detail }
}
