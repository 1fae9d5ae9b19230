export { JobQueues, type JobQueuesOptions } from './redis/job-queues.ts'
