import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { PROJECT } from './build-context.ts'

interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string }
  readonly exec?: { readonly command: readonly string[] }
}

/** A variable of a container, as much of it as is relied upon. */
interface EnvVariable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}

interface PodContainer {
  readonly image: string
  readonly env?: readonly EnvVariable[]
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly readinessProbe: Probe
  readonly livenessProbe?: Probe
  readonly resources: { readonly limits: Readonly<Record<string, string>> }
  readonly securityContext: object
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}

/** A manifest, as much of it as is relied upon. */
export interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly replicas: number
    readonly maxUnavailable?: number
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
    readonly strategy: object
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly securityContext: object
        readonly containers: readonly PodContainer[]
        readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[]
      }
    }
  }
}

export interface Kustomization {
  readonly resources: readonly string[]
  readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[]
  readonly generatorOptions: { readonly disableNameSuffixHash: boolean }
  readonly images: readonly { readonly name: string }[]
}

/** A service of swarm/stack.yaml, as much of it as is relied upon. */
export interface StackService {
  readonly environment: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test: readonly string[]; readonly start_period: string }
  readonly stop_grace_period: string
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly deploy: {
    readonly replicas: number
    readonly update_config: Readonly<Record<string, unknown>>
    readonly rollback_config: Readonly<Record<string, unknown>>
  }
}

const read = (path: string) => readFileSync(join(PROJECT, 'deploy', path), 'utf8')

export const readKustomization = (): Kustomization => parse(read('kubernetes/kustomization.yaml'))

/** The documents of a file below deploy/kubernetes. */
export function readManifests(name: string): readonly Manifest[] {
  return parseAllDocuments(read(`kubernetes/${name}`)).map((document) => document.toJS() as Manifest)
}

/** The services of swarm/stack.yaml, variables as they stand. */
export function readStack(): Readonly<Record<string, StackService>> {
  return parse(read('swarm/stack.yaml'), { merge: true }).services
}

/** A file below deploy/kubernetes as text. */
export const readKubernetesFile = (name: string): string => read(`kubernetes/${name}`)
