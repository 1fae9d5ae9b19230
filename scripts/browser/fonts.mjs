import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installPackages, runProgram, thisMachine } from './debian.mjs'

const PACKAGES = ['fonts-inter', 'fonts-noto-color-emoji']
/** The generic names of pages; bare machines answer them with whatever is there. */
const SYSTEM_NAMES = ['ui-sans-serif', 'system-ui', 'sans-serif']

/**
 * The same letters in pictures wherever they are made: Inter for text, Noto for emoji, installed as root on a Debian.
 * Resolves with what to add to Chromium's environment; elsewhere with nothing, and the machine's own fonts are used.
 * @param {string} folder where a font configuration is written
 * @returns {Promise<Readonly<Record<string, string>>>}
 */
export async function pictureFonts(folder, machine = thisMachine()) {
  if (machine.platform !== 'linux') return {}
  if (!(await haveFonts(machine))) await installPackages(PACKAGES, machine)
  if (!(await haveFonts(machine))) {
    machine.log(
      `pictures will have other letters and no emoji: type \`sudo apt-get install ${PACKAGES.join(' ')}\``,
    )
    return {}
  }
  const file = join(folder, 'fonts.conf')
  await mkdir(folder, { recursive: true })
  await writeFile(file, configuration())
  return { FONTCONFIG_FILE: file }
}

/** @param {import('./debian.mjs').Machine} machine */
async function haveFonts({ env }) {
  const { stdout } = await runProgram('fc-list', [':', 'family'], { env })
  return /^Inter\b/m.test(stdout) && stdout.includes('Noto Color Emoji')
}

function configuration() {
  const preferred = SYSTEM_NAMES.map(
    (name) => `<match target="pattern"><test name="family"><string>${name}</string></test>
    <edit name="family" mode="prepend" binding="same"><string>Inter</string></edit></match>`,
  )
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>
${preferred.join('\n')}
</fontconfig>
`
}
