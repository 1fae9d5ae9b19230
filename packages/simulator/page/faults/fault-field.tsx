import { useId } from 'preact/hooks'
import type { FaultParameter } from '../../src/listed-fault.ts'
import type { PageBot } from '../../src/page/feed.ts'

interface FaultFieldProps {
  readonly parameter: FaultParameter
  readonly bots: readonly PageBot[]
}

const UNITS = { ms: 'milliseconds', s: 'seconds' } as const

/** One parameter as a field: by its type, filled with what is sensible. */
export function FaultField({ parameter, bots }: FaultFieldProps) {
  const id = useId()
  const { means, unit, type } = parameter
  return (
    <div class="fault-field" data-type={type}>
      <label for={id}>
        {means}
        {unit === undefined ? null : <span class="unseen">, in {UNITS[unit]}</span>}
      </label>
      <span class="fault-input">
        <Input id={id} parameter={parameter} bots={bots} />
        {unit === undefined ? null : <span aria-hidden="true">{unit}</span>}
      </span>
    </div>
  )
}

function Input({ id, parameter, bots }: FaultFieldProps & { readonly id: string }) {
  const { name, type, optional, choices, least, most, example } = parameter
  const required = !optional
  if (type === 'flag')
    return <input id={id} name={name} type="checkbox" defaultChecked={parameter.default === true} />
  if (type === 'number') {
    const filled = optional ? parameter.default : example
    const bounds = { min: least, max: most, step: 'any' }
    const value = filled === undefined ? '' : String(filled)
    return <input id={id} name={name} type="number" {...bounds} defaultValue={value} required={required} />
  }
  const options =
    type === 'bot' ? bots.map((bot) => [bot.id, bot.name] as const) : choices?.map((text) => [text, text])
  if (!options)
    return <input {...{ id, name, required }} type="text" placeholder="any" defaultValue={example} />
  return (
    <select id={id} name={name} required={required}>
      {optional ? <option value="">{type === 'bot' ? 'all bots' : 'any'}</option> : null}
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}
