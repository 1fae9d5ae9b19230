import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { MAX_FRAME_BYTES } from './socket.ts'

/** How Discord compresses a whole connection. Source: docs.discord.com/developers/events/gateway#transport-compression */
export type Compression = 'zlib-stream' | 'zstd-stream'

/** Node has it from 22.15 and 23.8 on; the types are those of the oldest Node that is supported. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform }

/** Whether the Node that runs this can read it. */
export function canInflate(compression: Compression): boolean {
  return compression === 'zlib-stream' || createZstdDecompress !== undefined
}

function createContext(compression: Compression): Transform {
  if (compression === 'zlib-stream') return zlib.createInflate({ flush: zlib.constants.Z_SYNC_FLUSH })
  if (createZstdDecompress) return createZstdDecompress()
  throw new Error('this Node can not read zstd')
}

/**
 * The one decompression context of one socket: what comes later can only be read after all that came before. Calls must not
 * overlap. After a failure nothing of the socket can be read any more.
 */
export class Inflater {
  readonly #context: Transform
  #reject: (problem: Error) => void = () => {}
  #chunks: Buffer[] = []
  #byteCount = 0
  #problem = new Error('the compression context has ended')

  constructor(compression: Compression) {
    this.#context = createContext(compression)
    this.#context.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#context.on('end', () => this.#break(new Error('the compressed stream has ended')))
    this.#context.on('error', (error) => this.#break(error))
    // After an error the callback of the write under way is not called.
    this.#context.on('close', () => this.#reject(this.#problem))
  }

  /** The text in `bytes`. Rejects where they are no part of the stream, or hold more than 64 MB. */
  async inflate(bytes: Uint8Array): Promise<string> {
    if (this.#context.destroyed) throw this.#problem
    this.#chunks = []
    this.#byteCount = 0
    await this.#write(bytes)
    if (this.#context.destroyed) throw this.#problem
    return Buffer.concat(this.#chunks).toString('utf8')
  }

  /** Frees the context. */
  end(): void {
    this.#context.destroy()
  }

  #write(bytes: Uint8Array): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      this.#context.write(bytes, (error) => {
        // What the stream may still hold of this write is handed out as data.
        while (!this.#context.destroyed && this.#context.read() !== null);
        if (error) reject(error)
        else resolve(undefined)
      })
    })
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#byteCount += chunk.length
    if (this.#byteCount > MAX_FRAME_BYTES) this.#break(new Error('a frame inflates to more than 64 MB'))
  }

  #break(problem: Error): void {
    this.#problem = problem
    this.#context.destroy()
  }
}
