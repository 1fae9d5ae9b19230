/**
 * Lua: the queues of a subscription by their names. What is stored names a queue and never a prefix, which is where it is stored.
 */
export const QUEUE_NAMES_LUA = `
local function queueOf(base)
  return string.match(base, '([^:]+):$')
end

local function baseOf(shared, queue)
  return string.match(shared, '^(.*:)[^:]+:$') .. queue .. ':'
end
`
