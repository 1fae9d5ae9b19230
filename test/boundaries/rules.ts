import type { Import, SourceFile } from './source-file.ts'
import type { Member, Workspace } from './workspace.ts'

/** One boundary. `broken` names each place that crosses it. */
export interface Rule {
  readonly rule: string
  readonly why: string
  readonly broken: (workspace: Workspace) => readonly string[]
  /** A file that crosses it: the rule must catch this, or it guards nothing. */
  readonly sample: { readonly path: string; readonly text: string }
}

/** Who may import which of our packages. What is not listed may import none. Pages may import the look of pages. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/local-redis': ['runtime'],
  'packages/ownership': ['runtime'],
  'packages/queue': ['events', 'runtime'],
  'packages/worker': ['events', 'queue', 'runtime'],
  'packages/simulator': ['protocol'],
  'packages/ledger': ['simulator'],
  // `ownership` for `holdfast status`, which reads members and leases where no process but Redis need live.
  'packages/cli': [
    'console',
    'events',
    'gateway',
    'ledger',
    'local-redis',
    'ownership',
    'queue',
    'runtime',
    'simulator',
    'worker',
  ],
  'services/gateway': ['events', 'ownership', 'protocol', 'queue', 'runtime'],
  'services/console': ['events', 'ownership', 'queue', 'runtime'],
  examples: ['worker'],
}

const MAY_USE_REDIS = ['local-redis', 'ownership', 'queue', 'runtime', 'worker'].map(
  (name) => `packages/${name}`,
)
const MAY_OPEN_SOCKETS = ['services/gateway', 'packages/simulator']
const PAGE_MAY_IMPORT = ['ui']
const CLOCKS = ['packages/runtime/src/clock.ts', 'packages/simulator/src/clock.ts']
const NAMELESS = ['utils', 'util', 'common', 'helpers', 'helper', 'shared', 'manager', 'base', 'misc']

export const RULES: readonly Rule[] = [
  {
    rule: 'packages import only those of ours that their place in the design allows',
    why: 'each part can be read, tested and replaced with few others in mind, and the arrows never turn around',
    broken: imports((file, { specifier }, member) => {
      const name = /^@holdfast\/([^/]+)/.exec(specifier)?.[1]
      return (
        name !== undefined && (inSource(file) || inPage(file)) && !allowedFor(file, member).includes(name)
      )
    }),
    sample: {
      path: 'packages/protocol/src/sample.ts',
      text: "import { systemClock } from '@holdfast/runtime'",
    },
  },
  {
    rule: 'services never import each other',
    why: 'they are deployed and restarted apart; what two of them need is a package',
    broken: imports(
      (file, { specifier }) =>
        file.path.startsWith('services/') &&
        inSource(file) &&
        /^@holdfast\/(gateway|console)\b/.test(specifier),
    ),
    sample: {
      path: 'services/console/src/sample.ts',
      text: "import { runGateway } from '@holdfast/gateway'",
    },
  },
  {
    rule: 'the simulator takes only types from protocol',
    why: "a fake that shares the client's state machines shares its misreadings and proves nothing",
    broken: imports(
      (file, { specifier, typeOnly }) =>
        file.path.startsWith('packages/simulator/src') && specifier.startsWith('@holdfast/') && !typeOnly,
    ),
    sample: { path: 'packages/simulator/src/sample.ts', text: "import { step } from '@holdfast/protocol'" },
  },
  {
    rule: 'the ledger takes only types from the simulator',
    why: 'it judges by what is recorded and noted, also in processes that simulate nothing; what Holdfast says of itself is no evidence',
    broken: imports(
      (file, { specifier, typeOnly }) =>
        file.path.startsWith('packages/ledger/src') && specifier.startsWith('@holdfast/') && !typeOnly,
    ),
    sample: {
      path: 'packages/ledger/src/sample.ts',
      text: "import { createSimulator } from '@holdfast/simulator'",
    },
  },
  {
    rule: 'pages take only types from the server that serves them',
    why: 'a page runs in a browser: what it is told is a contract, and nothing of the server may end in its bundle',
    broken: imports(
      (file, { specifier, typeOnly }) => inPage(file) && !typeOnly && /^(\.\.\/)+src\//.test(specifier),
    ),
    sample: {
      path: 'packages/simulator/page/sample.tsx',
      text: "import { FakeSlack } from '../src/slack/fake-slack.ts'",
    },
  },
  {
    rule: 'pages and their look import nothing of Node',
    why: 'they run in a browser',
    broken: imports(
      (file, { specifier }) => (inPage(file) || isIn('packages/ui/src', file)) && isNodes(specifier),
    ),
    sample: { path: 'services/console/page/sample.tsx', text: "import { readFile } from 'node:fs'" },
  },
  {
    rule: 'protocol imports nothing of Node',
    why: 'its machines are pure: no socket, no clock, no file; the drivers of the gateway are the world',
    broken: imports((file, { specifier }) => isIn('packages/protocol/src', file) && isNodes(specifier)),
    sample: { path: 'packages/protocol/src/sample.ts', text: "import { connect } from 'node:net'" },
  },
  {
    rule: 'events imports nothing of Node but its hashes',
    why: 'the event is a shape and a codec, without input or output',
    broken: imports(
      (file, { specifier }) =>
        isIn('packages/events/src', file) && isNodes(specifier) && specifier !== 'node:crypto',
    ),
    sample: { path: 'packages/events/src/sample.ts', text: "import { readFile } from 'node:fs/promises'" },
  },
  {
    rule: 'only packages/queue imports bullmq, and the example of a worker without our SDK',
    why: 'what needs its inside is in one place, where the conformance suite notices a new version',
    broken: imports(
      (file, { specifier }) =>
        specifier === 'bullmq' && !isIn('packages/queue', file) && !isIn('examples/plain-bullmq', file),
    ),
    sample: { path: 'packages/worker/src/sample.ts', text: "import { Worker } from 'bullmq'" },
  },
  {
    rule: 'only packages that own a piece of Redis import ioredis',
    why: 'each key has one home; services speak to ports',
    broken: imports(
      (file, { specifier, typeOnly }) =>
        specifier === 'ioredis' &&
        inSource(file) &&
        !typeOnly &&
        !MAY_USE_REDIS.some((home) => isIn(home, file)),
    ),
    sample: { path: 'services/gateway/src/sample.ts', text: "import { Redis } from 'ioredis'" },
  },
  {
    rule: 'only the gateway and the simulator open websockets',
    why: 'workers are stateless: whoever holds a socket is what a deploy must not touch',
    broken: imports(
      (file, { specifier }) =>
        specifier === 'ws' && inSource(file) && !MAY_OPEN_SOCKETS.some((home) => isIn(home, file)),
    ),
    sample: { path: 'packages/worker/src/sample.ts', text: "import { WebSocket } from 'ws'" },
  },
  {
    rule: 'imports of our packages stay within their exports',
    why: 'what an index does not list is private and may change without asking',
    broken: (workspace) => imports((_file, { specifier }) => isDeep(specifier, workspace))(workspace),
    sample: {
      path: 'packages/worker/src/sample.ts',
      text: "import { x } from '@holdfast/queue/src/sink.ts'",
    },
  },
  {
    rule: 'relative imports stay within their package',
    why: 'a path into a neighbour is a deep import in disguise',
    broken: imports(
      (file, { specifier }, member) =>
        specifier.startsWith('.') && !resolved(file, specifier).startsWith(`${member.folder}/`),
    ),
    sample: { path: 'packages/worker/src/sample.ts', text: "import { x } from '../../queue/src/sink.ts'" },
  },
  {
    rule: 'time and chance come from a clock that is given',
    why: 'whatever waits or draws can then be tested on a clock that stands still; the examples are bots of users, who use timers as they like, and pages live by the clock of their browser',
    broken: (workspace) =>
      everyFile(workspace)
        .filter(({ file }) => inSource(file) && !CLOCKS.includes(file.path))
        .filter(({ file }) => !isIn('examples', file) && !isIn('packages/ui', file))
        .flatMap(({ file }) => file.ambient.map((use) => `${file.path} uses ${use}`)),
    sample: { path: 'packages/worker/src/sample.ts', text: 'setTimeout(() => {}, Math.random() * 1000)' },
  },
  {
    rule: 'every import is declared in the package.json of its package',
    why: 'what works by the accident of a shared node_modules breaks where the package is installed alone',
    broken: (workspace) =>
      imports((file, one, member) => isUndeclared(file, one, member, workspace))(workspace),
    sample: { path: 'packages/protocol/src/sample.ts', text: "import { z } from 'zod'" },
  },
  {
    rule: 'no file or folder has a name that says nothing',
    why: 'what has no name has no home yet: utils, common, helpers, shared grow without end',
    broken: ({ paths }) => paths.filter((path) => NAMELESS.includes(lastName(path))),
    sample: { path: 'packages/worker/src/utils/sample.ts', text: '' },
  },
]

/** Dependencies that no file of the package imports: they are installed by everyone for nothing. */
export function unusedDependencies({ members }: Workspace): readonly string[] {
  return members.flatMap((member) => {
    const used = new Set(
      member.source.flatMap((file) => file.imports.map(({ specifier }) => packageOf(specifier))),
    )
    return member.dependencies
      .filter((name) => !used.has(name))
      .map((name) => `${member.folder} declares ${name}`)
  })
}

