import type { LinkInput, LinkTimer, LinkTransport } from '../src/index.ts'
import { on, refused } from './link-run.ts'
import type { LinkWorld } from './link-world.ts'
import type { SlackSocket } from './slack-side.ts'

/** Something that can happen; `weight` says how likely it is beside the others. */
interface Option {
  readonly weight: number
  readonly happen: () => void
}

const TIMER_WEIGHTS: Readonly<Record<LinkTimer, number>> = {
  reconnect: 30,
  call: 1,
  connect: 1,
  hello: 1,
  ping: 3,
  age: 4,
  handover: 2,
  close: 4,
}
const FAREWELLS: Readonly<Record<LinkTransport, object>> = {
  rtm: { type: 'goodbye' },
  'socket-mode': { type: 'disconnect', reason: 'warning' },
}
const REFUSALS: Readonly<Record<LinkTransport, object>> = {
  rtm: { type: 'error', error: { code: 1, msg: 'Socket URL has expired' } },
  'socket-mode': { type: 'disconnect', reason: 'too_many_websockets' },
}

/** Everything that can happen in a world now. There is always something. */
export function optionsIn(world: LinkWorld): readonly Option[] {
  return [
    { weight: 12, happen: () => world.slack.post(world.now) },
    { weight: 2, happen: () => world.feed({ kind: 'prove' }) },
    ...world.calls.flatMap((generation) => answers(world, generation)),
    ...[...world.timers].map(([name, generation]) => ({
      weight: TIMER_WEIGHTS[name],
      happen: () => world.endTimer(name, generation),
    })),
    ...world.sockets
      .filter(({ opened, gone }) => !opened && !gone)
      .map((socket) => ({ weight: 30, happen: () => world.open(socket) })),
    ...[...world.draining].map((generation) => ({
      weight: 4,
      happen: () => {
        world.draining.delete(generation)
        world.feed({ kind: 'drained', generation })
      },
    })),
    ...openSockets(world).flatMap((socket) => onSocket(world, socket)),
  ]
}

function answers(world: LinkWorld, generation: number): readonly Option[] {
  const answer = (weight: number, input: () => LinkInput): Option => ({
    weight,
    happen() {
      world.calls.shift()
      world.feed(input())
    },
  })
  return [
    answer(30, () => ({ kind: 'addressGiven', generation, url: world.slack.giveAddress(generation) })),
    answer(2, () => on(generation, refused('internal_error'))),
    answer(2, () => on(generation, refused('budget_spent', 9_000))),
    answer(1, () => on(generation, refused('invalid_auth'))),
  ]
}

/** Slack's ends of the sockets that are open here. */
function openSockets(world: LinkWorld): readonly SlackSocket[] {
  const open = world.sockets.filter(({ opened, gone }) => opened && !gone)
  return world.slack.sockets.filter(({ generation }) => open.some((one) => one.generation === generation))
}

function onSocket(world: LinkWorld, socket: SlackSocket): readonly Option[] {
  const { slack, now, transport } = world
  const { generation, greeted, over, toUs, toSlack } = socket
  const when = (possible: boolean, weight: number, happen: () => void): Option[] =>
    possible ? [{ weight, happen }] : []
  return [
    ...when(!greeted && !over, 30, () => slack.greet(socket)),
    ...when(!greeted && !over, 1, () => slack.refuse(REFUSALS[transport], socket)),
    ...when(toUs.length > 0, 40, () => world.deliver(socket)),
    ...when(toSlack.length > 0, 40, () => slack.read(socket, now)),
    ...when(greeted && !over, 6, () => slack.say(FAREWELLS[transport], socket)),
    ...when(greeted && !over, 1, () => slack.say(REFUSALS[transport], socket)),
    ...when(!over, 2, () => slack.close(socket, now)),
    ...when(!over, 1, () => slack.cut(socket)),
    ...when(!over, 1, () => world.cut(socket)),
    ...when(greeted, 1, () => world.feed({ kind: 'heard', generation })),
  ]
}
