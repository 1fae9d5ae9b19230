import { LogLevel } from '@slack/socket-mode'

/** Drops what a library says to the console about faults that a test makes on purpose. */
export const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}
