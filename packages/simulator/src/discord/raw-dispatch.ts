import { SimulatorError } from '../errors.ts'

/** A dispatch to be made as it stands. `bot`: only to this one; by default to all that may see it. */
export interface RawDispatch {
  readonly t: string
  /** The JSON text of `d`, sent byte for byte. */
  readonly d: string
  readonly bot?: string
}

/** What of a raw payload says where it belongs; a field that is no string is absent. */
export type RawPayload = Readonly<
  Partial<Record<'id' | 'token' | 'application_id' | 'channel_id' | 'guild_id' | 'content', string>>
>

/** Looks into the text of a `d`; the text itself is what is sent. Throws `SimulatorError` for what is no JSON. */
export function readRawPayload(d: string): RawPayload {
  let parsed: unknown
  try {
    parsed = JSON.parse(d)
  } catch {
    throw new SimulatorError(
      'bad-request',
      'd is no JSON text: give the payload of the dispatch as a string of JSON',
    )
  }
  if (typeof parsed !== 'object' || parsed === null) return {}
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => typeof value === 'string'))
}
