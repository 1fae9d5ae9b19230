import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platform } from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import { copyContext } from './build-context.ts'
import { execForm, type Instruction, readPairs, type Stage, stagesOf } from './dockerfile.ts'
import { Layers } from './layers.ts'

/** What a Dockerfile makes: files below `root` as they would be below `/`, and how they are started. */
export interface Image {
  readonly root: string
  readonly workdir: string
  readonly variables: Readonly<Record<string, string>>
  readonly uid: number
  readonly gid: number
  /** What it listens on. */
  readonly port: number | undefined
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** A line for a shell. */
  readonly healthcheck: string
}

/**
 * Builds images without Docker: runs the Dockerfiles' own instructions over folders, with the Node and the npm of this
 * machine in place of the base image's. What all of them do first is done once, as Docker's cache would have it.
 */
export class ImageBuilder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'holdfast-images-'))
  readonly #context = join(this.#folder, 'context')
  readonly #shared: readonly Instruction[]
  readonly #finished: string[] = []
  #base: Promise<Layers> | undefined

  constructor(names: readonly string[]) {
    this.#shared = commonStart(names.map((name) => stagesOf(name)[0].instructions))
    // Users other than the one who builds start what is built.
    chmodSync(this.#folder, 0o755)
    copyContext(this.#context)
  }

  async build(name: string): Promise<Image> {
    const [build, final] = stagesOf(name)
    this.#base ??= this.#perform(new Layers(join(this.#folder, 'base')), this.#shared)
    const base = await this.#base
    const built = base.over(join(this.#folder, `${name}-build`))
    copyTree(base.root, built.root)
    await this.#perform(built, build.instructions.slice(this.#shared.length))
    const layers = new Layers(join(this.#folder, name))
    await this.#perform(layers, final.instructions, built.root)
    this.#finished.push(layers.root)
    execFileSync('chmod', ['-R', 'a-w', layers.root])
    return imageOf(layers, final)
  }

  async remove(): Promise<void> {
    for (const root of this.#finished) execFileSync('chmod', ['-R', 'u+w', root])
    await rm(this.#folder, { recursive: true })
  }

  async #perform(layers: Layers, instructions: readonly Instruction[], built = ''): Promise<Layers> {
    mkdirSync(layers.root, { recursive: true })
    for (const instruction of instructions) {
      const variables = instruction.keyword === 'ENV' ? readPairs(instruction.text) : {}
      await layers.apply(instruction, variables, (from) => (from === undefined ? this.#context : built))
    }
    return layers
  }
}

function imageOf({ root, workdir }: Layers, { instructions }: Stage): Image {
  const last = (keyword: string) => instructions.findLast((each) => each.keyword === keyword)?.text ?? ''
  const [uid = 0, gid = 0] = last('USER').split(':').map(Number)
  const variables = instructions.filter(({ keyword }) => keyword === 'ENV').map(({ text }) => readPairs(text))
  return {
    root,
    workdir,
    uid,
    gid,
    port: Number(last('EXPOSE')) || undefined,
    variables: Object.assign({}, ...variables),
    entrypoint: execForm(last('ENTRYPOINT')) ?? [],
    command: execForm(last('CMD')) ?? [],
    healthcheck: last('HEALTHCHECK').replace(/^CMD /, ''),
  }
}

function commonStart(lists: readonly (readonly Instruction[])[]): readonly Instruction[] {
  const [first = [], ...others] = lists
  const length = first.findIndex((each, index) =>
    others.some((list) => !isDeepStrictEqual(list[index], each)),
  )
  return first.slice(0, length)
}

/** Hard links where `cp` knows them: the steps that follow replace files, they never write into them. */
function copyTree(from: string, to: string): void {
  execFileSync('cp', [platform === 'linux' ? '-al' : '-a', from, to])
}
