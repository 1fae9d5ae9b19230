import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchesPattern, parsePattern } from '../src/index.ts'

function matches(pattern: string, type: string): boolean {
  const parsed = parsePattern(pattern)
  if (!parsed.ok) throw new Error(parsed.problem)
  return matchesPattern(parsed.pattern, type)
}

describe('a pattern', () => {
  test.each([
    ['slack.message', 'slack.message', true],
    ['slack.message', 'slack.message_metadata_posted', false],
    ['slack.message', 'discord.MESSAGE_CREATE', false],
    ['slack.*', 'slack.message', true],
    ['slack.*', 'slack.interactive.block_actions', true],
    ['slack.*', 'discord.READY', false],
    ['slack.interactive.*', 'slack.interactive.shortcut', true],
    ['slack.interactive.*', 'slack.interactive', false],
    ['slack.a', 'slack.a.b', false],
    ['slack.*.shortcut', 'slack.interactive.shortcut', true],
    ['slack.*.shortcut', 'slack.shortcut', false],
    ['slack.*.shortcut', 'slack.a.b.shortcut', false],
    ['*', 'slack.interactive.shortcut', true],
    ['*', 'holdfast.gap', true],
    ['*.message', 'slack.message', true],
    ['*.*', 'discord.READY', true],
    ['*.*.*', 'discord.READY', false],
    ['discord.MESSAGE_CREATE', 'discord.MESSAGE_CREATE', true],
    ['holdfast.gap', 'holdfast.gap', true],
    ['slack.*', 'holdfast.gap', false],
  ])('%s on %s: %s', (pattern, type, expected) => {
    expect(matches(pattern, type)).toBe(expected)
  })

  test('matches what a plain expression of the same rule matches', () => {
    const part = fc.constantFrom('slack', 'a', 'b', '*')
    const word = fc.constantFrom('slack', 'a', 'b')
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 3 }),
        fc.array(word, { minLength: 1, maxLength: 4 }),
        (rest, type) => {
          const pattern = ['slack', ...rest]
          const [text, typeText] = [pattern.join('.'), ['slack', ...type].join('.')]
          const expression = pattern.map((part, index) => {
            if (part !== '*') return part
            return index === pattern.length - 1 ? '.+' : '[^.]+'
          })
          expect(matches(text, typeText)).toBe(new RegExp(`^${expression.join('\\.')}$`).test(typeText))
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('a pattern that can not be meant', () => {
  test.each([
    ['slack', 'the type is missing; did you mean "slack.*"?'],
    ['', 'a part is empty; write it like "slack.message" or "discord.*"'],
    ['slack.', 'a part is empty; did you mean "slack.*"?'],
    ['slack..message', 'a part is empty; did you mean "slack.message"?'],
    [
      'slak.message',
      'it must begin with "slack", "discord", "holdfast" or "*"; did you mean "slack.message"?',
    ],
    [
      'irc.message',
      'it must begin with "slack", "discord", "holdfast" or "*"; write it like "slack.message" or "discord.*"',
    ],
    [
      'discord.message_create',
      'Discord\'s types are one word of capitals; did you mean "discord.MESSAGE_CREATE"?',
    ],
    [
      'discord.MESSAGE.CREATE',
      'Discord\'s types are one word of capitals; did you mean "discord.MESSAGE_CREATE"?',
    ],
    ['slack.Message', 'Slack\'s types are lower case; did you mean "slack.message"?'],
    ['slack.message.channels', 'Slack delivers all its messages as one type; did you mean "slack.message"?'],
    ['slack.interactive', 'interactive events name their kind as well; did you mean "slack.interactive.*"?'],
    ['slack.mess*', '"*" stands for a whole part; did you mean "slack.*"?'],
    ['slack.**', '"*" stands for a whole part; did you mean "slack.*"?'],
    ['holdfast.gaps', 'Holdfast itself has one type of event; did you mean "holdfast.gap"?'],
    [
      'slack.a b',
      'a part has other characters than letters, digits, "_" and "-"; write it like "slack.message" or "discord.*"',
    ],
  ])('%j is explained', (text, problem) => {
    expect(parsePattern(text)).toEqual({
      ok: false,
      problem: `event pattern ${JSON.stringify(text)}: ${problem}`,
    })
  })

  test('is answered with a suggestion that is itself a pattern, or with none', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('slack', 'Discord', 'slck', 'MESSAGE', 'message', '*', '**', 'a*', '', 'x'), {
          maxLength: 4,
        })
        .map((parts) => parts.join('.')),
    )
    fc.assert(
      fc.property(text, (pattern) => {
        const parsed = parsePattern(pattern)
        if (parsed.ok) return
        expect(parsed.problem).not.toContain('\n')
        const [, meant] = /did you mean "(.+)"\?$/.exec(parsed.problem) ?? []
        if (meant !== undefined) expect(parsePattern(meant).ok).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})
