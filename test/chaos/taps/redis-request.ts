import { createHash } from 'node:crypto'
import { ENQUEUE } from '../../../packages/queue/src/lua/enqueue.ts'
import { GIVE_TO } from '../../../packages/queue/src/lua/give.ts'
import {
  BEGIN,
  FINISH,
  GIVE_BACK,
  LEAVE_LANE,
  RECORD_STEP,
  RETRY,
} from '../../../packages/queue/src/lua/job.ts'
import { SUSPEND } from '../../../packages/queue/src/lua/suspend.ts'

/** The scripts of ours at which a test can act. */
export type ScriptName =
  | 'enqueue'
  | 'begin'
  | 'record step'
  | 'leave lane'
  | 'retry'
  | 'give back'
  | 'finish'
  | 'suspend'
  | 'give to'
  | 'write checkpoint'

/** Known by their text, which a built process and its sources share. */
const BY_HASH: ReadonlyMap<string, ScriptName> = new Map<string, ScriptName>([
  [ENQUEUE.sha, 'enqueue'],
  [BEGIN.sha, 'begin'],
  [RECORD_STEP.sha, 'record step'],
  [LEAVE_LANE.sha, 'leave lane'],
  [RETRY.sha, 'retry'],
  [GIVE_BACK.sha, 'give back'],
  [FINISH.sha, 'finish'],
  [SUSPEND.sha, 'suspend'],
  [GIVE_TO.sha, 'give to'],
])

/** A script whose first key this is writes a checkpoint. */
const CHECKPOINT = /:checkpoint:[^:]+$/

/** What a process asks of Redis. */
export interface RedisRequest {
  /** In capitals. */
  readonly command: string
  /** Which script of ours it calls, by hash or by text. */
  readonly script?: ScriptName
  /** All that follows the command. */
  readonly args: readonly string[]
}

/** Reads the parts of a request. */
export function readRequest(parts: readonly Buffer[]): RedisRequest {
  const [command = '', ...args] = parts.map((part) => part.toString('utf8'))
  const request = { command: command.toUpperCase(), args }
  const script = scriptOf(request)
  return script === undefined ? request : { ...request, script }
}

function scriptOf({ command, args: [script = '', , key = ''] }: RedisRequest): ScriptName | undefined {
  if (command !== 'EVAL' && command !== 'EVALSHA') return undefined
  const sha = command === 'EVALSHA' ? script : createHash('sha1').update(script).digest('hex')
  return BY_HASH.get(sha) ?? (CHECKPOINT.test(key) ? 'write checkpoint' : undefined)
}
