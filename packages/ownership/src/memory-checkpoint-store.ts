import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.ts'
import type { CheckpointStore } from './ports.ts'

interface Stored {
  fence: number
  text: string | undefined
}

/** Checkpoints in memory, for tests: behaves as the one in Redis, and forgets everything with the process. */
export function createMemoryCheckpointStore(): CheckpointStore {
  const units = new Map<string, Stored>()

  function entry(unit: string): Stored {
    const stored = units.get(unit) ?? { fence: 0, text: undefined }
    units.set(unit, stored)
    return stored
  }

  function write(unit: string, fence: number, text: string | undefined): 'saved' | 'refused' {
    const stored = entry(unit)
    if (fence < stored.fence) return 'refused'
    stored.fence = fence
    stored.text = text
    return 'saved'
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
    save: async (unit, fence, checkpoint) => write(unit, fence, encodeCheckpoint(checkpoint)),
    clear: async (unit, fence) => write(unit, fence, undefined),
  }
}
