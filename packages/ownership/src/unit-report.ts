/** What a gateway tells of one of its units to whoever reads the members. */
export interface UnitReport {
  /** `acme`, or `bastion/0` for a shard. */
  readonly unit: string
  readonly platform: string
  /** As the gateway names it: `connected`, `connecting`, `waiting`, `stopped`, `fatal`. */
  readonly state: string
  /** Unix milliseconds: since when it is in that state. */
  readonly sinceAt: number
  /** What it waits for, or why it stopped. */
  readonly why?: string
  /** Of a stream with numbers: the last received and the last confirmed. */
  readonly sequence?: { readonly received: number; readonly confirmed: number }
}

/** All units of one gateway. */
export interface UnitReports {
  /** Units by state, all of them. */
  readonly counts: Readonly<Record<string, number>>
  /** At most `UNIT_BOUND`: those that are not connected first. */
  readonly units: readonly UnitReport[]
}

/** More units than this are counted and not told one by one: a heartbeat stays below some 60 KB. */
export const UNIT_BOUND = 200
const WHY_BOUND = 240

type Fields = Readonly<Record<string, string>>

/** As fields of a member. */
export function encodeUnits(units: readonly UnitReport[]): Fields {
  const counts: Record<string, number> = {}
  for (const { state } of units) counts[state] = (counts[state] ?? 0) + 1
  const unwellFirst = units.toSorted((a, b) => Number(isWell(a)) - Number(isWell(b)))
  const told = unwellFirst.slice(0, UNIT_BOUND).map(withShortWhy)
  return { unitCounts: JSON.stringify(counts), units: JSON.stringify(told) }
}

/**
 * What the fields of a member tell of its units; undefined where they tell nothing, as those of an older version. What
 * can't be read is left out, what is not known is ignored.
 */
export function decodeUnits(fields: Fields): UnitReports | undefined {
  const units = parse(fields.units)
  if (!Array.isArray(units)) return undefined
  return { counts: readCounts(parse(fields.unitCounts)), units: units.flatMap(readUnit).slice(0, UNIT_BOUND) }
}

const isWell = ({ state }: UnitReport) => state === 'connected'

function withShortWhy({ why, ...unit }: UnitReport): UnitReport {
  return why === undefined ? unit : { ...unit, why: why.slice(0, WHY_BOUND) }
}

function readCounts(value: unknown): Record<string, number> {
  const entries = isRecord(value) ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => isCount(entry[1])))
}

function readUnit(value: unknown): UnitReport[] {
  if (!isRecord(value)) return []
  const { unit, platform, state, sinceAt, why, sequence } = value
  if (typeof unit !== 'string' || typeof state !== 'string') return []
  return [
    {
      unit,
      platform: typeof platform === 'string' ? platform : 'unknown',
      state,
      sinceAt: isInstant(sinceAt) ? sinceAt : 0,
      ...(typeof why === 'string' ? { why: why.slice(0, WHY_BOUND) } : {}),
      ...readSequence(sequence),
    },
  ]
}

function readSequence(value: unknown): Pick<UnitReport, 'sequence'> {
  if (!isRecord(value)) return {}
  const { received, confirmed } = value
  return isCount(received) && isCount(confirmed) ? { sequence: { received, confirmed } } : {}
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** Unix milliseconds that a date can have. */
const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(new Date(value).getTime())

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined // Written by another version, or by no gateway.
  }
}
