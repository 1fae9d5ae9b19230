import { runGateway } from '@holdfast/gateway'
import { command } from '../command.ts'

export const gateway = command({
  name: 'gateway',
  summary: "Owns a bot's connections and puts every event on the queue, until SIGTERM or SIGINT",
  flags: {
    config: {
      type: 'string',
      value: 'FILE',
      help: 'the configuration, taken over again at SIGHUP or when it changes; else HOLDFAST_CONFIG, else ./holdfast.yaml, else the environment alone',
    },
  },
  run: ({ config }, { env }) => runGateway({ config, env, name: 'holdfast' }),
})
