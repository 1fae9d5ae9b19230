/** A request to the simulator itself that can't be served. The message says what, where and what to do. */
export class SimulatorError extends Error {
  readonly code: 'bad-request' | 'not-found'

  constructor(code: SimulatorError['code'], message: string) {
    super(message)
    this.name = 'SimulatorError'
    this.code = code
  }
}
