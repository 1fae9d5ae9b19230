import { expect, onTestFinished, test } from 'vitest'
import { listenForInterruption } from '../src/demo/interruption.ts'

test('whoever stops reading what is printed ends the command, as a signal would', () => {
  const interruption = listenForInterruption()
  onTestFinished(() => interruption.close())
  const unread = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  process.stdout.emit('error', unread)
  process.stdout.emit('error', unread)
  expect(interruption.signal.aborted).toBe(true)
})
