export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
export type {
  ConnectionDriver,
  ConnectionMetrics,
  ConnectionStatus,
  DriverTools,
  Publish,
} from './ports.ts'
export { type RunGatewayOptions, runGateway } from './run.ts'
export type { DriverFactory } from './units.ts'
export { Watermark } from './watermark.ts'
