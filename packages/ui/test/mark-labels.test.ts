import { expect, test } from 'vitest'
import { placeLabel } from '../src/mark-labels.ts'

const edge = { width: 50, left: 0, right: 200 }

test('a label stands after its mark', () => {
  expect(placeLabel([[], []], { x: 10, ...edge })).toEqual({ row: 0, from: 10, to: 60 })
})

test('a label stands before its mark where the chart ends', () => {
  expect(placeLabel([[], []], { x: 180, ...edge })).toEqual({ row: 0, from: 130, to: 180 })
})

test('a label goes one row down rather than onto another', () => {
  const taken = [{ row: 0, from: 40, to: 90 }]
  expect(placeLabel([taken, []], { x: 10, ...edge })).toMatchObject({ row: 1 })
  expect(placeLabel([taken, []], { x: 90, ...edge })).toMatchObject({ row: 0 })
})

test('a label stands before its mark where every row after it is taken', () => {
  const taken = [{ row: 0, from: 100, to: 150 }]
  expect(placeLabel([taken, taken], { x: 100, ...edge })).toEqual({ row: 0, from: 50, to: 100 })
})

test('a mark stands without words where every row is taken, or the chart is too narrow for them', () => {
  expect(placeLabel([[], []], { x: 10, width: 50, left: 0, right: 55 })).toBeUndefined()
  const taken = [{ row: 0, from: 0, to: 200 }]
  expect(placeLabel([taken, taken], { x: 10, ...edge })).toBeUndefined()
})
