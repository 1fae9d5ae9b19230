import { type Config, EXIT, loadConfig, ProblemError, Secret, systemClock } from '@holdfast/runtime'
import { command, type Terminal } from '../command.ts'
import { listenForInterruption } from '../demo/interruption.ts'
import { type Departure, type FollowEnd, followDepartures } from '../drain/departures.ts'
import { GatewayAdmin } from '../drain/gateway-admin.ts'

export const drain = command({
  name: 'drain',
  summary: "Lets other replicas take a gateway's units, and follows until it has none; the gateway runs on",
  flags: {
    config: { type: 'string', value: 'FILE', help: "the gateway's configuration, as for the gateway" },
    url: {
      type: 'string',
      value: 'URL',
      help: 'where the gateway listens; default: 127.0.0.1 and http.port',
    },
    token: {
      type: 'string',
      value: 'TOKEN',
      help: 'its admin token; default: http.adminToken, else HOLDFAST_ADMIN_TOKEN, which other users do not see in a list of processes',
    },
    undo: { type: 'boolean', help: 'it serves again: it keeps what it has and may take more' },
    json: { type: 'boolean', help: 'one line of JSON for each unit that leaves, and one at the end' },
  },
  exitCodes: [
    ['0', 'nothing is left there; with --undo: it serves again'],
    ['1', 'nobody could take over, the gateway ended on the way, or the watching was stopped'],
    ['2', 'wrong usage, a token that is refused, or a gateway that does not answer'],
  ],
  async run({ config: file, url, token, undo = false, json = false }, terminal) {
    const config = loadConfig({ file, env: terminal.env, ignore: ['connections'] })
    const admin = new GatewayAdmin(addressOf(url, config), tokenOf(token, config), systemClock)
    return undo ? serveAgain(admin, json, terminal) : drainAndFollow(admin, json, terminal)
  },
})

function addressOf(url: string | undefined, { http: { port } }: Config): string {
  if (url === undefined) return `http://127.0.0.1:${port}`
  if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return url
  throw new ProblemError('usage', `drain: --url is "${url}"; give an address as http://127.0.0.1:8080`)
}

function tokenOf(token: string | undefined, { http: { adminToken } }: Config): Secret | undefined {
  return token === undefined ? adminToken : new Secret(token)
}

async function serveAgain(admin: GatewayAdmin, json: boolean, { out, err }: Terminal): Promise<number> {
  const answer = await admin.drain(true)
  if (answer.kind === 'refused') {
    err(`holdfast: drain: it does not serve again: ${answer.why}`)
    return EXIT.crash
  }
  out(json ? JSON.stringify({ state: answer.state }) : 'it serves again')
  return EXIT.clean
}

async function drainAndFollow(admin: GatewayAdmin, json: boolean, terminal: Terminal): Promise<number> {
  const interruption = listenForInterruption()
  try {
    const first = await admin.units()
    const answer = await admin.drain(false)
    if (answer.kind === 'refused') {
      if (json) terminal.out(JSON.stringify({ state: 'refused', why: answer.why }))
      terminal.err(`holdfast: drain: ${answer.why}; it serves on`)
      return EXIT.crash
    }
    const end = await followDepartures(first, {
      admin,
      onDeparture: (departure) => terminal.out(json ? JSON.stringify(departure) : lineOf(departure)),
      clock: systemClock,
      signal: interruption.signal,
    })
    if (json) terminal.out(JSON.stringify({ state: end }))
    else (end === 'drained' ? terminal.out : terminal.err)(ENDS[end])
    return end === 'drained' ? EXIT.clean : EXIT.crash
  } finally {
    interruption.close()
  }
}

const ENDS: Readonly<Record<FollowEnd, string>> = {
  drained: 'nothing is left there',
  interrupted:
    'holdfast: drain: stopped watching; the gateway goes on giving its units away (holdfast status shows it, holdfast drain --undo ends it)',
  away: 'holdfast: drain: the gateway does not answer any more and had units when it last did; holdfast status shows who has them',
}

function lineOf({ unit, to, afterMs }: Departure): string {
  return to === undefined ? `${unit} left in ${afterMs} ms` : `${unit} → ${to} in ${afterMs} ms`
}
