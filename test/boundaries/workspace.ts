import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readSource, type SourceFile } from './source-file.ts'

/** One package of the monorepo. */
export interface Member {
  /** `packages/queue` */
  readonly folder: string
  readonly name: string
  readonly exports: readonly string[]
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  /** Files below `src`, which others run, and below `test`. */
  readonly source: readonly SourceFile[]
  readonly tests: readonly SourceFile[]
  /** Files below `page`, which are bundled and run in a browser. */
  readonly page: readonly SourceFile[]
}

export interface Workspace {
  readonly members: readonly Member[]
  /** devDependencies of the project itself: any test may use them. */
  readonly tools: readonly string[]
  /** Every file and folder of ours, from the project's folder. */
  readonly paths: readonly string[]
}

const KINDS = ['packages', 'services', 'examples']
const NOT_OURS = ['node_modules', 'dist', '.turbo', 'fixtures']
const OURS = [...KINDS, 'test', 'scripts', 'deploy', 'docs']

export function readWorkspace(root: string): Workspace {
  const folders = KINDS.flatMap((kind) => entries(root, kind)).filter((folder) =>
    existsSync(join(root, folder, 'package.json')),
  )
  return {
    members: folders.map((folder) => readMember(root, folder)),
    tools: Object.keys(readManifest(root, '.').devDependencies ?? {}),
    paths: OURS.flatMap((folder) => below(root, folder)),
  }
}

function readMember(root: string, folder: string): Member {
  const manifest = readManifest(root, folder)
  const [source = [], tests = [], page = []] = ['src', 'test', 'page'].map((part) =>
    sources(root, join(folder, part)),
  )
  return memberOf(folder, manifest, { source, tests, page })
}

interface Manifest {
  readonly name?: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export function memberOf(
  folder: string,
  manifest: Manifest,
  files: Partial<Pick<Member, 'source' | 'tests' | 'page'>>,
): Member {
  return {
    folder,
    name: manifest.name ?? folder,
    exports: Object.keys(manifest.exports ?? {}),
    dependencies: Object.keys(manifest.dependencies ?? {}),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    source: [],
    tests: [],
    page: [],
    ...files,
  }
}

function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
}

function sources(root: string, folder: string): SourceFile[] {
  return below(root, folder)
    .filter((path) => /\.(tsx?|js)$/.test(path))
    .map((path) => readSource(path, readFileSync(join(root, path), 'utf8')))
}

/** Every file and folder under `folder`, except what is installed or built. */
function below(root: string, folder: string): string[] {
  return entries(root, folder).flatMap((path) => [path, ...below(root, path)])
}

function entries(root: string, folder: string): string[] {
  const place = join(root, folder)
  if (!existsSync(place) || !statSync(place).isDirectory()) return []
  const names = readdirSync(place).filter((name) => !NOT_OURS.includes(name))
  return names.map((name) => join(folder, name))
}
