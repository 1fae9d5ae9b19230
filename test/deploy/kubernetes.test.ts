import { loadConfig, parseConfigText } from '@holdfast/runtime'
import { describe, expect, test } from 'vitest'
import { readPairs, stagesOf } from './dockerfile.ts'
import { readKubernetesFile, readKustomization, readManifests } from './manifests.ts'

const kustomization = readKustomization()
const manifests = kustomization.resources.flatMap(readManifests)
const deployments = manifests.filter(({ kind }) => kind === 'Deployment')
const STOP_GRACE_MS = loadConfig({ env: { DISCORD_TOKEN: 'any' } }).gateway.stopGraceMs

/** What each process takes to stop at most, in its own defaults. */
const STOPS_WITHIN_MS: Readonly<Record<string, number>> = {
  gateway: STOP_GRACE_MS + 5_000,
  worker: 10_000 + 2_000,
}

function deploymentOf(name: string) {
  const found = deployments.find(({ metadata }) => metadata.name === name)
  const pod = found?.spec.template.spec
  const container = pod?.containers[0]
  if (!found || !pod || !container) throw new Error(`no Deployment ${name}`)
  return { spec: found.spec, pod, container }
}

function variablesOf(name: string): Readonly<Record<string, string>> {
  const [, final] = stagesOf(name)
  const variables = final.instructions.filter(({ keyword }) => keyword === 'ENV')
  return Object.assign({}, ...variables.map(({ text }) => readPairs(text)))
}

describe.each(['gateway', 'worker'])('the Deployment of the %s', (name) => {
  const { spec, pod, container } = deploymentOf(name)

  test('starts new ones first, one by one, and never has fewer', () => {
    expect(spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    })
    expect(spec.replicas).toBeGreaterThan(1)
  })

  test('selects the pods of its own template', () => {
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
    expect(spec.selector.matchLabels['app.kubernetes.io/component']).toBe(name)
  })

  test('gives time to stop: more than the process takes at most', () => {
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(STOPS_WITHIN_MS[name] ?? 0)
  })

  test('runs as the user of its image, on files that nobody writes, within bounds', () => {
    const [, final] = stagesOf(name)
    expect(final.instructions.find(({ keyword }) => keyword === 'USER')?.text).toBe('1000:1000')
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000 })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.resources.limits.memory).toMatch(/^\d+Mi$/)
  })

  test('mounts what its pod has, and takes its image by the name that is replaced', () => {
    const volumes = pod.volumes.map((volume) => volume.name)
    expect(container.volumeMounts.map((mount) => mount.name).sort()).toEqual(volumes.sort())
    expect(kustomization.images.map((image) => image.name)).toContain(container.image)
  })
})

describe('a gateway', () => {
  const { pod, container } = deploymentOf('gateway')

  test('is ready by /readyz and alive by /livez, on the port it listens on', () => {
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' })
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'http' })
    const listens = { name: 'http', containerPort: Number(variablesOf('gateway').HOLDFAST_HTTP_PORT) }
    expect(container.ports).toEqual([listens])
  })

  test('has the id of its pod, and the rollout of its template', () => {
    const fields = container.env?.flatMap(({ name, valueFrom }) =>
      valueFrom ? [[name, valueFrom.fieldRef.fieldPath]] : [],
    )
    expect(fields).toEqual([
      ['HOLDFAST_REPLICA_ID', 'metadata.name'],
      ['HOLDFAST_DEPLOY_ID', "metadata.labels['pod-template-hash']"],
    ])
  })

  test('reads a configuration that is good, from a folder that changes reach without a rollout', () => {
    const env = { SLACK_BOT_TOKEN: 'xoxb-1', DISCORD_TOKEN: 'MTIz.abc.def' }
    const [{ name, files } = { name: '', files: [] }] = kustomization.configMapGenerator
    const config = parseConfigText(readKubernetesFile('holdfast.yaml'), 'holdfast.yaml', env)
    expect(config.connections.map(({ platform }) => platform)).toEqual(['slack', 'discord'])
    expect(files).toEqual(['holdfast.yaml'])
    expect(pod.volumes.find(({ configMap }) => configMap)?.configMap?.name).toBe(name)
    expect(kustomization.generatorOptions.disableNameSuffixHash).toBe(true)
    const folder = container.volumeMounts.find((mount) => mount.name === 'config')?.mountPath
    expect(container.env).toContainEqual({ name: 'HOLDFAST_CONFIG', value: `${folder}/holdfast.yaml` })
  })

  test('may write its journal where its image says', () => {
    const folders = container.volumeMounts.map(({ mountPath }) => mountPath)
    const journal = variablesOf('gateway').HOLDFAST_JOURNAL_DIR ?? ''
    expect(folders.filter((folder) => journal.startsWith(`${folder}/`))).toHaveLength(1)
  })

  test('is not taken away by a drain of nodes while another one goes', () => {
    const budget = manifests.find(({ kind }) => kind === 'PodDisruptionBudget')
    expect(budget?.spec.maxUnavailable).toBe(1)
    expect(budget?.spec.selector).toEqual(deploymentOf('gateway').spec.selector)
  })
})

test('a worker is ready while the file is there that its image names', () => {
  const { container } = deploymentOf('worker')
  const file = variablesOf('worker').HOLDFAST_READY_FILE
  expect(container.readinessProbe.exec?.command).toEqual(['test', '-f', file])
  expect(container).not.toHaveProperty('livenessProbe')
})
