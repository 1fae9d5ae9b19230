import { describe, expect, test } from 'vitest'
import { compileRouter } from '../src/index.ts'

const commands = { name: 'commands', patterns: ['slack.message', 'discord.MESSAGE_CREATE'], initial: false }
const audit = { name: 'audit', patterns: ['*'], initial: false }
const guilds = { name: 'guilds', patterns: ['discord.GUILD_*', 'discord.*'], initial: true }

describe('a router', () => {
  test('names every subscription that wants a type, once and in order', () => {
    const twice = { name: 'twice', patterns: ['slack.*', 'slack.message'], initial: false }
    const { route } = compileRouter([commands, audit, twice])
    expect(route('slack.message', 'live')).toEqual(['commands', 'audit', 'twice'])
    expect(route('discord.MESSAGE_CREATE', 'replay')).toEqual(['commands', 'audit'])
    expect(route('holdfast.gap', 'live')).toEqual(['audit'])
  })

  test('names nobody where nobody wants it', () => {
    expect(compileRouter([commands]).route('discord.TYPING_START', 'live')).toEqual([])
    expect(compileRouter([]).route('slack.message', 'live')).toEqual([])
  })

  test('gives the flood of guilds only to those who ask for it', () => {
    const { route } = compileRouter([audit, guilds])
    expect(route('discord.GUILD_CREATE', 'initial')).toEqual(['guilds'])
    expect(route('discord.GUILD_CREATE', 'live')).toEqual(['audit', 'guilds'])
  })

  test('works out a type once', () => {
    const { route } = compileRouter([commands, audit])
    expect(route('slack.message', 'live')).toBe(route('slack.message', 'retry'))
  })

  test('stays right when a stream of made-up types overflows its cache', () => {
    const { route } = compileRouter([commands, audit])
    for (let index = 0; index < 5_000; index++)
      expect(route(`slack.made_up_${index}`, 'live')).toEqual(['audit'])
    expect(route('slack.message', 'live')).toEqual(['commands', 'audit'])
  })

  test('keeps a caller from changing an answer that others get too', () => {
    const names = compileRouter([audit]).route('slack.message', 'live')
    expect(Object.isFrozen(names)).toBe(true)
  })

  test('reports a pattern that it can not read, and follows the others', () => {
    const router = compileRouter([guilds])
    expect(router.problems).toEqual([
      'subscription "guilds": event pattern "discord.GUILD_*": "*" stands for a whole part; did you mean "discord.*"?',
    ])
    expect(router.route('discord.READY', 'live')).toEqual(['guilds'])
  })
})
