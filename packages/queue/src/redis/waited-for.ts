import type { PastEvent, Wait, Waiter } from '../ports.ts'
import { rowsOf } from './reply.ts'

/**
 * What `begin` says of who waits: `<number of the wait>/<queue>/<job id>` and the waits of that job, in turn. What can't be read
 * nobody waits for.
 */
export function readWaiters(reply: unknown): readonly Waiter[] {
  return rowsOf(reply, 2).flatMap(([member = '', text = '']) => {
    const [, number, queue = '', jobId = ''] = /^(\d+)\/([^/]*)\/(.*)$/s.exec(member) ?? []
    const wait = readWait(fieldOf(fieldOf(readJson(text), 'waits'), Number(number) - 1))
    return wait ? [{ queue, jobId, wait }] : []
  })
}

/** Number, id and text of each, in turn. What is damaged can't be recognised by anybody. */
export function readPastEvents(flat: readonly string[]): readonly PastEvent[] {
  return rowsOf(flat, 3).map(([number, id = '', text = '']) => ({
    id,
    data: readJson(text),
    number: Number(number),
  }))
}

function readWait(value: unknown): Wait | undefined {
  const [key, pattern, subject, spec] = ['key', 'pattern', 'subject', 'spec'].map((name) =>
    fieldOf(value, name),
  )
  if (typeof key !== 'string' || typeof pattern !== 'string' || typeof spec !== 'string') return undefined
  if (typeof subject !== 'string') return undefined
  return { key, pattern, ...(subject === '' ? {} : { subject }), spec }
}

function fieldOf(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
