"""The steps that a Redis server carries out whole: a script each, on the keys of one sandbox.

head      where the sandbox is: life, generation, version and mark, as text with blanks between them
records   a hash: place of a record -> its last write
parts     a hash: name of a part -> its value
steps     a list of the last steps, the newest at its end, each after the mark of the head that it led to
about     a hash: size, when it was used last, bytes in `steps`, the mark of the step before these, how many snapshots
          were ever taken
shelf     a hash: name of a snapshot -> its turn and its time
states    a hash: name of a snapshot -> its state
"""

from __future__ import annotations

from mockserver.server.shared.redis_script import Script

KEYS = ("head", "records", "parts", "steps", "about", "shelf", "states")
# The mark of a head that no step has led to: its generation has come but once.
UNMARKED = "0" * 16

_LOCALS = "local head, records, parts, steps, about, shelf, states = unpack(KEYS)\n"

# Lua hands no more than some thousand values to one call.
_PUT = """
local function put(key, first, last)
  for from = first, last, 1000 do
    redis.call('HSET', key, unpack(ARGV, from, math.min(from + 999, last)))
  end
end
"""

# known head (empty: none) -> nothing, or: head, size, "steps" and the steps, or: head, size, "base", parts, records
READ = Script(
    _LOCALS
    + """
local now = redis.call('GET', head)
if not now then return false end
local size = redis.call('HGET', about, 'size')
if now == ARGV[1] then return {now, size, 'steps', {}} end
local generation, version = now:match(' (%S+) (%S+) %S+$')
local its, ago, mark = ARGV[1]:match(' (%S+) (%S+) (%S+)$')
if its == generation then
  local behind = tonumber(version) - tonumber(ago)
  -- The server may have lost the step that led there, and have been given another one since.
  local was = false
  if behind > 0 then was = redis.call('LINDEX', steps, -behind - 1) end
  if behind > 0 and behind == redis.call('LLEN', steps) then was = redis.call('HGET', about, 'mark') end
  if was and was:sub(1, #mark) == mark then
    return {now, size, 'steps', redis.call('LRANGE', steps, -behind, -1)}
  end
end
return {now, size, 'base', redis.call('HGETALL', parts), redis.call('HVALS', records)}
"""
)

# expected head, new head, step after its mark, its size, time, most steps, most bytes of steps, number of values for
# records, number of places of records that are forgotten, these values, these places, values for parts -> whether it
# was the head
APPEND = Script(
    _LOCALS
    + _PUT
    + """
if redis.call('GET', head) ~= ARGV[1] then return 0 end
local last = 9 + tonumber(ARGV[8])
local gone = last + tonumber(ARGV[9])
put(records, 10, last)
for place = last + 1, gone do redis.call('HDEL', records, ARGV[place]) end
put(parts, gone + 1, #ARGV)
redis.call('SET', head, ARGV[2])
if redis.call('HINCRBY', about, 'size', ARGV[4]) < 0 then redis.call('HSET', about, 'size', 0) end
redis.call('HSET', about, 'used', ARGV[5])
local kept = redis.call('RPUSH', steps, ARGV[3])
local bytes = redis.call('HINCRBY', about, 'bytes', #ARGV[3])
while kept > tonumber(ARGV[6]) or bytes > tonumber(ARGV[7]) do
  local gone = redis.call('LPOP', steps)
  redis.call('HSET', about, 'mark', gone:sub(1, #'"""
    + UNMARKED
    + """'))
  kept, bytes = kept - 1, redis.call('HINCRBY', about, 'bytes', -#gone)
end
return 1
"""
)

# An eighth key is a hash of further records, which are too many to be told at once.
# a number that never came, "on" to keep the life that there is, "open" to leave alone what there is; size, time,
# number of values for records, number of places of records that are forgotten, these values, these places, values for
# parts -> head
BEGIN = Script(
    _LOCALS
    + _PUT
    + """
local more = KEYS[8]
local before = redis.call('GET', head)
if before and ARGV[2] == 'open' then
  if more then redis.call('DEL', more) end
  return before
end
local life = before and ARGV[2] == 'on' and before:match('^%S+') or ARGV[1]
local last = 6 + tonumber(ARGV[5])
redis.call('DEL', records, parts, steps)
if more then
  redis.call('RENAME', more, records)
  redis.call('PERSIST', records)
end
put(records, 7, last)
put(parts, last + tonumber(ARGV[6]) + 1, #ARGV)
redis.call('HSET', about, 'size', ARGV[3], 'used', ARGV[4], 'bytes', 0, 'mark', '"""
    + UNMARKED
    + """')
local now = life .. ' ' .. ARGV[1] .. ' 0 """
    + UNMARKED
    + """'
redis.call('SET', head, now)
return now
"""
)

# time -> whether there is such a sandbox
TOUCH = Script(
    _LOCALS
    + """
if redis.call('EXISTS', head) == 0 then return 0 end
redis.call('HSET', about, 'used', ARGV[1])
return 1
"""
)

# -> whether there was such a sandbox
DROP = Script("local there = redis.call('EXISTS', KEYS[1])\nredis.call('DEL', unpack(KEYS))\nreturn there\n")

# name, time, state, most snapshots -> 1 if it takes a place, 0 if it is one more, -1 if there is no room
KEEP = Script(
    _LOCALS
    + """
local before = redis.call('HEXISTS', shelf, ARGV[1])
if before == 0 and redis.call('HLEN', shelf) >= tonumber(ARGV[4]) then return -1 end
local turn = redis.call('HINCRBY', about, 'turns', 1)
redis.call('HSET', shelf, ARGV[1], turn .. ' ' .. ARGV[2])
redis.call('HSET', states, ARGV[1], ARGV[3])
return before
"""
)

# name -> whether there was one
FORGET = Script(_LOCALS + "redis.call('HDEL', states, ARGV[1])\nreturn redis.call('HDEL', shelf, ARGV[1])\n")
