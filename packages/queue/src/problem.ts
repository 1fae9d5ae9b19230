/** Base of this package's errors. Decide on `code`, never on text. */
export class QueueError extends Error {
  readonly code: 'stopped' | 'layout' | 'refused' | 'unreachable' | 'bullmq' | 'partitions' | 'filter'

  constructor(code: QueueError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'QueueError'
    this.code = code
  }
}
