import process, { argv, stderr, stdout } from 'node:process'
import { gatewayCommand } from './command.ts'

process.exitCode = await gatewayCommand(argv.slice(2), { stdout, stderr })
