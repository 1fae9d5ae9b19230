export { type RunConsoleOptions, runConsole } from './run.ts'
