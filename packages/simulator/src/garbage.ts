import type { Platform } from './facts.ts'

/** A frame that no client can use. Bytes go out as a binary frame, past any compression. */
export type Garbage = { readonly text: string } | { readonly bytes: Uint8Array }

// Nothing that could be taken for a wish of the platform: what a client makes of these is to leave them.
const ANYWHERE: readonly string[] = [
  'kelp, not JSON',
  '',
  'null',
  '"text"',
  '[{}]',
  '{}',
  '{"a":'.repeat(2_000),
  `{"type":1e999,"op":1e999,"n":${'9'.repeat(400)}}`,
]

const OWN: Readonly<Record<Platform, readonly string[]>> = {
  slack: [
    '{"type":"message","channel":"C0","text":"cut of',
    '{"type":["message"],"channel":{"id":7},"text":null,"ts":false}',
    '{"type":"pong","reply_to":"not a number","ts":1e400}',
  ],
  discord: [
    '{"t":"MESSAGE_CREATE","s":2,"op":0,"d":{"content":"cut of',
    '{"t":["MESSAGE_CREATE"],"s":"two","op":"0","d":7}',
    '{"t":"MESSAGE_CREATE","s":1e308,"op":0,"d":null}',
  ],
}

// The last: they would spoil a compression context, and with it every frame after them.
const BYTES: readonly Uint8Array[] = [
  Uint8Array.of(0xff, 0xfe, 0x00, 0x80, 0xc0),
  Uint8Array.of(0x78, 0x9c, 0x00, 0x00, 0xff, 0xff),
]

/** One frame of each kind, always the same ones: no JSON, JSON that is cut off, wrong types, huge numbers, binary. */
function garbageFor(platform: Platform): readonly Garbage[] {
  const texts = [...ANYWHERE, ...OWN[platform]].map((text) => ({ text }))
  return [...texts, ...BYTES.map((bytes) => ({ bytes }))]
}

/** So many frames: one of each kind, and again from the first. */
export function garbageFrames(platform: Platform, count: number): readonly Garbage[] {
  const kinds = garbageFor(platform)
  return Array.from({ length: count }, (_, n) => kinds[n % kinds.length] ?? { text: '' })
}
