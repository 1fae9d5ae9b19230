// `npm run demo`: set-up, then `holdfast demo` in this same process, so that signals reach it directly.
import { join } from 'node:path'
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'
import { ROOT, setUp } from './setup.mjs'

await setUp()
argv.splice(2, 0, 'demo')
await import(pathToFileURL(join(ROOT, 'packages/cli/dist/main.js')).href)
