import type { OpenSocket } from '../drivers/socket.ts'
import type { ConnectionDriver, Publish } from '../ports.ts'

/** What the driver of one unit is given beside what all drivers share. */
export interface UnitTools {
  /** As `DriverTools.publish`; takes note of what is confirmed. */
  readonly publish: Publish
  /** Opens a socket only while the unit may be served here. */
  readonly openSocket: OpenSocket
  /** As `DriverTools.isOurs`. */
  readonly isOurs: () => Promise<boolean>
  /** As `DriverTools.onFenced`. */
  readonly onFenced: () => void
  /** As `DriverTools.onOusted`. */
  readonly onOusted: () => void
}

/** A unit that this replica could serve. */
export interface Candidate {
  /** `acme`, or `bastion/3` for a shard. */
  readonly unit: string
  readonly connection: string
  /** Discord only. */
  readonly shard?: number
  /** As `OwnUnit.provesBeside`. */
  readonly provesBeside: boolean
  readonly makeDriver: (tools: UnitTools) => ConnectionDriver
}
