export { type RunGatewayOptions, runGateway } from './run.ts'
