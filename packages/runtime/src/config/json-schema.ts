import { z } from 'zod'
import { configSchema } from './schema.ts'

/**
 * The JSON Schema of the configuration file, as editors use it. Where a value is not text, text with a `${…}` in it is
 * accepted too, since that is what the file holds before substitution.
 */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override({ jsonSchema }) {
      const typed =
        jsonSchema.type === 'integer' ||
        jsonSchema.type === 'boolean' ||
        jsonSchema.enum ||
        jsonSchema.pattern
      if (!typed) return
      const { description, default: fallback, ...plain } = jsonSchema
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      Object.assign(jsonSchema, {
        ...(description === undefined ? {} : { description }),
        ...(fallback === undefined ? {} : { default: fallback }),
        anyOf: [plain, { type: 'string', pattern: '\\$\\{' }],
      })
    },
  })
  return { ...schema, title: 'Holdfast configuration (holdfast.yaml)' }
}
