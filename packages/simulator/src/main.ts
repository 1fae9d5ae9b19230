import { runCommand } from './command.ts'

try {
  const simulator = await runCommand(process.argv.slice(2), (text) => process.stdout.write(text))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator?.stop())
} catch (error) {
  process.stderr.write(`holdfast-simulator: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
