import * as zlib from 'node:zlib'
import type { WebSocket } from 'ws'
import type { Outlet } from '../socket.ts'
import { zlibOutlet } from './zlib-outlet.ts'
import { type MakeZstd, zstdOutlet } from './zstd-outlet.ts'

/**
 * Why this query of a gateway URL can't be served; undefined where it can. The platform would serve it: a plain refusal,
 * so that nobody takes it for a fault.
 */
export function whyUnspoken(query: URLSearchParams): string | undefined {
  const encoding = query.get('encoding') ?? 'json'
  if (encoding !== 'json') return `encoding=${encoding} is not simulated: use json`
  const compress = query.get('compress')
  if (compress === null || compress === 'zlib-stream') return undefined
  if (compress !== 'zstd-stream') return `compress=${compress} is unknown: use zlib-stream or zstd-stream`
  if (zstdHere()) return undefined
  return `compress=zstd-stream needs a Node.js that compresses zstd (22.15 or later), and this is ${process.version}: use zlib-stream`
}

/** How payloads go out by this query; as they are where it asks for no compression. */
export function outletFor(query: URLSearchParams): ((ws: WebSocket) => Outlet) | undefined {
  const compress = query.get('compress')
  if (compress === 'zlib-stream') return zlibOutlet
  const makeZstd = compress === 'zstd-stream' ? zstdHere() : undefined
  return makeZstd && ((ws) => zstdOutlet(ws, makeZstd))
}

/** Only newer releases of Node.js have it, and the types are those of the oldest that is supported. */
function zstdHere(): MakeZstd | undefined {
  const make: unknown = Reflect.get(zlib, 'createZstdCompress')
  return typeof make === 'function' ? (make as MakeZstd) : undefined
}
