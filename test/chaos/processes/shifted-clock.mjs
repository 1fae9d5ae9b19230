/*
 * Preloaded into a process (`--import`): its wall clock is off by the milliseconds that stand in the file
 * HOLDFAST_CHAOS_CLOCK, read again and again. Once they count, they stand in a file beside it, named after the process. Monotonic time and
 * timers go on as ever, as when an operator or NTP sets the clock of a host.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { env, pid } from 'node:process'

const { HOLDFAST_CHAOS_CLOCK: file = '' } = env
const LOOK_MS = 10

const RealDate = Date
const now = RealDate.now
let shiftMs = Number.NaN

function look() {
  const asked = Number(readFileSync(file, 'utf8'))
  if (asked === shiftMs) return
  shiftMs = asked
  writeFileSync(`${file}.${pid}`, String(shiftMs))
}

RealDate.now = () => now() + shiftMs
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [RealDate.now()] : given, newTarget),
  apply: () => new RealDate(RealDate.now()).toString(),
})

look()
setInterval(look, LOOK_MS).unref()
