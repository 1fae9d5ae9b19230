import { memoryHarness, redisHarness } from './harness.ts'
import { describeInterleavings } from './interleavings-suite.ts'
import { describeQueue } from './queue-suite.ts'
import { describeSleeping } from './sleeping-suite.ts'
import { describeWaits } from './waits-suite.ts'

describeQueue('in memory', memoryHarness)
describeQueue('on Redis', redisHarness)
describeSleeping('in memory', memoryHarness)
describeSleeping('on Redis', redisHarness)
describeWaits('in memory', memoryHarness)
describeWaits('on Redis', redisHarness)
describeInterleavings('in memory', memoryHarness)
describeInterleavings('on Redis', redisHarness)
