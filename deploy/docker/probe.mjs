// `node probe.mjs URL`: exit code 0 when it answers with success, else 1 with the reason. For images without curl.
import { argv } from 'node:process'

const url = argv[2] ?? ''
try {
  const response = await fetch(url)
  // The answer says which connection is not well; Docker keeps it with the container's health.
  console.log(await response.text())
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  const { cause } = /** @type {Error} */ (error)
  console.log(`${url} does not answer: ${cause instanceof Error ? cause.message : error}`)
  process.exitCode = 1
}
