import { setImmediate as setImmediately } from 'node:timers/promises'
import {
  type CheckpointStore,
  createMemoryCallBudget,
  createMemoryCheckpointStore,
} from '@holdfast/ownership'
import { systemClock } from '@holdfast/runtime'
import { createSimulator, type Simulator, type SimulatorAddresses } from '@holdfast/simulator'
import { type OpenSocket, type Socket, webSockets } from '../services/gateway/src/drivers/socket.ts'
import type { ConnectionDriver, DriverTools, Publish } from '../services/gateway/src/ports.ts'
import { World } from '../services/gateway/test/drivers/world.ts'

/** The unit that is handed over. */
export const UNIT = 'acme'

interface Queued {
  readonly type: string
  readonly text: string
}

/** The part of an event that tells what was said: over RTM the message itself, over Socket Mode the callback around it. */
interface Said {
  readonly delivery: string
  readonly data: { readonly text: string } | { readonly event: { readonly text: string } }
}

function textOf({ data }: Said): string {
  return 'event' in data ? data.event.text : data.text
}

/** A queue as Redis keeps it: takes each event once, in order, and none under an older fencing number than one it knows. */
export class FencedQueue {
  readonly events: Queued[] = []
  /** How often an event came that was there. */
  recognisedCount = 0
  #ids = new Set<string>()
  #fence = 0
  #wake = () => {}

  /** What is asked for arrives some turns later, like over a network; what a dead process still had to ask for does not. */
  publisher(isDead: () => boolean): Publish {
    return (event, { lease }, confirm) => {
      const arrive = () => {
        if (isDead()) return
        const fence = lease?.fence ?? 0
        if (fence < this.#fence) return lease?.onFenced()
        this.#fence = fence
        this.#add(event.id, event)
        confirm()
      }
      setImmediate(() => setImmediate(arrive))
    }
  }

  /** The texts of all messages, in order. */
  get said(): string[] {
    return this.of('slack.message').map(textOf)
  }

  of(type: string): Said[] {
    return this.events.filter((event) => event.type === type).map(({ text }) => JSON.parse(text))
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere())
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }

  #add(id: string, event: Queued): void {
    if (this.#ids.has(id)) this.recognisedCount += 1
    else this.events.push(event)
    this.#ids.add(id)
    this.#wake()
  }
}

/** One process with a driver, and what is left of it in others once it is killed. */
export class Replica {
  readonly driver: ConnectionDriver
  readonly world = new World()
  readonly #sockets: Socket[] = []
  #isDead = false

  constructor(stage: SuccessionStage, create: (tools: DriverTools) => ConnectionDriver) {
    const { metrics, log, journal } = this.world.deps
    const isDead = () => this.#isDead
    this.driver = create({
      metrics,
      log,
      journal,
      publish: stage.queue.publisher(isDead),
      wanted: () => true,
      checkpoints: mortal(stage.store, isDead),
      budget: stage.budget,
      clock: systemClock,
      fetch,
      openSocket: this.#openSocket,
    })
  }

  /** Nothing that it had in hand reaches anybody. */
  kill(): void {
    this.#isDead = true
    for (const socket of this.#sockets) socket.terminate()
    void this.driver.stop(0)
  }

  get alarms(): unknown[] {
    return this.world.lines.filter(({ level }) => level !== 'info')
  }

  readonly #openSocket: OpenSocket = (url, handlers) => {
    const socket = webSockets(systemClock)(url, handlers)
    this.#sockets.push(socket)
    return socket
  }
}

function mortal(store: CheckpointStore, isDead: () => boolean): CheckpointStore {
  const never = new Promise<never>(() => {})
  return {
    load: (unit) => (isDead() ? never : store.load(unit)),
    save: (unit, fence, checkpoint) => (isDead() ? never : store.save(unit, fence, checkpoint)),
  }
}

/** A Slack on the real clock in which people talk in three channels without a pause, and what two replicas share. */
export class SuccessionStage {
  readonly queue = new FencedQueue()
  readonly store = createMemoryCheckpointStore()
  readonly budget = createMemoryCallBudget(systemClock)
  readonly simulator: Simulator
  readonly at: SimulatorAddresses
  /** What was said, in order. */
  readonly said: string[] = []
  readonly replicas: Replica[] = []
  #talking: NodeJS.Timeout | undefined

  static async set(): Promise<SuccessionStage> {
    // Slack's own times are of minutes; their order is what counts.
    const limits = { acknowledgeMs: 1_000, eventRetriesMs: [200, 1_000, 2_000] }
    const simulator = createSimulator({ limits: 'demo', slack: { limits } })
    return new SuccessionStage(simulator, await simulator.start())
  }

  private constructor(simulator: Simulator, at: SimulatorAddresses) {
    this.simulator = simulator
    this.at = at
  }

  get bot(): SimulatorAddresses['slack']['bots'][number] {
    const [bot] = this.at.slack.bots
    if (!bot) throw new Error('the simulator has no bot')
    return bot
  }

  replica(create: (tools: DriverTools) => ConnectionDriver): Replica {
    const replica = new Replica(this, create)
    this.replicas.push(replica)
    return replica
  }

  talk(): void {
    this.#talking ??= setInterval(() => this.say(), 2)
  }

  say(): void {
    const n = this.said.length
    const channels = this.at.slack.channels.filter(({ teamId }) => teamId === this.bot.teamId).slice(0, 3)
    const [user] = this.at.slack.users
    const channel = channels[n % channels.length]
    if (!channel || !user) throw new Error('nobody to talk, or nowhere')
    const text = `${n % channels.length}:${n}`
    this.said.push(text)
    this.simulator.slack.say({ channel: channel.id, user: user.id, text })
  }

  /** Resolves once `count` more messages are on the queue. */
  async moreSaid(count = 10): Promise<void> {
    const before = this.queue.said.length
    await this.queue.until(() => this.queue.said.length >= before + count)
  }

  /** Looks at every turn. */
  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await setImmediately()
  }

  /** Ends the talk, and resolves when its last word is on the queue. */
  async hush(): Promise<void> {
    clearInterval(this.#talking)
    this.#talking = undefined
    this.say()
    await this.queue.until(() => this.queue.said.includes(this.said.at(-1) ?? ''))
  }

  /** What was said and is not on the queue. */
  get lost(): string[] {
    const there = new Set(this.queue.said)
    return this.said.filter((text) => !there.has(text))
  }

  /** What is on the queue after something that was said later in its channel, though Slack sent it only once. */
  get reordered(): string[] {
    const highest = new Map<string, number>()
    const live = this.queue.of('slack.message').filter(({ delivery }) => delivery === 'live')
    return live.map(textOf).filter((text) => {
      const [channel = '', n] = text.split(':')
      const before = highest.get(channel) ?? -1
      highest.set(channel, Math.max(before, Number(n)))
      return Number(n) < before
    })
  }

  get repeated(): string[] {
    return this.queue.said.filter((text, index, all) => all.indexOf(text) !== index)
  }

  get gaps(): readonly unknown[] {
    return this.queue.of('holdfast.gap')
  }

  async end(): Promise<void> {
    clearInterval(this.#talking)
    await Promise.all(this.replicas.map(({ driver }) => driver.stop(0)))
    await this.simulator.stop()
  }
}
