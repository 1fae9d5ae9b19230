/** A handler that holds its conversation for longer, while others wait behind it, is told of: by its worker's log, by those who look. */
export const LANE_HOLD_MS = 60_000
