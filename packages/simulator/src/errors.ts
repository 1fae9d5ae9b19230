/** A request to the simulator itself that can't be served, or a port where it can't listen. The message says what, where and what to do. */
export class SimulatorError extends Error {
  readonly code: 'bad-request' | 'not-found' | 'port-in-use'

  constructor(code: SimulatorError['code'], message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'SimulatorError'
    this.code = code
  }
}
