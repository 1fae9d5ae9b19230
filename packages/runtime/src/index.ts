export { type Clock, ManualClock, sleep, systemClock, type Timer } from './clock.ts'
