import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { PROJECT } from './build-context.ts'

/** As much of a service of compose.yaml as is relied upon. */
export interface ComposeService {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly container_name?: string
  readonly profiles?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>
  readonly stop_grace_period: string
  readonly restart: string
  readonly read_only?: boolean
  readonly tmpfs?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly ports?: readonly string[]
  readonly networks: readonly string[]
  readonly volumes?: readonly string[]
  readonly command?: string
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly logging: { readonly options: Readonly<Record<string, string>> }
  readonly deploy: {
    readonly replicas?: number
    readonly resources: { readonly limits: Readonly<Record<string, string | number>> }
  }
}

export interface Composition {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly volumes: Readonly<Record<string, object>>
}

/** compose.yaml with `${NAME}` and `${NAME:-default}` filled in. An empty variable takes the default, as in Compose. */
export function readComposition(variables: Readonly<Record<string, string>> = {}): Composition {
  const fill = (text: string) =>
    text.replaceAll(
      /\$\{(\w+)(?::-([^}]*))?\}/g,
      (_, name: string, byDefault = '') => variables[name] || byDefault,
    )
  const text = readFileSync(join(PROJECT, 'deploy/compose.yaml'), 'utf8')
  return parse(text, (_, value) => (typeof value === 'string' ? fill(value) : value), { merge: true })
}

/** The variables of a file such as simulate.env. */
export function readEnvFile(name: string): Readonly<Record<string, string>> {
  const lines = readFileSync(join(PROJECT, 'deploy', name), 'utf8').split('\n')
  const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split(/=(.*)/s, 2))
  return Object.fromEntries(pairs) as Record<string, string>
}

/** `20s` in milliseconds. */
export const graceMs = (service: ComposeService): number =>
  Number.parseInt(service.stop_grace_period, 10) * 1000
