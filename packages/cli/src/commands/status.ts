import type { FleetStanding } from '@holdfast/ownership'
import { EXIT, loadConfig, systemClock } from '@holdfast/runtime'
import { command, type Terminal } from '../command.ts'
import { listenForInterruption } from '../demo/interruption.ts'
import { REDIS_FLAG } from '../redis-flag.ts'
import { type BlockerSeen, blockersTable, readBlockers } from '../status/blockers.ts'
import { fleetJson } from '../status/fleet-json.ts'
import { fleetTable } from '../status/fleet-table.ts'
import { LeaseReader } from '../status/lease-reader.ts'
import { judge } from '../status/verdict.ts'
import { watchFleet } from '../status/watch-fleet.ts'

export const status = command({
  name: 'status',
  summary:
    'Shows which gateways live, who holds which connection or shard, and what is not well; reads Redis alone',
  flags: {
    config: REDIS_FLAG,
    watch: { type: 'boolean', help: 'goes on, with a line for each change as it happens, until SIGINT' },
    json: { type: 'boolean', help: 'as one line of JSON; with --watch: one for each change' },
  },
  exitCodes: [
    ['0', 'every unit is held and connected; with --watch: stopped as asked'],
    ['1', 'a unit is free, waiting or refused for good, its owner is silent, or no gateway runs'],
    ['2', 'wrong usage or configuration, or a Redis that does not answer'],
  ],
  async run({ config: file, watch = false, json = false }, terminal) {
    const { redis } = loadConfig({ file, env: terminal.env, ignore: ['connections'] })
    const reader = await LeaseReader.open(redis)
    try {
      const first = await reader.read()
      show(first, json, terminal, watch ? [] : await readBlockers(redis))
      if (!watch) return judge(first).well ? EXIT.clean : EXIT.crash
      await follow(first, reader, json, terminal)
      return EXIT.clean
    } finally {
      reader.close()
    }
  },
})

function show(
  fleet: FleetStanding,
  json: boolean,
  { out }: Pick<Terminal, 'out'>,
  blockers: readonly BlockerSeen[] = [],
): void {
  if (json) return out(JSON.stringify({ ...fleetJson(fleet), ...(blockers.length > 0 ? { blockers } : {}) }))
  for (const line of [judge(fleet).sentence, ...fleetTable(fleet), ...blockersTable(blockers)]) out(line)
}

async function follow(
  first: FleetStanding,
  reader: LeaseReader,
  json: boolean,
  { out }: Terminal,
): Promise<void> {
  const interruption = listenForInterruption()
  if (!json) out('')
  try {
    await watchFleet(first, {
      read: () => reader.read(),
      out,
      ...(json ? { onChange: (fleet) => show(fleet, true, { out }) } : {}),
      clock: systemClock,
      signal: interruption.signal,
    })
  } finally {
    interruption.close()
  }
}
