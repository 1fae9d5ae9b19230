/**
 * A part with a life of its own. `start()` resolves when it is ready, `stop()` when nothing of it remains. Both may be
 * called twice; `stop()` also before or during a start, since a part may hold things open from the moment it is made.
 */
export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * One service out of several: started in order, stopped in reverse. A stop reaches every one of them, started or not, and
 * goes through to the end; the first failure among them is thrown after it. If one fails to start, all are stopped and
 * its failure is thrown.
 */
export function composeServices(services: readonly Service[]): Service {
  let stopWanted = false
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  async function startAll(): Promise<void> {
    for (const service of services) {
      if (stopWanted) return
      await service.start()
    }
  }

  async function stopAll(): Promise<void> {
    const failures: unknown[] = []
    for (const service of services.toReversed())
      await service.stop().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  async function startOrUndo(): Promise<void> {
    try {
      await startAll()
    } catch (error) {
      stopping ??= stopAll()
      // The failed start is what must be told; a failed clean-up after it would only hide it.
      await stopping.catch(() => {})
      throw error
    }
  }

  return {
    start() {
      starting ??= startOrUndo()
      return starting
    },
    stop() {
      stopWanted = true
      // A failed start is told to whoever called start().
      stopping ??= (starting ?? Promise.resolve()).catch(() => {}).then(stopAll)
      return stopping
    },
  }
}
