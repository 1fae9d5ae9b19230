import type { Timer } from '../clock.ts'
import { SimulatorError } from '../errors.ts'
import type { FaultWorld } from '../fault.ts'
import { applyFault } from '../faults.ts'
import { given } from '../given.ts'
import { MessageStream } from '../page/message-stream.ts'
import { discordVoices, slackVoices } from '../page/stream-voices.ts'
import { Cast } from './cast.ts'
import {
  describeScriptDeed,
  platformOfDeed,
  type Script,
  type ScriptDeed,
  type ScriptStep,
} from './script.ts'

/**
 * Plays a script from `start` until its last step, or until `stop`. Each time a step happens is a fact in the record, also
 * where it could not be done: the script goes on.
 */
export class ScriptPlayer {
  readonly #world: FaultWorld
  readonly #cast: Cast
  readonly #script: Script
  readonly #timers = new Set<Timer>()
  readonly #streams = new Set<MessageStream>()

  constructor(world: FaultWorld, script: Script) {
    this.#world = world
    this.#cast = new Cast(world)
    this.#script = script
  }

  start(): void {
    for (const step of this.#script.steps) this.#after(step.atMs, () => this.#play(step, 1))
  }

  stop(): void {
    for (const timer of this.#timers) timer.clear()
    for (const stream of this.#streams) stream.stop()
    this.#timers.clear()
    this.#streams.clear()
  }

  #play(step: ScriptStep, round: number): void {
    const { number, everyMs, times = Number.POSITIVE_INFINITY, deed } = step
    if (everyMs !== undefined && round < times) this.#after(everyMs, () => this.#play(step, round + 1))
    const failure = this.#failureOf(deed)
    this.#world.record.write(
      given({
        kind: 'script',
        platform: platformOfDeed(deed),
        step: number,
        round,
        what: describeScriptDeed(deed),
        outcome: failure === undefined ? 'done' : 'failed',
        why: failure,
      }),
    )
  }

  /** Does it; answers why it can't be done, if it can't. */
  #failureOf(deed: ScriptDeed): string | undefined {
    try {
      this.#do(deed)
      return undefined
    } catch (error) {
      if (error instanceof SimulatorError) return error.message
      throw error
    }
  }

  #do(deed: ScriptDeed): void {
    switch (deed.kind) {
      case 'fault':
        return void applyFault(this.#world, this.#cast.hit(deed.ask))
      case 'say':
        return this.#cast.say(deed)
      case 'stream':
        return this.#stream(deed)
      default:
        return deed satisfies never
    }
  }

  #stream({ platform, rate, forMs }: Extract<ScriptDeed, { kind: 'stream' }>): void {
    const { slack, discord, clock } = this.#world
    const voices = platform === 'slack' ? slackVoices(slack) : discordVoices(discord)
    const stream = new MessageStream(clock, voices)
    this.#streams.add(stream)
    stream.setPace(rate)
    this.#after(forMs, () => {
      stream.stop()
      this.#streams.delete(stream)
    })
  }

  #after(ms: number, act: () => void): void {
    const timer = this.#world.clock.setTimer(ms, () => {
      this.#timers.delete(timer)
      act()
    })
    this.#timers.add(timer)
  }
}
