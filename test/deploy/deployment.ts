import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@holdfast/runtime'
import { onTestFinished } from 'vitest'
import { type Composition, graceMs, readComposition, readEnvFile } from './composition.ts'
import { Container } from './container.ts'
import type { Image } from './images.ts'

type Variables = Readonly<Record<string, string>>

/**
 * The services of compose.yaml, as simulate.env fills it in, on this machine: where they say a host of Docker's networks
 * or a port of their own, they are told an address of 127.0.0.1.
 */
export class Deployment {
  readonly #composition: Composition = readComposition(readEnvFile('simulate.env'))
  readonly #images: ReadonlyMap<string, Image>
  readonly #ports: ReadonlyMap<number, number>
  readonly #redisUrl: string
  readonly #prefix: string

  /** `redisUrl` is in place of the service `redis`. */
  static async create(images: ReadonlyMap<string, Image>, redisUrl: string): Promise<Deployment> {
    const exposed = [...images.values()].flatMap(({ port }) => (port === undefined ? [] : [port]))
    const ports = await Promise.all(exposed.map(async (port) => [port, await freePort()] as const))
    return new Deployment(images, redisUrl, new Map(ports))
  }

  private constructor(
    images: ReadonlyMap<string, Image>,
    redisUrl: string,
    ports: ReadonlyMap<number, number>,
  ) {
    this.#images = images
    this.#redisUrl = redisUrl
    this.#ports = ports
    this.#prefix = `{deploy-${[...ports.values()].join('-')}}`
  }

  /** The address on this machine of what listens on `port` in its container. */
  urlOf(port: number): string {
    return `http://127.0.0.1:${this.#ports.get(port)}`
  }

  /** Not started yet. `own` goes over what compose.yaml says. */
  container(name: string, own: Variables = {}): Container {
    const service = this.#composition.services[name]
    const image = this.#images.get(name)
    if (!service || !image) throw new Error(`there is no service or no image ${name}`)
    const variables = this.#here({ ...image.variables, ...service.environment })
    const place = {
      HOLDFAST_PREFIX: this.#prefix,
      HOLDFAST_READY_FILE: join(writableFolder(), 'ready'),
      HOLDFAST_JOURNAL_DIR: join(writableFolder(), 'journal'),
    }
    return new Container(this.#imageHere(image), { ...variables, ...place, ...own }, graceMs(service))
  }

  #imageHere(image: Image): Image {
    const command = image.command.map((text) => this.#localized(text))
    return { ...image, command, healthcheck: this.#localized(image.healthcheck) }
  }

  #here(variables: Variables): Variables {
    const pairs = Object.entries(variables).map(([name, text]) => [name, this.#localized(text)])
    return Object.fromEntries(pairs) as Variables
  }

  #localized(text: string): string {
    const local = text
      .replace('redis://redis:6379', this.#redisUrl)
      .replace('//simulator:', '//127.0.0.1:')
      .replace('0.0.0.0', '127.0.0.1')
    return [...this.#ports].reduce(
      (known, [inside, here]) => known.replace(String(inside), String(here)),
      local,
    )
  }
}

/** In place of a tmpfs or a volume: any user may write in it. */
export function writableFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-container-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o777)
  return folder
}
