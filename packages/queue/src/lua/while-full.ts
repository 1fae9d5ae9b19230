/**
 * Lua: the script that begins with this passes while Redis is full (`maxmemory` with `noeviction`). For all that frees memory,
 * or keeps what is there in order; never for what puts events on a queue.
 *
 * Redis asks for memory only before the first write of a script, "otherwise we can't stop in the middle" (`scriptVerifyOOM` in
 * its script.c; `luaRedisGenericCommand` in scripting.c of 6.2). A DEL needs none and counts as a write, though nothing is
 * there to delete. The flag `allow-oom` says the same, from Redis 7 on only.
 */
export const WHILE_FULL_LUA = `
redis.call('DEL', KEYS[1] .. ':nothing')
`
