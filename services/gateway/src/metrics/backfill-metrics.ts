import type { Register } from '@holdfast/runtime'
import type { BackfillMetrics } from '../backfill/backfill-tools.ts'
import type { ShownConnections } from './connection-metrics.ts'

/** What is shown of filling in gaps, connection by connection. */
export function backfillMetrics(
  register: Register,
): Omit<BackfillMetrics, 'gap'> & Pick<ShownConnections, 'connection' | 'forgetConnection'> {
  const messages = register.counter(
    'holdfast_backfill_messages_total',
    'Messages from history that are confirmed, those included that were on the queue before.',
    ['connection'],
  )
  const requests = register.counter(
    'holdfast_backfill_requests_total',
    'Requests to a platform to fill in gaps from history.',
    ['connection'],
  )
  const owed = register.gauge(
    'holdfast_backfill_owed',
    'Gaps of units served here that are not filled in yet.',
    ['connection'],
  )
  return {
    filled: (connection, count) => messages.inc({ connection }, count),
    asked: (connection) => requests.inc({ connection }),
    owed: (connection, change) => owed.inc({ connection }, change),
    connection: (connection) => owed.inc({ connection }, 0),
    forgetConnection(connection) {
      for (const metric of [messages, requests, owed]) metric.remove({ connection })
    },
  }
}
