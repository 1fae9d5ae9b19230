import { describe, expect, test } from 'vitest'
import { didYouMean, nearest } from '../src/suggestion.ts'

describe('a suggestion', () => {
  test.each([
    ['htpp', 'http'],
    ['conections', 'connections'],
    ['SUBSCRIPTIONS', 'subscriptions'],
    ['redsi', 'redis'],
    ['zebra', undefined],
    ['', undefined],
  ])('for %j is %j', (word, meant) => {
    expect(nearest(word, ['redis', 'connections', 'subscriptions', 'http'])).toBe(meant)
  })

  test('is left out where nothing is near', () => {
    expect(didYouMean('x', [])).toBe('')
  })
})
