import { describe, expect, it } from 'vitest'
import {
  closed,
  connectedShard,
  dispatch,
  hello,
  opened,
  ready,
  resumingShard,
  type ShardRun,
  timer,
} from './shard-run.ts'

describe('the flood of guilds after an identify', () => {
  it('marks the first GUILD_CREATE of each guild of READY initial, and every other one live', () => {
    const shard = connectedShard(['7', '8']).feed(
      dispatch(2, 'GUILD_CREATE', { name: 'first', id: '7' }),
      dispatch(3, 'GUILD_CREATE', { id: '9' }),
      dispatch(4, 'MESSAGE_CREATE', { id: '8' }),
      dispatch(5, 'GUILD_CREATE', { id: '8' }),
      dispatch(6, 'GUILD_CREATE', { id: '7' }),
    )
    expect(shard.all('dispatch').map(({ delivery }) => delivery)).toEqual([
      'initial',
      'live',
      'live',
      'initial',
      'live',
    ])
  })
})

describe('a resume in the middle of the flood', () => {
  const deliveries = (shard: ShardRun) => shard.all('dispatch').map(({ delivery }) => delivery)
  const guild = (sequence: number, id: string) => dispatch(sequence, 'GUILD_CREATE', { id })

  it('leaves the rest of it initial, whether it is replayed or comes after RESUMED', () => {
    const shard = connectedShard(['7', '8', '9'])
      .feed(guild(2, '7'), closed(1006), timer('reconnect'), opened, hello)
      .feed(guild(3, '8'), dispatch(4), dispatch(5, 'RESUMED'), guild(6, '9'), guild(7, '10'))
    expect(deliveries(shard)).toEqual(['initial', 'replay', 'live', 'initial', 'live'])
  })

  it('leaves initial what had come and is replayed because it was not confirmed', () => {
    const shard = connectedShard(['7'])
      .feed(guild(2, '7'), closed(1006), timer('reconnect'), opened, hello)
      .feed(guild(2, '7'), dispatch(3, 'RESUMED'))
    expect(deliveries(shard)).toEqual(['initial', 'live'])
  })

  it('takes a guild that comes back later for what it is', () => {
    const shard = connectedShard(['7'])
      .feed(guild(2, '7'), { kind: 'confirmed', sessionId: 'session-a', sequence: 2 })
      .feed(closed(1006), timer('reconnect'), opened, hello)
      .feed(guild(3, '7'), dispatch(4, 'RESUMED'), guild(5, '7'))
    expect(deliveries(shard)).toEqual(['replay', 'live', 'live'])
  })

  it('in another process knows the flood from a READY that is replayed, and else leaves nothing out', () => {
    const fromReady = resumingShard().feed(ready(['7']), guild(2, '7'), guild(3, '8'))
    expect(deliveries(fromReady)).toEqual(['replay', 'initial', 'replay'])
    const without = resumingShard().feed(guild(42, '7'))
    expect(deliveries(without)).toEqual(['replay'])
  })
})
