import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.ts'
import type { CheckpointStore } from './ports.ts'

interface Stored {
  fence: number
  text: string | undefined
}

/** A checkpoint store that lives in this process, and what tests need beside it. */
export interface MemoryCheckpointStore extends CheckpointStore {
  /** A new fencing number for the unit, larger than every one before, as a lease that changes hands brings it. */
  fence(unit: string): Promise<number>
}

/** Checkpoints in memory, for tests: behaves as the one in Redis, and forgets everything with the process. */
export function createMemoryCheckpointStore(): MemoryCheckpointStore {
  const units = new Map<string, Stored>()

  function entry(unit: string): Stored {
    const stored = units.get(unit) ?? { fence: 0, text: undefined }
    units.set(unit, stored)
    return stored
  }

  return {
    async fence(unit) {
      const stored = entry(unit)
      stored.fence += 1
      return stored.fence
    },
    async load(unit) {
      const text = units.get(unit)?.text
      return text === undefined ? undefined : decodeCheckpoint(text)
    },
    async save(unit, fence, checkpoint) {
      const stored = entry(unit)
      if (fence < stored.fence) return 'refused'
      stored.fence = fence
      stored.text = encodeCheckpoint(checkpoint)
      return 'saved'
    },
  }
}
