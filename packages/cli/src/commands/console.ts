import { runConsole } from '@holdfast/console'
import { command } from '../command.ts'

// `console` is the global one here, so the command bears another name than its word.
export const operatorConsole = command({
  name: 'console',
  summary: 'Shows what waits, who works and who holds the sockets, until SIGTERM or SIGINT',
  flags: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the configuration; else HOLDFAST_CONFIG, else ./holdfast.yaml, else the environment alone',
    },
    port: { type: 'string', value: 'N', help: 'where to listen; default: console.port, 8090' },
  },
  run: ({ config, port }, { env }) => runConsole({ config, port, env, name: 'holdfast' }),
})
