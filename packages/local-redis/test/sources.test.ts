import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { fromDebianPackage } from '../src/sources/debian.ts'
import { parseDependencies } from '../src/sources/debian-packages.ts'
import { fromDocker } from '../src/sources/docker.ts'
import { fromHomebrew } from '../src/sources/homebrew.ts'
import { fromSearchPath } from '../src/sources/search-path.ts'
import { fakeMachine } from './fake-programs.ts'

const REDIS_7 = 'echo "Redis server v=7.0.15 sha=00000000:0"'

describe('the PATH', () => {
  test('gives redis-server, and valkey-server where that is missing', async () => {
    const redis = await fromSearchPath(await fakeMachine({ 'redis-server': REDIS_7 }))
    const valkey = await fromSearchPath(await fakeMachine({ 'valkey-server': 'echo "Server v=8.1.0 sha=0"' }))
    expect(redis?.description).toBe('redis-server 7.0.15 (from the PATH)')
    expect(valkey?.description).toBe('valkey-server 8.1.0 (from the PATH)')
  })

  test('is passed over, saying why, when its server is too old or does not run', async () => {
    const old = await fakeMachine({ 'redis-server': 'echo "Redis server v=5.0.7 sha=0"' })
    const broken = await fakeMachine({ 'redis-server': 'echo "libjemalloc.so.2: not found" >&2; exit 127' })
    expect(await fromSearchPath(old)).toBeUndefined()
    expect(old.lines).toEqual(['redis-server is version 5.0.7, older than 6.2; looking further'])
    expect(await fromSearchPath(broken)).toBeUndefined()
    expect(broken.lines).toEqual([
      'redis-server does not run here: libjemalloc.so.2: not found; looking further',
    ])
  })
})

const DEPENDS = `case "$*" in
  show*) echo "Version: 7" ;;
  *" redis-server") echo "redis-server"; echo "  PreDepends: init-system-helpers"; echo "  Depends: redis-tools" ;;
  *" redis-tools") echo " |Depends: libsystemd0"; echo "  Depends: libelogind0"; echo "  Depends: libjemalloc2" ;;
esac`
const UNPACKS = `case "$1" in
  -x) /bin/mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu"
      printf '#!/bin/sh\\necho "Redis server v=7.0.15 $LD_LIBRARY_PATH"\\n' >"$3/usr/bin/redis-server"
      /bin/chmod +x "$3/usr/bin/redis-server" ;;
esac`
const DEBIAN = {
  'apt-cache': DEPENDS,
  'apt-get': 'case "$1" in download) for last; do :; done; : >"$last.deb" ;; esac',
  dpkg: UNPACKS,
  'dpkg-query': 'case "$*" in *libelogind0*) echo installed ;; *) exit 1 ;; esac',
}

describe("the distribution's package", () => {
  test('is fetched with the libraries that are not installed, unpacked and run with them', async () => {
    const machine = await fakeMachine(DEBIAN)
    const program = await fromDebianPackage(machine)
    expect(program?.description).toMatch(/usr\/bin\/redis-server 7\.0\.15 \(unpacked package\)$/)
    expect(program?.env.LD_LIBRARY_PATH).toMatch(/package\/usr\/lib\/x86_64-linux-gnu$/)
    expect(await readFile(machine.callsFile, 'utf8')).toMatch(
      /apt-get download -qq -o APT::Sandbox::User=root redis-server redis-tools libjemalloc2\n/,
    )
  })

  test('is not fetched a second time', async () => {
    const machine = await fakeMachine(DEBIAN)
    await fromDebianPackage(machine)
    await fromDebianPackage(machine)
    const calls = await readFile(machine.callsFile, 'utf8')
    expect(calls.match(/^apt-get download/gm)).toHaveLength(1)
  })

  test('is passed over, saying why, when it cannot be fetched', async () => {
    const machine = await fakeMachine({ ...DEBIAN, 'apt-get': 'echo "E: no network" >&2; exit 100' })
    expect(await fromDebianPackage(machine)).toBeUndefined()
    expect(machine.lines.at(-1)).toBe('apt-get download failed: E: no network; looking further')
  })

  test('is passed over silently where there is no dpkg', async () => {
    const machine = await fakeMachine({})
    expect(await fromDebianPackage(machine)).toBeUndefined()
    expect(machine.lines).toEqual([])
  })

  test('has its package lists read first where there are none and we are root', async () => {
    const lists = `if [ -e "$BIN/lists" ]; then ${DEPENDS}\nelse exit 100; fi`
    const aptGet = `case "$1" in update) : >"$BIN/lists" ;; ${DEBIAN['apt-get'].slice('case "$1" in '.length)}`
    const machine = await fakeMachine({ ...DEBIAN, 'apt-cache': lists, 'apt-get': aptGet })
    const program = await fromDebianPackage(machine)
    if (process.getuid?.() === 0) expect(program).toBeDefined()
    else expect(machine.lines.at(-1)).toMatch(/sudo apt-get update/)
  })

  test('groups alternatives of one dependency', () => {
    const text = 'x\n |Depends: a\n |Depends: b\n  Depends: c\n  Depends: <virtual>\n  PreDepends: d:any\n'
    expect(parseDependencies(text)).toEqual([['a', 'b', 'c'], ['d']])
  })
})

describe('Homebrew', () => {
  test('installs valkey when it is not there yet', async () => {
    const install = `case "$1" in
      --prefix) echo "$BIN/brewed" ;;
      install) /bin/mkdir -p "$BIN/brewed/bin"
        printf '#!/bin/sh\\necho "Server v=8.1.0"\\n' >"$BIN/brewed/bin/valkey-server"
        /bin/chmod +x "$BIN/brewed/bin/valkey-server" ;;
    esac`
    const machine = await fakeMachine({ brew: install })
    const program = await fromHomebrew(machine)
    expect(program?.description).toMatch(/valkey-server 8\.1\.0 \(from Homebrew\)$/)
    expect(machine.lines).toEqual(['installing valkey with Homebrew (brew install valkey) …'])
  })
})

describe('Docker', () => {
  test('publishes the port to this machine only', async () => {
    const program = await fromDocker(await fakeMachine({ docker: 'exit 0' }))
    expect(program?.command({ port: 7001, dataFolder: '/data/here' }).join(' ')).toMatch(
      /^docker run --rm --publish 127\.0\.0\.1:7001:6379 --volume \/data\/here:\/data valkey\/valkey:8-alpine valkey-server /,
    )
  })

  test('is passed over, saying why, when its daemon does not run', async () => {
    const machine = await fakeMachine({ docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1' })
    expect(await fromDocker(machine)).toBeUndefined()
    expect(machine.lines).toEqual([
      'docker is here, but its daemon is not: Cannot connect to the Docker daemon; looking further',
    ])
  })
})
