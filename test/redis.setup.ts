// Filled in by the test set-up: provides REDIS_URL to suites.
export default function setup() {}
