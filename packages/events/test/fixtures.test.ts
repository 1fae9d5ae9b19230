import { describe, expect, test } from 'vitest'
import { eventOf, idOf, received, SAMPLE_FILES, samplesOf } from './sample.ts'

const fixtures = new URL('../fixtures/', import.meta.url)
const all = SAMPLE_FILES.flatMap((file) => samplesOf(fixtures, file))

describe('the fixtures', () => {
  test('hold every kind of reading but malformed', () => {
    expect(new Set(all.map(({ reading }) => reading.kind))).toEqual(
      new Set(['event', 'ephemeral', 'not-event']),
    )
  })

  test('give events that carry the payload byte for byte', () => {
    for (const { place, reading, dataText } of all.filter(({ reading }) => reading.kind === 'event'))
      expect(eventOf(reading).text.endsWith(`,"data":${dataText}}`), place).toBe(true)
  })

  test('tell one morning: the message that came over both transports is the only fact that occurs twice', () => {
    const ids = all.filter(({ reading }) => reading.kind === 'event').map(({ reading }) => idOf(reading))
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
    expect(twice).toEqual(['slack~A06HOLDAPP1~message~T06KELPBED1~C06KELPGEN1~1772442012.440129'])
  })

  test('have an integer that JavaScript can not hold', () => {
    const [big] = all.filter(({ dataText }) => dataText.includes('9007199254740993'))
    expect(big && eventOf(big.reading).text).toContain('"nonce":9007199254740993')
  })

  test('show a guest of a shared channel in the conversation as the app sees it', () => {
    const guest = all.find(({ dataText }) => dataText.includes('U06VISITOR9'))
    expect(guest && received(guest.reading)).toMatchObject({
      subject: 'T06KELPBED1/C06SHARED01',
      workspace: 'T06KELPBED1',
    })
  })
})
