/*
 * What the lease store keeps in Redis, as values. A newer version may write more, and anybody may write anything: what is
 * not known is ignored, and what can't be read is not there. The scripts judge a lease on the same terms.
 */
import type { Deploy, Lease, MemberRecord, MemberSeen, Run, Successor } from './lease.ts'

type Json = Readonly<Record<string, unknown>>

/** The lease in `text`; nothing where it can't be read, which counts as free. */
export function decodeLease(unit: string, text: string): Lease | undefined {
  const value = parse(text)
  if (!value || !isWhole(value.fence)) return undefined
  if (value.holder !== undefined && !isRun(value.holder)) return undefined
  const lease = {
    unit,
    fence: value.fence,
    sinceAt: isWhole(value.sinceAt) ? value.sinceAt : 0,
    onTrial: value.onTrial === true,
  }
  const successor = readSuccessor(value.successor)
  return {
    ...lease,
    ...(value.holder ? { holder: runOf(value.holder) } : {}),
    ...(successor ? { successor } : {}),
  }
}

/**
 * A member as stored: its fields as texts of their own, where every reader of the members finds them, and the rest below
 * `member`, which is no text and so is left out by who knows nothing of leases.
 */
export function encodeMember(record: MemberRecord): { readonly member: string; readonly fields: string } {
  const { run, deploy, draining, trial, serves, fields } = record
  return {
    member: JSON.stringify({ run, deploy, draining, trial, serves }),
    fields: JSON.stringify(fields),
  }
}

/** The member in `text`; nothing where it is one that knows nothing of leases. */
export function decodeMember(replica: string, text: string): MemberSeen | undefined {
  const value = parse(text)
  const member = value?.member
  if (!value || !isObject(member)) return undefined
  const { run, deploy, beat, draining, trial, serves } = member
  if (typeof run !== 'string' || typeof deploy !== 'string' || !isWhole(beat)) return undefined
  return {
    replica,
    run,
    deploy,
    beat,
    draining: draining === true,
    trial: trial === 'passed' || trial === 'failed' ? trial : 'open',
    serves: Array.isArray(serves) ? serves.filter((each) => typeof each === 'string') : [],
    fields: textsOf(value),
  }
}

/** The deploy in `text`; nothing where it can't be read. */
export function decodeDeploy(id: string, text: string): Deploy | undefined {
  const value = parse(text)
  if (!value || !isWhole(value.sinceAt)) return undefined
  return {
    id,
    sinceAt: value.sinceAt,
    strikeCount: isWhole(value.strikeCount) ? value.strikeCount : 0,
    restUntilAt: isWhole(value.restUntilAt) ? value.restUntilAt : 0,
  }
}

function readSuccessor(value: unknown): Successor | undefined {
  if (!isRun(value)) return undefined
  const { phase } = value as { readonly phase?: unknown }
  return phase === 'asked' || phase === 'arrived' || phase === 'yielded'
    ? { ...runOf(value), phase }
    : undefined
}

const runOf = ({ replica, run }: Run): Run => ({ replica, run })

const isRun = (value: unknown): value is Run =>
  isObject(value) && typeof value.replica === 'string' && typeof value.run === 'string'

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function textsOf(value: Json): Readonly<Record<string, string>> {
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // Not JSON: as if it were not there.
  }
}
