/** A value of Redis' protocol: its own bytes, and of a request its parts. */
export interface RespValue {
  readonly bytes: Buffer
  /** What an array of strings holds, as every request is one; empty for all else. */
  readonly parts: readonly Buffer[]
}

const CR = 13
const TYPES = '+-:$*'

/**
 * Cuts a stream of Redis' protocol (RESP2, as ioredis speaks it) into whole values, byte for byte. Throws on anything else: who
 * lost count of the replies could not say any more which request one answers.
 */
export class RespReader {
  #rest: Buffer = Buffer.alloc(0)

  /** The values that are whole with this piece, in order. */
  read(piece: Buffer): readonly RespValue[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    const values: RespValue[] = []
    let start = 0
    for (;;) {
      const parts: Buffer[] = []
      const end = endOfValue(bytes, start, parts)
      if (end === undefined) break
      values.push({ bytes: bytes.subarray(start, end), parts })
      start = end
    }
    this.#rest = bytes.subarray(start)
    return values
  }
}

/** Where the value that begins at `start` ends; nothing where it is not whole. Strings in it are added to `parts`. */
function endOfValue(bytes: Buffer, start: number, parts: Buffer[]): number | undefined {
  const lineEnd = bytes.indexOf(CR, start)
  if (lineEnd === -1 || lineEnd + 2 > bytes.length) return undefined
  const type = String.fromCharCode(bytes[start] ?? 0)
  if (!TYPES.includes(type)) throw new Error(`"${type}" begins no value of RESP2`)
  const count = Number(bytes.toString('latin1', start + 1, lineEnd))
  const next = lineEnd + 2
  if (type === '$') return count === -1 ? next : endOfString(bytes, next, count, parts)
  if (type === '*') return endOfArray(bytes, next, count, parts)
  return next
}

function endOfString(bytes: Buffer, start: number, length: number, parts: Buffer[]): number | undefined {
  const end = start + length
  if (end + 2 > bytes.length) return undefined
  parts.push(bytes.subarray(start, end))
  return end + 2
}

function endOfArray(bytes: Buffer, start: number, count: number, parts: Buffer[]): number | undefined {
  let at: number | undefined = start
  for (let left = count; left > 0 && at !== undefined; left -= 1) at = endOfValue(bytes, at, parts)
  return at
}
