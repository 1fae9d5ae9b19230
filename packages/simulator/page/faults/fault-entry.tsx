import { Icon } from '@holdfast/ui'
import { ChevronDown, ChevronRight, Zap } from 'lucide'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { FaultParameter } from '../../src/listed-fault.ts'
import type { PageBot } from '../../src/page/feed.ts'
import { FaultField } from './fault-field.tsx'
import { type FaultValues, valuesOf } from './fault-values.ts'

interface FaultEntryProps {
  readonly name: string
  readonly does: string
  readonly parameters: readonly FaultParameter[]
  readonly bots: readonly PageBot[]
  readonly isOpen: boolean
  toggle(): void
  make(values: FaultValues): void
}

/** One fault: what it does; once opened, the form of what it takes and the button that makes it happen. */
export function FaultEntry({ name, does, parameters, bots, isOpen, toggle, make }: FaultEntryProps) {
  const formId = useId()
  const entry = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isOpen) entry.current?.scrollIntoView({ block: 'nearest' })
  }, [isOpen])
  return (
    <li class="fault" data-open={isOpen} ref={entry}>
      <button
        type="button"
        class="fault-name"
        aria-expanded={isOpen}
        aria-controls={isOpen ? formId : undefined}
        onClick={toggle}
      >
        <Icon of={isOpen ? ChevronDown : ChevronRight} />
        <span>
          <strong>{name}</strong>
          <span class="fault-does">{does}</span>
        </span>
      </button>
      {isOpen ? (
        <form
          id={formId}
          class="fault-form"
          aria-label={name}
          onSubmit={(event) => {
            event.preventDefault()
            make(valuesOf(new FormData(event.currentTarget), parameters))
          }}
        >
          {parameters.map((parameter) => (
            <FaultField key={parameter.name} parameter={parameter} bots={bots} />
          ))}
          <button type="submit" class="button" data-look="primary">
            <Icon of={Zap} /> Make it happen
          </button>
        </form>
      ) : null}
    </li>
  )
}
