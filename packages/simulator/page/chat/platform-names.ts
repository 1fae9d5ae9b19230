import type { Platform } from '../../src/facts.ts'

/** As people write them. */
export const PLATFORM_NAMES: Readonly<Record<Platform, string>> = { slack: 'Slack', discord: 'Discord' }
