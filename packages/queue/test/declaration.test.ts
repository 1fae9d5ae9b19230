import { describe, expect, it } from 'vitest'
import { readDeclaration, readWish } from '../src/declaration.ts'
import { declareByWorker } from '../src/subscription.ts'

const STORED = { name: 'commands', patterns: ['slack.*'], order: 'actor', initial: true, fixed: false }

describe('a declaration as another version left it', () => {
  it('keeps what is not known, also where a worker declares it again', () => {
    const text = JSON.stringify({ ...STORED, maxWaiting: 7, retention: { days: 3 } })
    const read = readDeclaration('commands', text)
    expect(read).toMatchObject({ ...STORED, maxWaiting: 7, retention: { days: 3 } })
    const wish = { workerId: 'w', subscription: 'commands', patterns: ['discord.*'], order: 'none' } as const
    expect(declareByWorker(read, wish)).toMatchObject({
      patterns: ['discord.*'],
      order: 'none',
      maxWaiting: 7,
      retention: { days: 3 },
    })
  })

  it('has the order of the conversation where its order is not known, and the default bounds where it tells none', () => {
    const text = JSON.stringify({ name: 'commands', patterns: [], order: 'thread' })
    expect(readDeclaration('commands', text)).toMatchObject({
      order: 'conversation',
      initial: false,
      maxWaiting: 100_000,
      fixed: false,
    })
  })

  it('is not there where it can not be read', () => {
    for (const text of ['', '{', 'null', '[]', '{"name":"other","patterns":[]}', '{"name":"commands"}'])
      expect(readDeclaration('commands', text), text).toBeUndefined()
  })
})

describe('a wish as another version left it', () => {
  const WISH = { workerId: 'w', subscription: 'commands', patterns: ['slack.*'] }

  it('is read for what is known of it', () => {
    const text = JSON.stringify({ ...WISH, order: 'thread', handles: [1], zone: 'eu' })
    expect(readWish(text)).toMatchObject({ ...WISH, order: 'conversation', handles: ['slack.*'], zone: 'eu' })
  })

  it('is not there where it can not be read', () => {
    for (const text of ['', '7', '{"workerId":"w","subscription":"commands","patterns":"slack.*"}'])
      expect(readWish(text), text).toBeUndefined()
  })
})
