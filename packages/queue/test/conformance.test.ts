import { memoryHarness, redisHarness } from './harness.ts'
import { describeQueue } from './queue-suite.ts'

describeQueue('in memory', memoryHarness)
describeQueue('on Redis', redisHarness)
