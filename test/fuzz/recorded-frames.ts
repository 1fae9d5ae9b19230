import { existsSync, readFileSync } from 'node:fs'

/** The three kinds of connection. */
export type Transport = 'discord' | 'rtm' | 'socket-mode'

const RECORDED = new URL('../../../shared/corpus/', import.meta.url)
const FIXTURES = new URL('../../packages/events/fixtures/', import.meta.url)

/** What every gateway says of itself; the recorded files hold more of the same. */
const CONTROL: Readonly<Record<Transport, readonly string[]>> = {
  discord: [
    '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250,"_trace":["[\\"gateway-prd\\",{}]"]}}',
    '{"t":null,"s":null,"op":11,"d":null}',
    '{"op":1,"d":251}',
    '{"op":7,"d":null,"s":null,"t":null}',
    '{"op":9,"d":false,"s":null,"t":null}',
    '{"op":9,"d":true,"s":null,"t":null}',
    '{"t":"RESUMED","s":9,"op":0,"d":{"_trace":[]}}',
    '{"t":"READY","s":1,"op":0,"d":{"v":10,"session_id":"fuzzed","resume_gateway_url":"wss://fuzzed.example","user":{"id":"1"},"application":{"id":"2"},"guilds":[{"id":"7","unavailable":true}]}}',
  ],
  rtm: [
    '{"type":"hello","region":"us-east-1","start":true}',
    '{"type":"goodbye"}',
    '{"type":"team_migration_started"}',
    '{"type":"reconnect_url","url":"wss://fuzzed.example"}',
    '{"type":"error","error":{"code":1,"msg":"Socket URL has expired"}}',
    '{"type":"pong","reply_to":1}',
    '{"ok":true,"reply_to":2,"ts":"1700000001.000200","text":"I am"}',
    '{"ok":false,"reply_to":3,"error":{"code":2,"msg":"message text is missing"}}',
  ],
  'socket-mode': [
    '{"type":"hello","num_connections":1,"debug_info":{"host":"applink-1","build_number":10,"approximate_connection_time":18060},"connection_info":{"app_id":"A1"}}',
    '{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-1"}}',
    '{"type":"disconnect","reason":"refresh_requested","debug_info":{"host":"applink-1"}}',
    '{"type":"disconnect","reason":"link_disabled","debug_info":{"host":"applink-1"}}',
    '{"type":"disconnect","reason":"too_many_websockets","num_connections":11,"debug_info":{"host":"applink-1"}}',
    '{"type":"disconnect","reason":"of_tomorrow"}',
  ],
}

const read = new Map<Transport, readonly string[]>()

/** Frames of a transport as its platform sends them: recorded ones where there are some, else the project's own. */
export function recordedFrames(transport: Transport): readonly string[] {
  const frames = read.get(transport) ?? readFrames(transport)
  read.set(transport, frames)
  return frames
}

function readFrames(transport: Transport): readonly string[] {
  switch (transport) {
    case 'discord':
      return [...CONTROL.discord, ...linesOf('discord-control-frames.jsonl'), ...dispatches()]
    case 'rtm':
      return [...CONTROL.rtm, ...linesOf('slack-rtm.jsonl')]
    case 'socket-mode':
      return [...CONTROL['socket-mode'], ...linesOf('slack-socket-mode.jsonl'), ...envelopes()]
    default:
      return transport satisfies never
  }
}

function dispatches(): string[] {
  return linesOf('discord-dispatch.jsonl').map((line, index) => {
    const [head, name = ''] = /^\{"t":"([A-Z_]+)","d":/.exec(line) ?? ['']
    return `{"t":"${name}","s":${index + 2},"op":0,"d":${line.slice(head.length, -1)}}`
  })
}

function envelopes(): string[] {
  return [
    ...linesOf('slack-events-api.jsonl').map((line) => ['events_api', line]),
    ...linesOf('slack-interactive.jsonl').map((line) => ['interactive', line]),
    ...linesOf('slack-slash-commands.jsonl').map((line) => ['slash_commands', line]),
  ].map(
    ([type, payload], index) =>
      `{"envelope_id":"fuzzed-${index}","type":"${type}","accepts_response_payload":false,"payload":${payload},"retry_attempt":0,"retry_reason":""}`,
  )
}

/** The lines of a recorded file, else of our own of that name; none where there is neither. */
function linesOf(file: string): string[] {
  const path = [RECORDED, FIXTURES].map((folder) => new URL(file, folder)).find((url) => existsSync(url))
  if (!path) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '')
}
