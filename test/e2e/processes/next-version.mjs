/*
 * Preloaded into a built process (`--import`): makes the next version of it, one that there is not yet. Everything that it writes
 * for others has more in it; with HOLDFAST_TEST_EVENT_VERSION=2 its events are of the next version too.
 */
import { register } from 'node:module'

register('./next-version-hooks.mjs', import.meta.url)
