import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configJsonSchema } from '../src/index.ts'

const published = new URL('../schema/holdfast.config.schema.json', import.meta.url)

test('the published JSON Schema of the configuration is the one that the code makes', () => {
  // When this fails: npm run schema -w @holdfast/runtime
  expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(configJsonSchema())
})

test('the schema accepts a substitution wherever a value is not free text', () => {
  const { properties } = configJsonSchema() as { properties: { http: { properties: { port: unknown } } } }
  expect(properties.http.properties.port).toMatchObject({
    default: 8080,
    anyOf: [{ type: 'integer' }, { type: 'string', pattern: '\\$\\{' }],
  })
})
