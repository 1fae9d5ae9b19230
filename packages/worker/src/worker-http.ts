import { createHttpServer, createMetricsRegistry, type Readiness, type Service } from '@holdfast/runtime'
import type { HttpSettings } from './http-option.ts'
import { createWorkerMetrics, NO_METRICS, type WorkerFacts, type WorkerMetrics } from './metrics.ts'

/** The side of a worker that health checks and Prometheus see. */
export interface WorkerHttp extends Service {
  readonly metrics: WorkerMetrics
  /** `http://127.0.0.1:9090`, known once started; empty where the worker listens nowhere. */
  readonly address: string
}

/**
 * `/livez`, `/readyz` and `/metrics` of a worker: 200, or 503 with why, from memory. Without settings it opens nothing and
 * counts nothing.
 */
export function createWorkerHttp(
  settings: HttpSettings | undefined,
  readiness: () => Readiness,
  facts: WorkerFacts,
): WorkerHttp {
  if (!settings) return { metrics: NO_METRICS, address: '', start: async () => {}, stop: async () => {} }
  const registry = createMetricsRegistry({ process: true })
  const metrics = createWorkerMetrics(registry, facts)
  const server = createHttpServer({ ...settings, readiness, metrics: registry })
  return {
    metrics,
    get address() {
      return server.address
    },
    start: () => server.start(),
    stop: () => server.stop(),
  }
}
