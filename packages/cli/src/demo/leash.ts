/*
 * Loaded before the own module of every process of the demo: ends it with SIGTERM once the process that started it is
 * gone, however that went. The channel to it does not keep this process alive.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()

export {}
