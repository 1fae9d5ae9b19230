import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '@holdfast/runtime'
import { describe, expect, test } from 'vitest'
import { undefinedNames } from './docs/fault-tables.ts'
import { ScenarioNames } from './docs/scenario-names.ts'

const DOCS = join(import.meta.dirname, '../docs')
const PAGE = readFileSync(join(DOCS, 'promises.md'), 'utf8')
const FILES = new Map(
  [...PAGE.matchAll(/^\[([\w-]+)\]: (\S+)$/gm)].map(([, name = '', path = '']) => [name, path]),
)
const SECTIONS = PAGE.split(/^## /m).slice(1)

const namedIn = (text: string) =>
  [...text.matchAll(/^- \[([\w-]+)\] “(.+)”$/gm)].map(([, file = '', title = '']) => ({ file, title }))

describe('the page of promises', () => {
  test('has all eight, in the words of the page of delivery', () => {
    const delivery = readFileSync(join(DOCS, 'delivery.md'), 'utf8')
    const told = [...delivery.matchAll(/^- \*\*(P\d)\*\*/gm)].map(([, name]) => name)
    expect(SECTIONS.map((section) => section.slice(0, 2))).toEqual(told)
  })

  test('says of each what is promised, up to where, what to do beyond, and who attacks it', () => {
    for (const section of SECTIONS) {
      for (const part of ['Promised', 'Up to', 'Beyond']) expect(section).toContain(`\n**${part}.** `)
      expect(namedIn(section), section.slice(0, 2)).not.toEqual([])
    }
  })

  test('names scenarios that there are', () => {
    const missing = namedIn(PAGE).filter(({ file, title }) => {
      const path = join(DOCS, FILES.get(file) ?? '')
      return !FILES.has(file) || !existsSync(path) || !new ScenarioNames(path).has(title)
    })
    expect(missing).toEqual([])
  })

  test('explains every name in brackets', () => {
    expect(undefinedNames(PAGE)).toEqual([])
    expect([...FILES.keys()].filter((name) => !PAGE.includes(`- [${name}] “`))).toEqual([])
  })

  test('tells the bounds that the configuration has', () => {
    const { gateway } = loadConfig({ env: { DISCORD_TOKEN: 'any' } })
    const { backfill } = gateway
    expect(PAGE).toContain(
      `\`gateway.maxUnconfirmedCount\` ${gateway.maxUnconfirmedCount.toLocaleString('en')} `,
    )
    expect(PAGE).toContain(`\`gateway.maxUnconfirmedBytes\` ${gateway.maxUnconfirmedBytes / 1_048_576} MiB`)
    expect(PAGE).toContain(`\`gateway.lease\` (${gateway.leaseMs / 1_000} s)`)
    expect(PAGE).toContain(
      `\`gateway.backfill.maxRequests\` ${backfill.maxRequests}, \`.maxTime\` ${backfill.maxTimeMs / 60_000} min, \`.maxMessages\` ${backfill.maxMessages.toLocaleString('en')}`,
    )
  })
})
