import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { obtainChromium } from '../../scripts/browser/chromium.mjs'

const CHROMIUM = 'echo "Chromium 156.0.8078.79 built on Debian"'
/** What Ubuntu puts where a Chromium would be. */
const PLACEHOLDER = 'echo "this command needs the chromium snap" >&2; exit 1'

/** A machine whose whole PATH is one folder, with the programs given as shell scripts. */
function machineWith(programs: Readonly<Record<string, string>>, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-machine-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  for (const [name, text] of Object.entries(programs)) put(name, text)
  const log: string[] = []
  const machine = {
    env: { PATH: folder, ...env },
    platform: 'linux' as NodeJS.Platform,
    isRoot: true,
    log: (line: string) => void log.push(line),
  }
  const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '')
  return { machine, folder, put, log, calls }
}

/** An apt-get that notes how it is called and, asked to install, does what `install` says. */
const aptThat = (install: string) => ({
  flock: 'shift; exec "$@"',
  'apt-get': [
    'folder="$PATH"',
    'case "$*" in --version) exit 0;; esac',
    'echo "$*" >> "$folder/calls"',
    `case "$*" in *install*) ${install};; *update*) : > "$folder/updated";; esac`,
  ].join('\n'),
})

const INSTALLS = `printf '#!/bin/sh\\n${CHROMIUM.replaceAll('"', '\\"')}\\n' > "$folder/chromium"; /bin/chmod +x "$folder/chromium"`

describe('a Chromium', () => {
  test('is the one that HOLDFAST_CHROMIUM names, whatever else there is', async () => {
    const { machine, folder } = machineWith({ mine: CHROMIUM, chromium: 'echo Chromium 1.2.3' })
    const env = { ...machine.env, HOLDFAST_CHROMIUM: join(folder, 'mine') }
    const found = { found: true, program: join(folder, 'mine'), version: '156.0.8078.79' }
    expect(await obtainChromium({ ...machine, env })).toEqual(found)
  })

  test('that HOLDFAST_CHROMIUM names and that does not run is an error', async () => {
    const { machine } = machineWith({ chromium: CHROMIUM }, { HOLDFAST_CHROMIUM: '/nowhere/chromium' })
    await expect(obtainChromium(machine)).rejects.toThrow('HOLDFAST_CHROMIUM: /nowhere/chromium does not run')
  })

  test.each(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'])(
    'of the PATH named %s is taken without installing anything',
    async (name) => {
      const { machine, folder, calls } = machineWith({ [name]: CHROMIUM, ...aptThat(INSTALLS) })
      expect(await obtainChromium(machine)).toMatchObject({ found: true, program: join(folder, name) })
      expect(calls()).toBe('')
    },
  )

  test('that only says how to install one is none', async () => {
    const { machine, folder } = machineWith({ 'chromium-browser': PLACEHOLDER, 'google-chrome': CHROMIUM })
    expect(await obtainChromium(machine)).toMatchObject({ program: join(folder, 'google-chrome') })
  })

  test('is installed as root on a Debian that has none, and that is told', async () => {
    const { machine, log, calls } = machineWith(aptThat(INSTALLS))
    expect(await obtainChromium(machine)).toMatchObject({ found: true })
    expect(calls()).toMatch(/^-o .* install -y -qq --no-install-recommends chromium\n$/)
    expect(log[0]).toBe('installing chromium (apt-get install) …')
    expect(log[1]).toMatch(/^installed in [\d.]+ s$/)
  })

  test('is installed after reading the package lists where those are missing or old', async () => {
    const missing = `[ -e "$folder/updated" ] || { echo "E: Unable to locate package chromium" >&2; exit 100; }`
    const { machine, calls } = machineWith(aptThat(`${missing}; ${INSTALLS}`))
    expect(await obtainChromium(machine)).toMatchObject({ found: true })
    const done = calls().trim().split('\n')
    expect(done.map((line) => / (install|update) /.exec(line)?.[1])).toEqual(['install', 'update', 'install'])
  })

  test('that can not be had is one line that says what to type, and why the installation failed', async () => {
    const { machine, log } = machineWith(aptThat('echo "E: no network" >&2; exit 100'))
    const answer = await obtainChromium(machine)
    const advice = 'no Chromium on this machine; type `sudo apt-get install chromium`'
    expect(answer).toEqual({ found: false, advice: `${advice}, or set HOLDFAST_CHROMIUM to the path of one` })
    expect(log.at(-1)).toMatch(/^that failed after [\d.]+ s: E: no network$/)
  })

  test('is not installed by who is not root, nor where there is no apt-get', async () => {
    const { machine, calls } = machineWith(aptThat(INSTALLS))
    expect(await obtainChromium({ ...machine, isRoot: false })).toMatchObject({ found: false })
    expect(await obtainChromium({ ...machine, platform: 'darwin' })).toMatchObject({
      advice: expect.stringContaining('brew install --cask chromium'),
    })
    expect(calls()).toBe('')
    expect(await obtainChromium(machineWith({}).machine)).toMatchObject({ found: false })
  })
})
