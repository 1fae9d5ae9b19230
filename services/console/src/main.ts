import process, { argv, stderr, stdout } from 'node:process'
import { consoleCommand } from './command.ts'

process.exitCode = await consoleCommand(argv.slice(2), { stdout, stderr })
