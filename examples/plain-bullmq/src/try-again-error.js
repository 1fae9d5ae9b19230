/** The platform had no time, or was away: nothing came of the call. */
export class TryAgainError extends Error {
  /**
   * @param {string} message
   * @param {number} afterMs
   */
  constructor(message, afterMs) {
    super(message)
    this.afterMs = afterMs
  }
}

/** @param {Response} response */
export function refuseLater(response) {
  const seconds = Number(response.headers.get('retry-after') ?? 1)
  if (response.status === 429) throw new TryAgainError('asked to wait', seconds * 1_000)
  if (response.status >= 500) throw new TryAgainError(`answered ${response.status}`, 1_000)
}
