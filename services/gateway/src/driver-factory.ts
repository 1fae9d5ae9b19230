import type { DriverTools } from './ports.ts'
import type { DriverFactory } from './units.ts'

/** The real drivers. */
export function createDrivers(_tools: DriverTools): DriverFactory {
  const missing = () => {
    throw new Error('the drivers have not landed yet')
  }
  return { slackRtm: missing, discord: missing }
}
