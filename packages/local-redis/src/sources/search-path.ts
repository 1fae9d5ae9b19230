import { type ServerSource, verifyProgram } from '../server-program.ts'

/** A server that the machine has already: `redis-server` or `valkey-server` on the PATH. */
export const fromSearchPath: ServerSource = async ({ env, log }) =>
  (await verifyProgram('redis-server', 'from the PATH', env, log)) ??
  (await verifyProgram('valkey-server', 'from the PATH', env, log))
