#!/usr/bin/env node
import { argv, exit, stderr, stdout } from 'node:process'
import { gatewayCommand } from './command.ts'

exit(await gatewayCommand(argv.slice(2), { stdout, stderr }))
