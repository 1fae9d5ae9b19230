import { describe, expect, test } from 'vitest'
import { RespReader } from './resp-reader.ts'

const REQUEST = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\nb\n\r\n'
const VALUES = [
  '+OK\r\n',
  ':12\r\n',
  '-ERR no\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*2\r\n*1\r\n:1\r\n$2\r\nab\r\n',
  '*0\r\n',
]

describe('a reader of Redis’ protocol', () => {
  test('cuts a stream into the same values wherever its pieces end', () => {
    const all = Buffer.from([REQUEST, ...VALUES, REQUEST].join(''))
    for (let size = 1; size <= all.length; size++) {
      const reader = new RespReader()
      const read: string[] = []
      for (let at = 0; at < all.length; at += size)
        read.push(...reader.read(all.subarray(at, at + size)).map(({ bytes }) => bytes.toString()))
      expect(read, `in pieces of ${size}`).toEqual([REQUEST, ...VALUES, REQUEST])
    }
  })

  test('gives the parts of a request, line ends within them included', () => {
    const [value] = new RespReader().read(Buffer.from(REQUEST))
    expect(value?.parts.map(String)).toEqual(['SET', 'k', 'a\r\nb\n'])
  })

  test('refuses what it could not follow', () => {
    expect(() => new RespReader().read(Buffer.from('%1\r\n+a\r\n+b\r\n'))).toThrow('"%" begins no value')
  })
})
