#!/usr/bin/env node
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)

if (existsSync(main)) {
  await import(main.href)
} else {
  console.error('holdfast-console: not built yet; type `npm run build` in the folder of the repository')
  process.exitCode = 2
}
