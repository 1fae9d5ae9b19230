import type { FleetStanding, UnitStanding } from '@holdfast/ownership'
import { clockTime, duration } from './instants.ts'

/** Whether the bot is served, and what a person should know, in one line. */
export interface Verdict {
  /** Everything is held and connected. */
  readonly well: boolean
  readonly sentence: string
}

/** How many names of a list are told. */
const NAMED_COUNT = 3

/** What keeps a unit from being served comes first; a roll under way, or one that failed, is told after it. */
export function judge(fleet: FleetStanding): Verdict {
  const [worst, ...others] = troublesOf(fleet)
  const sentence = `${[worst ?? allWell(fleet), ...remarks(fleet)].join('; ')}.`
  const more = others.length === 0 ? '' : ` ${others.length} more below.`
  return { well: worst === undefined, sentence: `${sentence}${more}` }
}

function troublesOf(fleet: FleetStanding): string[] {
  if (fleet.replicas.length === 0) return ['No gateway runs: no events come in']
  return [...nothingHeld(fleet), ...freeUnits(fleet), ...fleet.units.flatMap(troubleOf)]
}

/** Its owner does not tell of all where it has very many: nothing is known against those. */
export function isServed({ state }: UnitStanding): boolean {
  return state === 'connected' || state === 'untold'
}

function nothingHeld({ replicas: { length }, units }: FleetStanding): string[] {
  if (units.length > 0) return []
  return [`Nothing is held yet, and ${count(length, 'gateway runs', 'gateways run')}: no events come in`]
}

function freeUnits({ units }: FleetStanding): string[] {
  const free = units.filter(({ state }) => state === 'free').map(({ unit }) => unit)
  if (free.length === 0) return []
  const named = free.slice(0, NAMED_COUNT).join(', ')
  const rest = free.length > NAMED_COUNT ? ` and ${free.length - NAMED_COUNT} more` : ''
  return [
    `${named}${rest} ${free.length === 1 ? 'is free: nobody serves it' : 'are free: nobody serves them'}`,
  ]
}

function troubleOf(each: UnitStanding): string[] {
  const { unit, state, owner, why } = each
  if (isServed(each) || state === 'free') return []
  if (state === 'silent') return [`${unit} is held by ${owner}, which is not heard of`]
  const what = state === 'fatal' ? 'was refused for good' : `is ${state}`
  return [`${unit} ${what} at ${owner}${why === undefined ? '' : `: ${why.replace(/[.\s]+$/, '')}`}`]
}

function allWell({ replicas, units }: FleetStanding): string {
  return `All well: ${count(units.length, 'unit')} held and connected, ${count(replicas.length, 'replica')}`
}

function remarks({ at, replicas, units, resting }: FleetStanding): string[] {
  const moving = replicas.length === 0 ? [] : units.filter(({ handover }) => handover)
  const failed = replicas.filter(({ state }) => state === 'failed')
  return [
    ...(moving.length === 0 ? [] : [`${count(moving.length, 'unit')} on the way to another replica`]),
    ...failed.map(({ replica }) => `${replica} failed its trial`),
    ...resting.map(
      ({ deploy, untilAt }) =>
        `deploy ${deploy} rests until ${clockTime(untilAt)} (${duration(untilAt - at)})`,
    ),
  ]
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
