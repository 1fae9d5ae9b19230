// BullMQ ships its Lua under dist/cjs/scripts, without types for that path.
declare module 'bullmq/dist/cjs/scripts/index.js' {
  interface BullScript {
    readonly name: string
    readonly content: string
    readonly keys: number
  }
  const scripts: Readonly<
    Record<
      | 'addStandardJob'
      | 'addDelayedJob'
      | 'moveToDelayed'
      | 'moveToFinished'
      | 'moveJobFromActiveToWait'
      | 'moveToActive'
      | 'reprocessJob',
      BullScript
    >
  >
  export default scripts
}
