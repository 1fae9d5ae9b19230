import type { Random } from './random.ts'

/** Makes of a frame something that its platform would hardly send. Any text may come in. */
type Mutation = (text: string, random: Random) => string

type Container = Record<string, unknown>

const WRONG_VALUES = ['null', 'true', '-1', '0', '""', '"x"', '[]', '{}', '[[]]', '{"a":{"b":[]}}']
const HUGE_NUMBERS = ['1e400', '-1e400', '1e308', '9007199254740993', '1e-320', `1${'0'.repeat(400)}`, '-0']
const ODD_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '']
const LONE_SURROGATES = ['"\\ud800"', '"\\udfff x"', '"\ud83d"', '"\udc00\ud800"', '"\\u0000"']
const BARE = ['', ' ', '{}', '[]', 'null', '0', '"hello"', '{', '}', '\u0000', '\ufeff{}', '{"a":1}{"a":1}']
/** The largest are far beyond what a recursive reader or a regular expression could take. */
const DEEPEST = 20_000
const LONGEST = 50_000

/** Every way in which a frame is spoilt, by name. */
export const MUTATIONS = {
  untouched: (text) => text,
  'random bytes': (_, random) => bytes(random.below(200), random).toString('utf8'),
  'random bytes, one character each': (_, random) => bytes(random.below(200), random).toString('latin1'),
  'flipped bits': (text, random) => {
    const changed = Buffer.from(text)
    for (let n = 0; n <= random.below(4) && changed.length > 0; n++) {
      const at = random.below(changed.length)
      changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
    }
    return changed.toString('utf8')
  },
  'cut off': (text, random) => text.slice(0, random.below(text.length)),
  'something behind it': (text, random) => text + random.pick(BARE),
  'something inside it': (text, random) => {
    const at = random.below(text.length)
    return text.slice(0, at) + bytes(1 + random.below(8), random).toString('latin1') + text.slice(at)
  },
  'other order of keys': (text, random) =>
    remade(text, (frame) => {
      const entries = Object.entries(frame)
      return Object.fromEntries(entries.sort(() => random.next() - 0.5))
    }),
  'without a key': (text, random) => withMember(text, random, () => undefined),
  'other type of a value': (text, random) => withMember(text, random, () => random.pick(WRONG_VALUES)),
  'huge number': (text, random) => withMember(text, random, () => random.pick(HUGE_NUMBERS)),
  'lone surrogates': (text, random) => withMember(text, random, () => random.pick(LONE_SURROGATES)),
  'deep nesting': (text, random) => withMember(text, random, () => nest(sizeUpTo(DEEPEST, random), random)),
  'long text': (text, random) =>
    withMember(text, random, () => `"${'\\"\\\\'.repeat(sizeUpTo(LONGEST, random))}"`),
  'repeated key': (text, random) => withFirst(text, nameIn(text, random), random),
  'key of the prototype': (text, random) => withFirst(text, random.pick(ODD_NAMES), random),
  'space around everything': (text) => `\r\n\t ${text.replaceAll(/(?<=[{,:])(?=["{[\d])/g, ' \n')} \n`,
  'no frame at all': (_, random) => random.pick(BARE),
} satisfies Record<string, Mutation>

/** The names of all mutations. */
export const MUTATION_NAMES = Object.keys(MUTATIONS) as (keyof typeof MUTATIONS)[]

/** Small mostly, large enough now and then. */
function sizeUpTo(most: number, random: Random): number {
  return 1 + random.below(random.percent(10) ? most : 20)
}

function bytes(count: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.below(256)))
}

function nest(depth: number, random: Random): string {
  return random.percent(50)
    ? `${'['.repeat(depth)}${']'.repeat(depth)}`
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
}

function withFirst(text: string, name: string, random: Random): string {
  return text.replace('{', () => `{${JSON.stringify(name)}:${random.pick(WRONG_VALUES)},`)
}

/** The name of some member of the outermost object, where there is one. */
function nameIn(text: string, random: Random): string {
  const frame = parse(text)
  return frame ? random.pick([...Object.keys(frame), 'type']) : 'type'
}

/** The frame with one member, anywhere in it, replaced by JSON text; `undefined` takes it out. */
function withMember(text: string, random: Random, value: () => string | undefined): string {
  const mark = '\u0001here\u0001'
  const marked = remade(text, (frame) => {
    const [place, key] = somewhere(frame, random)
    const replacement = value()
    if (key === undefined) return frame
    if (replacement === undefined) delete place[key]
    else place[key] = `${mark}${replacement}`
    return frame
  })
  // The replacement is no JSON value that JavaScript could hold, so it is put in as text.
  const quoted = JSON.stringify(mark).slice(1, -1)
  const at = marked.indexOf(`"${quoted}`)
  if (at === -1) return marked
  const end = endOfString(marked, at)
  return (
    marked.slice(0, at) + String(JSON.parse(marked.slice(at, end))).slice(mark.length) + marked.slice(end)
  )
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

/** Some member of the frame: of the outermost object mostly, where what matters stands. */
function somewhere(frame: Container, random: Random): [place: Container, key: string | undefined] {
  let place = frame
  for (;;) {
    const keys = Object.keys(place)
    const key = keys.length === 0 ? undefined : random.pick(keys)
    const inner = key === undefined ? undefined : place[key]
    if (typeof inner !== 'object' || inner === null || random.percent(50)) return [place, key]
    place = inner as Container
  }
}

/** The text of the changed frame; the text as it was where it is no object. */
function remade(text: string, change: (frame: Container) => Container): string {
  const frame = parse(text)
  if (!frame) return text
  try {
    return JSON.stringify(change(frame))
  } catch {
    return text // Nested too deeply to be written by JSON.stringify.
  }
}

function parse(text: string): Container | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Container)
      : undefined
  } catch {
    return undefined
  }
}

/** Whether the text is a JSON object, as a frame of every platform must be. */
export function isFrame(text: string): boolean {
  return parse(text) !== undefined
}
