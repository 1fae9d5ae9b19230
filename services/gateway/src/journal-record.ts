import { crc32 } from 'node:zlib'
import type { OutgoingEvent } from '@holdfast/events'
import type { Mark } from './ports.ts'

/** An event that is held for a connection, by its number in the journal. */
export interface KeptEvent {
  readonly n: number
  readonly connection: string
  readonly event: OutgoingEvent
  /** When it was kept (Unix milliseconds). Absent in journals of older versions. */
  readonly at?: number
}

/** What one line of a journal says. */
export type JournalRecord =
  | ({ readonly kind: 'keep' } & KeptEvent)
  /** The event of that number need not be held any more. */
  | { readonly kind: 'settle'; readonly n: number }
  /** How far a unit is; the last one stands, and one without a mark takes back those before it. */
  | { readonly kind: 'mark'; readonly unit: string; readonly mark?: Mark | undefined }

/** What was found in a journal. */
export interface JournalContent {
  /** In the order in which they were kept. */
  readonly unsettled: readonly KeptEvent[]
  /** The last word about each unit. */
  readonly marks: ReadonlyMap<string, Mark>
  /** Lines that a crash, or a disk, left unreadable: nothing that they held was ever acknowledged. */
  readonly tornCount: number
}

/** One line: the length of its JSON in bytes, its checksum, the JSON. So a line that was cut off is known for what it is. */
export function encodeRecord(record: JournalRecord): Buffer {
  const json = JSON.stringify(record)
  return Buffer.from(`${Buffer.byteLength(json)} ${crc32(json).toString(16)} ${json}\n`)
}

/** Never throws: what can't be read is counted. What a later version writes beside these is left out. */
export function readJournal(bytes: Buffer): JournalContent {
  const unsettled = new Map<number, KeptEvent>()
  const marks = new Map<string, Mark>()
  let tornCount = 0
  for (const line of bytes.toString('utf8').split('\n')) {
    if (line === '') continue
    const record = decodeRecord(line)
    if (!record) tornCount += 1
    else if (record.kind === 'keep') unsettled.set(record.n, record)
    else if (record.kind === 'settle') unsettled.delete(record.n)
    else if (record.kind === 'mark') setMark(marks, record.unit, record.mark)
  }
  return { unsettled: [...unsettled.values()], marks, tornCount }
}

/** The last word about a unit stands; none takes back what was said before. */
export function setMark(marks: Map<string, Mark>, unit: string, mark: Mark | undefined): void {
  if (mark) marks.set(unit, mark)
  else marks.delete(unit)
}

function decodeRecord(line: string): JournalRecord | undefined {
  const [, length, checksum, json = ''] = /^(\d+) ([0-9a-f]+) (.*)$/.exec(line) ?? []
  if (Number(length) !== Buffer.byteLength(json) || checksum !== crc32(json).toString(16)) return undefined
  // What has its checksum was written by `encodeRecord`.
  return JSON.parse(json) as JournalRecord
}
