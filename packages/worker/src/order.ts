import type { Order } from '@holdfast/queue'

/** All that events may be ordered by. */
export const ORDERS: readonly Order[] = ['conversation', 'actor', 'none']
