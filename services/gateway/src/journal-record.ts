import { crc32 } from 'node:zlib'
import type { OutgoingEvent } from '@holdfast/events'

/** An event that is held for a connection, by its number in the journal. */
export interface KeptEvent {
  readonly n: number
  readonly connection: string
  readonly event: OutgoingEvent
}

/** What one line of a journal says. */
export type JournalRecord =
  | ({ readonly kind: 'keep' } & KeptEvent)
  /** The event of that number need not be held any more. */
  | { readonly kind: 'settle'; readonly n: number }

/** What was found in a journal. */
export interface JournalContent {
  /** In the order in which they were kept. */
  readonly unsettled: readonly KeptEvent[]
  /** Lines that a crash, or a disk, left unreadable: nothing that they held was ever acknowledged. */
  readonly tornCount: number
}

/** One line: the length of its JSON in bytes, its checksum, the JSON. So a line that was cut off is known for what it is. */
export function encodeRecord(record: JournalRecord): Buffer {
  const json = JSON.stringify(record)
  return Buffer.from(`${Buffer.byteLength(json)} ${crc32(json).toString(16)} ${json}\n`)
}

/** Never throws: what can't be read is counted. */
export function readJournal(bytes: Buffer): JournalContent {
  const unsettled = new Map<number, KeptEvent>()
  let tornCount = 0
  for (const line of bytes.toString('utf8').split('\n')) {
    if (line === '') continue
    const record = decodeRecord(line)
    if (!record) tornCount += 1
    else if (record.kind === 'keep') unsettled.set(record.n, record)
    else unsettled.delete(record.n)
  }
  return { unsettled: [...unsettled.values()], tornCount }
}

function decodeRecord(line: string): JournalRecord | undefined {
  const [, length, checksum, json = ''] = /^(\d+) ([0-9a-f]+) (.*)$/.exec(line) ?? []
  if (Number(length) !== Buffer.byteLength(json) || checksum !== crc32(json).toString(16)) return undefined
  // What has its checksum was written by `encodeRecord`.
  return JSON.parse(json) as JournalRecord
}
