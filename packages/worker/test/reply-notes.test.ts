import { expect, test } from 'vitest'
import { ReplyNotes } from '../src/reply-notes.ts'
import { Steps } from '../src/steps.ts'
import { HeldJob } from './taken-job.ts'

const stepsOf = (job: HeldJob) => new Steps(job, job.signal)
const notesOf = (job: HeldJob) => new ReplyNotes(stepsOf(job))

test('remembers which reply is the answer, over all runs and until it is taken back', async () => {
  const job = new HeldJob()
  const steps = notesOf(job)
  expect(await steps.beginAnswer('reply#1', 5)).toEqual({ kind: 'first' })
  expect(await steps.beginAnswer('reply#2', 6)).toEqual({ kind: 'taken' })
  const later = notesOf(job.again())
  expect(await later.beginAnswer('reply#2', 7)).toEqual({ kind: 'taken' })
  expect(await later.beginAnswer('reply#1', 8)).toEqual({ kind: 'again', beganAt: 5 })
  await later.withdraw('answer')
  expect(await later.beginAnswer('reply#2', 9)).toEqual({ kind: 'first' })
})

test('knows what the replies of the job were recorded with, and nothing else', async () => {
  const job = new HeldJob()
  const steps = stepsOf(job)
  await new ReplyNotes(steps).begin('reply#1', 0)
  await steps.run('step:a', () => ({ id: '1' }))
  await steps.run('reply#1', () => ({ id: '2' }))
  await steps.run('reply:last', () => ({ id: '3' }))
  expect(notesOf(job.again()).replies).toEqual([{ id: '2' }, { id: '3' }])
})

test('each interaction has an answer of its own', async () => {
  const job = new HeldJob()
  const steps = stepsOf(job)
  expect(await new ReplyNotes(steps).beginAnswer('reply#1', 1)).toEqual({ kind: 'first' })
  const press = new ReplyNotes(steps, { id: 'press.1' })
  expect(await press.beginAnswer('reply#2', 2)).toEqual({ kind: 'first' })
  expect(await press.beginAnswer('reply#3', 3)).toEqual({ kind: 'taken' })
  expect([...job.recorded.keys()]).toEqual(['begun/answer', 'begun/answer:press.1'])
})
