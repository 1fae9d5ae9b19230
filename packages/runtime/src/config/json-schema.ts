import { z } from 'zod'
import { configSchema } from './schema.ts'

/**
 * The JSON Schema of the configuration file, as editors use it. Where a value is not text, text with a `${…}` in it is
 * accepted too, since that is what the file holds before substitution; where a list may be one text, text is.
 */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      if (jsonSchema.type === 'array' && zodSchema._zod.def.type === 'pipe') acceptText(jsonSchema)
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

/** A list that is also read from one text. */
function acceptText(jsonSchema: z.core.JSONSchema.BaseSchema): void {
  const { description, ...list } = jsonSchema
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
  Object.assign(jsonSchema, { description, anyOf: [list, { type: 'string' }] })
}
