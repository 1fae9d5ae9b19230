export {
  type Delivery,
  EVENT_VERSION,
  type EventAttributes,
  type HoldfastEvent,
  type OutgoingEvent,
  type Platform,
} from './event.ts'
