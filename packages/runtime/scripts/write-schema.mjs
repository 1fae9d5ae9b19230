// Writes the published JSON Schema of the configuration file; run after `npm run build`.
import { writeFileSync } from 'node:fs'
import { configJsonSchema } from '../dist/index.js'

const file = new URL('../schema/holdfast.config.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`)
