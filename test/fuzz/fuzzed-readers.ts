import {
  readDiscordDispatch,
  readSlackEventCallback,
  readSlackInteractive,
  readSlackRtmFrame,
  readSlackSlashCommand,
} from '@holdfast/events'
import { readDiscordFrame, readRtmFrame, readSocketModeFrame } from '@holdfast/protocol'
import { FuzzedFrames } from './fuzzed-frames.ts'
import { isFrame } from './mutations.ts'
import { Random } from './random.ts'
import type { Transport } from './recorded-frames.ts'

const ORIGIN = { connection: 'fuzzed', bot: 'A1', receivedAt: 0, delivery: 'live', nonce: 'n' } as const
const DISCORD_ORIGIN = { ...ORIGIN, shard: 0, sessionId: 's' }
const SLACK_ORIGIN = { ...ORIGIN, teamId: 'T1' }
const ENVELOPE_ORIGIN = { ...SLACK_ORIGIN, envelope: { id: 'e', acceptsPayload: true } }

/** What every reader of the transport makes of a text: the kind of each reading, the first reader's first. */
const READERS: Readonly<Record<Transport, (text: string) => readonly string[]>> = {
  discord(text) {
    const frame = readDiscordFrame(text)
    if (frame.kind !== 'dispatch') return [frame.kind]
    if (!text.includes(frame.dataText)) throw new Error('a dispatch whose data is not as it came')
    return [readDiscordDispatch(frame, DISCORD_ORIGIN).kind]
  },
  rtm: (text) => [readRtmFrame(text).kind, readSlackRtmFrame(text, SLACK_ORIGIN).kind],
  'socket-mode'(text) {
    const frame = readSocketModeFrame(text)
    if (frame.kind !== 'envelope') return [frame.kind]
    const { payloadText } = frame
    if (payloadText !== 'null' && !text.includes(payloadText))
      throw new Error('an envelope whose payload is not as it came')
    // Whatever its type says: each reader must take any payload.
    return [
      readSlackEventCallback(payloadText, ENVELOPE_ORIGIN).kind,
      readSlackInteractive(payloadText, ENVELOPE_ORIGIN).kind,
      readSlackSlashCommand(payloadText, ENVELOPE_ORIGIN).kind,
    ]
  },
}

/**
 * Reads fuzzed frames with everything that reads them on their way to the queue. Answers how many were found malformed;
 * throws, with the frame, where a reader threw or took what is no JSON object for a frame.
 */
export function fuzzReaders(transport: Transport, seed: number, frameCount: number): number {
  const frames = new FuzzedFrames(transport, new Random(seed))
  let malformedCount = 0
  for (let n = 0; n < frameCount; n++) {
    const { text, mutations } = frames.next()
    try {
      const kinds = READERS[transport](text)
      if (kinds.includes('malformed')) malformedCount += 1
      else if (!isFrame(text)) throw new Error(`it was read as ${kinds.join(' and ')}`)
    } catch (error) {
      throw new Error(`frame ${n} (${mutations.join(', ')}): ${JSON.stringify(text)}`, { cause: error })
    }
  }
  return malformedCount
}
