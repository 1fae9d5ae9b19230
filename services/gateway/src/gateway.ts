import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { pid } from 'node:process'
import { createMembers, createRedisCheckpointStore, type Members } from '@holdfast/ownership'
import { createRedisSink, createRegistry, type Registry, type Sink } from '@holdfast/queue'
import {
  type Config,
  type Clock,
  composeServices,
  connectRedis,
  createHttpServer,
  createMetricsRegistry,
  type HttpServer,
  type Log,
  ProblemError,
  type Service,
  sleep,
  systemClock,
} from '@holdfast/runtime'
