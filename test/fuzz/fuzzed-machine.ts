import {
  idleLink,
  idleShard,
  type LinkInput,
  type LinkState,
  type LinkTimer,
  type LinkTransport,
  linkMachine,
  type Machine,
  readDiscordFrame,
  readRtmFrame,
  readSocketModeFrame,
  type ShardInput,
  type SlackFrame,
  stepShard,
} from '@holdfast/protocol'
import { FuzzedFrames } from './fuzzed-frames.ts'
import { Random } from './random.ts'
import type { Transport } from './recorded-frames.ts'

/** A machine, and how the world speaks to it. */
interface Subject<State, Input> {
  readonly machine: Machine<State, Input, { readonly kind: string }>
  readonly begin: State
  /** The number of its newest socket. */
  readonly generation: (state: State) => number
  readonly frame: (text: string, generation: number) => Input
  /** Everything but frames that can happen, more often what leads somewhere. */
  readonly others: readonly ((generation: number) => Input)[]
}

/** A machine must not keep what it is told, but for the frames that a hand-over holds back: its state stays small. */
const LARGEST_STATE = 200_000
/** What one input may ask for, beside the frames that it lets go. */
const MOST_EFFECTS = 50
/** The bound of a hand-over. */
const MOST_HELD = 5_000

const DISCORD: Subject<Parameters<typeof stepShard>[0], ShardInput> = {
  machine: stepShard,
  begin: idleShard([0, 1]),
  generation: ({ memory }) => memory.generation,
  frame: (text, generation) => ({ kind: 'frame', generation, frame: readDiscordFrame(text) }),
  others: [
    () => ({ kind: 'start' }),
    (generation) => ({ kind: 'located', generation, url: 'wss://gateway.example' }),
    (generation) => ({ kind: 'socketOpened', generation }),
    (generation) => ({ kind: 'permitGranted', generation }),
    (generation) => ({ kind: 'timer', generation, timer: 'heartbeat' }),
    (generation) => ({ kind: 'timer', generation, timer: 'reconnect' }),
    (generation) => ({ kind: 'socketClosed', generation, code: 1006, reason: '' }),
  ],
}

/** A link of either Slack transport; the inputs lead through all its states, hand-overs included. */
function link(transport: LinkTransport, read: (text: string) => SlackFrame): Subject<LinkState, LinkInput> {
  const timers: LinkTimer[] = ['ping', 'reconnect', 'reconnect', 'age', 'handover', 'close']
  return {
    machine: linkMachine(transport),
    begin: idleLink,
    generation: ({ memory }) => memory.generation,
    frame: (text, generation) => ({ kind: 'frame', generation, frame: read(text), text }),
    others: [
      () => ({ kind: 'start' }),
      (generation) => ({ kind: 'addressGiven', generation, url: 'wss://slack.example' }),
      (generation) => ({ kind: 'socketOpened', generation }),
      (generation) => ({ kind: 'frame', generation, frame: { kind: 'hello' }, text: '{}' }),
      (generation) => ({ kind: 'heard', generation }),
      (generation) => ({ kind: 'drained', generation }),
      (generation) => ({ kind: 'socketClosed', generation, code: 1006, reason: '' }),
      ...timers.map(
        (timer) =>
          (generation: number): LinkInput => ({ kind: 'timer', generation, timer }),
      ),
    ],
  }
}

/** Tells a machine fuzzed frames in every state it can be in. Throws, with the frame, where it is not what it must be. */
export function fuzzMachine(transport: Transport, seed: number, frameCount: number): void {
  const frames = new FuzzedFrames(transport, new Random(seed))
  const random = new Random(seed + 1)
  switch (transport) {
    case 'discord':
      return fuzz(DISCORD, frames, random, frameCount)
    case 'rtm':
      return fuzz(link('rtm', readRtmFrame), frames, random, frameCount)
    case 'socket-mode':
      return fuzz(link('socket-mode', readSocketModeFrame), frames, random, frameCount)
    default:
      return transport satisfies never
  }
}

function fuzz<State extends object, Input>(
  subject: Subject<State, Input>,
  frames: FuzzedFrames,
  random: Random,
  frameCount: number,
): void {
  let state = subject.begin
  for (let n = 0; n < frameCount; n++) {
    // The socket before the newest is one that is left behind, or still serves.
    const generation = subject.generation(state) - (random.percent(25) ? 1 : 0)
    if (random.percent(30)) state = taken(subject, state, random.pick(subject.others)(generation), random)
    const { text, mutations } = frames.next()
    try {
      state = taken(subject, state, subject.frame(text, generation), random)
    } catch (error) {
      throw new Error(`frame ${n} (${mutations.join(', ')}): ${JSON.stringify(text)}`, { cause: error })
    }
  }
}

function taken<State extends object, Input>(
  { machine }: Subject<State, Input>,
  state: State,
  input: Input,
  random: Random,
): State {
  const drawn = random.next()
  const step = machine(state, input, drawn)
  const askedCount = step.effects.filter(({ kind }) => kind !== 'frame').length
  if (askedCount > MOST_EFFECTS) throw new Error(`it answered with ${askedCount} effects`)
  const size = JSON.stringify(step.state, withoutHeld).length
  if (size > LARGEST_STATE) throw new Error(`its state has grown to ${size} characters`)
  return step.state
}

function withoutHeld(key: string, value: unknown): unknown {
  if (key !== 'held' || !Array.isArray(value)) return value
  if (value.length > MOST_HELD) throw new Error(`it holds ${value.length} frames back`)
  return value.length
}