type ImportTest = (file: SourceFile, one: Import, member: Member) => boolean

function imports(crosses: ImportTest): Rule['broken'] {
  return (workspace) =>
    everyFile(workspace).flatMap(({ file, member }) =>
      file.imports
        .filter((one) => crosses(file, one, member))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    )
}

function everyFile({ members }: Workspace): { file: SourceFile; member: Member }[] {
  return members.flatMap((member) =>
    [...member.source, ...member.tests, ...member.page].map((file) => ({ file, member })),
  )
}

function allowedFor(file: SourceFile, { folder }: Member): readonly string[] {
  if (inPage(file)) return PAGE_MAY_IMPORT
  return MAY_IMPORT[folder.startsWith('examples/') ? 'examples' : folder] ?? []
}

function isDeep(specifier: string, { members }: Workspace): boolean {
  const match = /^(@holdfast\/[^/]+)(\/.+)?$/.exec(specifier)
  if (!match?.[2]) return false
  const target = members.find((member) => member.name === match[1])
  return !target?.exports.includes(`.${match[2]}`)
}

function isUndeclared(
  file: SourceFile,
  { specifier }: Import,
  member: Member,
  { tools }: Workspace,
): boolean {
  if (specifier.startsWith('.') || isNodes(specifier)) return false
  const name = packageOf(specifier)
  if (name === member.name || member.dependencies.includes(name)) return false
  return inSource(file) || !(member.devDependencies.includes(name) || tools.includes(name))
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function isIn(folder: string, { path }: SourceFile): boolean {
  return path.startsWith(`${folder}/`)
}

/** Bundled for a browser. */
export function inPage({ path }: SourceFile): boolean {
  return path.split('/')[2] === 'page'
}

function inSource({ path }: SourceFile): boolean {
  return path.split('/')[2] === 'src'
}

function isNodes(specifier: string): boolean {
  return (
    specifier.startsWith('node:') || ['fs', 'net', 'http', 'path', 'crypto', 'timers'].includes(specifier)
  )
}

function resolved(file: SourceFile, specifier: string): string {
  return new URL(specifier, `file:///${file.path}`).pathname.slice(1)
}

function lastName(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\..*$/, '')
}
