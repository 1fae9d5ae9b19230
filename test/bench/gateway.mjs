// A built gateway in a process of its own, for a bench.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAM = join(import.meta.dirname, '../../services/gateway/dist/main.js')

/** From its start to its stop. */
export class Gateway {
  #folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  #child
  /** @type {Promise<string>} */
  #address

  /** @param {string} yaml its configuration */
  constructor(yaml) {
    const file = join(this.#folder, 'holdfast.yaml')
    writeFileSync(file, yaml)
    const child = spawn(execPath, [PROGRAM, '--config', file], {
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    this.#address = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text)
        if (line.msg === 'the gateway runs') resolve(line.address)
        if (line.level === 'error' || line.level === 'warn') console.error(`gateway: ${text}`)
      })
      child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
    })
  }

  /** Resolves when every connection is up. */
  async ready() {
    const address = await this.#address
    while ((await fetch(`${address}/readyz`)).status !== 200) await sleep(100)
  }

  /**
   * The sum of a metric over all its series.
   * @param {string} metric
   */
  async count(metric) {
    const text = await (await fetch(`${await this.#address}/metrics`)).text()
    const series = text.split('\n').filter((line) => line.startsWith(`${metric}{`))
    return series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  async stop() {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true })
  }
}
