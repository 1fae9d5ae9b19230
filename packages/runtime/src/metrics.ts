import { collectDefaultMetrics, Registry } from 'prom-client'

/**
 * A metrics registry of its own, never prom-client's global one, so that two services in one process (tests, the demo)
 * do not meet. `process: true` adds Node's own figures (memory, CPU, event-loop lag).
 */
export function createMetricsRegistry(options: { process?: boolean } = {}): Registry {
  const registry = new Registry()
  if (options.process) collectDefaultMetrics({ register: registry })
  return registry
}
