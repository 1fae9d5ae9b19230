/** Why a subscription was not removed. */
export type RemovalRefusal =
  /** There is none of that name. */
  | 'unknown'
  /** The configuration file fixes it, and would declare it again. */
  | 'fixed'
  /** Workers of it are live. */
  | 'workers'

/** Ends subscriptions, and halts and resumes them. */
export interface SubscriptionAdmin {
  /**
   * Removes a subscription with its queues and all that is in them: events that wait, dead letters, records, the state of runs.
   * No gateway routes to it any more when its queues go. With `force` also while workers are live; they run on and get nothing until
   * they are started again.
   */
  remove(subscription: string, options?: { readonly force?: boolean }): Promise<'removed' | RemovalRefusal>
  /** Removes those for development that have been without a worker for too long. Resolves with their names. */
  removeExpired(): Promise<readonly string[]>
  /** Workers take nothing from either of its queues until `resume`; events wait. What runs goes on. */
  pause(subscription: string): Promise<'paused' | 'unknown'>
  resume(subscription: string): Promise<'resumed' | 'unknown'>
  isPaused(subscription: string): Promise<boolean>
  stop(): Promise<void>
}
