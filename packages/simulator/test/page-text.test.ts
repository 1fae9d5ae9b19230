import { describe, expect, test } from 'vitest'
import { outgoingText, piecesOf } from '../page/state/rich-text.ts'
import type { Platform } from '../src/facts.ts'

const names: ReadonlyMap<string, string> = new Map([
  ['U1', 'maren'],
  ['42', 'maren'],
])

function read(platform: Platform, text: string): readonly string[] {
  return piecesOf(platform, text, (id) => names.get(id)).map((piece) => `${piece.what}:${piece.text}`)
}

describe("a message's text", () => {
  test.each([
    ['slack', 'hi <@U1>!', ['text:hi ', 'mention:@maren', 'text:!']],
    ['slack', '<@U404>', ['mention:@U404']],
    ['slack', ':wave: :no-such:', ['text:👋', 'text: ', 'text::no-such:']],
    ['slack', '*bold* and `code *x*`', ['strong:bold', 'text: and ', 'code:code *x*']],
    ['slack', 'see <https://a.example/x|there>', ['text:see ', 'link:https://a.example/x']],
    ['discord', 'hi <@42> and <@!42>', ['text:hi ', 'mention:@maren', 'text: and ', 'mention:@maren']],
    ['discord', '**bold** *not*', ['strong:bold', 'text: *not*']],
    ['discord', ':wave: &amp;', ['text::wave: &amp;']],
    ['discord', '```\nlet x\n```', ['block:let x']],
    ['slack', 'two\nlines', ['text:two\nlines']],
    ['slack', '2 * 3 * 4', ['text:2 * 3 * 4']],
  ] as const)('on %s: %s', (platform, text, pieces) => {
    expect(read(platform, text)).toEqual(pieces)
  })

  test.each(['slack', 'discord'] as const)('with HTML is that text on %s, there and back', (platform) => {
    const typed = '<img src=x onerror="alert(1)"> &lt;b&gt;'
    expect(read(platform, outgoingText(platform, typed))).toEqual([`text:${typed}`])
  })

  test('links to the web alone', () => {
    expect(read('slack', '<javascript:alert(1)|there>')).toEqual(['text:<javascript:alert(1)|there>'])
  })

  test('longer than people write is shown without being searched', () => {
    const text = '`a` '.repeat(5_000)
    expect(read('discord', text)).toEqual([`text:${text}`])
  })
})
