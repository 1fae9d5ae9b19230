import { expect } from 'vitest'
import { Listener } from './listener.ts'
import { gatewayAt, said, untilNoticed } from './redis-away.ts'
import { RedisRoom } from './redis-room.ts'
import { scenario } from './scenario.ts'

/*
 * Redis may hold only so much and evicts nothing. A subscription that nobody works on stops at its bound and harms no other; a Redis that is
 * full all the same takes no event, and everything that frees memory.
 */

const MIB = 1024 * 1024
const BOUND = 300

scenario({
  name: 'Redis has little room, nobody works on one subscription: it stops at its bound, misses what it counts, and the others go on',
  promise: 'P8',
  tier: 'short',
  allows: {},
  stage: {
    ownRedis: true,
    gatewayLines: [
      'subscriptions:',
      `  - { name: idle, events: [slack.message, discord.MESSAGE_CREATE], maxWaiting: ${BOUND} }`,
      '  - { name: witness, events: [slack.message, discord.MESSAGE_CREATE] }',
    ],
  },
  run: async (stage) => {
    const [idle, witness] = [new Listener(stage, 'idle'), new Listener(stage, 'witness')]
    try {
      await witness.start()
      const room = new RedisRoom(stage.redis.url)
      await stage.harm('little room', () => room.leave(32 * MIB))
      await gatewayAt(stage).says(({ msg }) => msg.startsWith('the queue is at its bound'))
      await said(stage, 200)
      expect(await room.isFull()).toBe(false)
      await stage.harm('someone works on it', () => idle.start())
      const counted = () => idle.missed.reduce((sum, { missedCount }) => sum + missedCount, 0)
      const missing = () => [...witness.heard].filter((id) => !idle.heard.has(id)).length
      await expect.poll(counted, { timeout: 60_000 }).toBeGreaterThan(200)
      // Exactly: neither did it miss more than it says, nor say more than it missed.
      await stage.talk.quietly(async () => {
        await stage.caughtUp()
        await expect.poll(() => missing() - counted(), { timeout: 60_000 }).toBe(0)
      })
      await room.lift()
    } finally {
      await Promise.all([idle.stop(), witness.stop()])
    }
  },
})

scenario({
  name: 'Redis is full, and workers that come drain it: what was withheld follows',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { ownRedis: true },
  run: async (stage) => {
    const room = new RedisRoom(stage.redis.url)
    await stage.bots.stop()
    const noticed = untilNoticed(gatewayAt(stage))
    await stage.harm('little room', () => room.leave(2 * MIB))
    await noticed
    await said(stage, 50)
    expect(await room.isFull()).toBe(true)
    await stage.harm('workers come', () => stage.bots.hire(2))
    await stage.caughtUp()
    await room.lift()
    await stage.flowing()
  },
})
