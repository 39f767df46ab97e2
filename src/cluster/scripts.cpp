// SPDX-License-Identifier: MIT
#include "scripts.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace fanfare::cluster {

namespace {

// What several scripts need. `members` and `order` are set by them.
constexpr std::string_view prelude = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local members, order

local function split(value)
    local at = string.find(value, '\n', 1, true)
    return string.sub(value, 1, at - 1), string.sub(value, at + 1)
end

local function holds(nodes, node)
    return string.find(' ' .. nodes .. ' ', ' ' .. node .. ' ', 1, true) ~= nil
end

local function is_held_by(node, user)
    local value = user ~= '' and redis.call('HGET', members, user)
    return value and split(value) == node
end

local function join(node, user, member, max)
    local value = redis.call('HGET', members, user)
    if value then
        local nodes, first = split(value)
        if holds(nodes, node) then return 0 end
        redis.call('HSET', members, user, nodes .. ' ' .. node .. '\n' .. first)
        return 1
    end
    if max > 0 and redis.call('ZCARD', order) >= max then return 2 end
    local score = time[1] * 1000000 + time[2]
    local last = redis.call('ZREVRANGE', order, 0, 0, 'WITHSCORES')
    if last[2] and tonumber(last[2]) >= score then score = tonumber(last[2]) + 1 end
    redis.call('HSET', members, user, node .. '\n' .. member)
    redis.call('ZADD', order, string.format('%.0f', score), user)
    return 1
end

local function leave(node, user, value)
    value = value or redis.call('HGET', members, user)
    if not value then return 0 end
    local nodes, first = split(value)
    if not holds(nodes, node) then return 0 end
    local rest = {}
    for other in string.gmatch(nodes, '%S+') do
        if other ~= node then rest[#rest + 1] = other end
    end
    if #rest == 0 then
        redis.call('HDEL', members, user)
        redis.call('ZREM', order, user)
    else
        redis.call('HSET', members, user, table.concat(rest, ' ') .. '\n' .. first)
    end
    return 1
end
)lua";

// What update and announce have in common, after the prelude.
constexpr std::string_view writer = R"lua(
local index, counts = KEYS[1], KEYS[2]
members, order = KEYS[3], KEYS[4]
local node, deadline, name, topic, publish = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local count, holds_anything = tonumber(ARGV[6]), ARGV[7]
if now > tonumber(deadline) then return redis.error_reply('FENCED the lease is over') end
if count == 0 then
    redis.call('HDEL', counts, node)
else
    redis.call('HSET', counts, node, count)
end
redis.call(holds_anything == '1' and 'SADD' or 'SREM', index, name)
)lua";

// ARGV[8]…: per change `+` or `-`, the user, the limit of members, the member, the message, and of
// the user whose place a joining one takes, if any, the id and the message.
constexpr std::string_view update = R"lua(
local results = {}
for i = 8, #ARGV, 7 do
    local user, result = ARGV[i + 1], nil
    if ARGV[i] == '+' then
        local max, former = tonumber(ARGV[i + 2]), ARGV[i + 5]
        if max > 0 and is_held_by(node, former) then max = max + 1 end
        result = join(node, user, ARGV[i + 3], max)
        if result ~= 2 and former ~= '' and leave(node, former) == 1 then
            redis.call(publish, topic, ARGV[i + 6])
        end
    else
        result = leave(node, user)
    end
    if result == 1 then redis.call(publish, topic, ARGV[i + 4]) end
    results[#results + 1] = result
end
return results
)lua";

// ARGV[8]: the SyncMessage, or nothing. ARGV[9]: a LeaveMessage without its user.
// ARGV[10]…: per user its id, the member, the JoinMessage.
constexpr std::string_view announce = R"lua(
local announced = {}
for i = 10, #ARGV, 3 do announced[ARGV[i]] = true end
local stored = redis.call('HGETALL', members)
for i = 1, #stored, 2 do
    local user = stored[i]
    if not announced[user] and leave(node, user, stored[i + 1]) == 1 then
        redis.call(publish, topic, ARGV[9] .. struct.pack('<I4', #user) .. user)
    end
end
for i = 10, #ARGV, 3 do
    if join(node, ARGV[i], ARGV[i + 1], 0) == 1 then redis.call(publish, topic, ARGV[i + 2]) end
end
if ARGV[8] ~= '' then redis.call(publish, topic, ARGV[8]) end
local snapshot = {}
for _, user in ipairs(redis.call('ZRANGE', order, 0, -1)) do
    local nodes, member = split(redis.call('HGET', members, user))
    snapshot[#snapshot + 1] = nodes
    snapshot[#snapshot + 1] = member
end
return snapshot
)lua";

// KEYS[1]: the index of the dead node in a bucket. ARGV: the node, the bucket's prefix, the command
// that publishes, the GoneMessage, how many channels at most. Returns how many it was.
constexpr std::string_view bury = R"lua(
local node, prefix, publish, message = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local names = redis.call('SPOP', KEYS[1], ARGV[5])
for _, name in ipairs(names) do
    redis.call('HDEL', prefix .. 'c:' .. name, node)
    members, order = prefix .. 'm:' .. name, prefix .. 'u:' .. name
    local stored = redis.call('HGETALL', members)
    for i = 1, #stored, 2 do leave(node, stored[i], stored[i + 1]) end
    redis.call(publish, prefix .. 't:' .. name, message)
end
return #names
)lua";

// KEYS: leases (ZSET, node → end by Redis' clock) and infos (HASH). ARGV: the node, whether it is
// new, the length of a lease, its info. Returns the time, the end of the lease and of each node the
// id, the end and the info; only the time if the node's lease is over.
constexpr std::string_view heartbeat = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local node, is_new, validity, info = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local held = redis.call('ZSCORE', KEYS[1], node)
if is_new ~= '1' and (not held or tonumber(held) < now) then return {now} end
redis.call('ZADD', KEYS[1], now + validity, node)
redis.call('HSET', KEYS[2], node, info)
local answer = {now, now + validity}
local nodes = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #nodes, 2 do
    answer[#answer + 1] = nodes[i]
    answer[#answer + 1] = tonumber(nodes[i + 1])
    answer[#answer + 1] = redis.call('HGET', KEYS[2], nodes[i]) or ''
end
return answer
)lua";

// KEYS: counts, order.
constexpr std::string_view stats = R"lua(
local sum = 0
for _, count in ipairs(redis.call('HVALS', KEYS[1])) do sum = sum + count end
return {sum, redis.call('ZCARD', KEYS[2])}
)lua";

// KEYS: the indexes of all nodes in one bucket. ARGV: the bucket's prefix, what names begin with.
constexpr std::string_view list = R"lua(
local prefix, wanted = ARGV[1], ARGV[2]
local answer = {}
for _, name in ipairs(redis.call('SUNION', unpack(KEYS))) do
    if string.sub(name, 1, #wanted) == wanted then
        local sum = 0
        for _, count in ipairs(redis.call('HVALS', prefix .. 'c:' .. name)) do sum = sum + count end
        answer[#answer + 1] = name
        answer[#answer + 1] = sum
        answer[#answer + 1] = redis.call('ZCARD', prefix .. 'u:' .. name)
    end
end
return answer
)lua";

std::string join(std::initializer_list<std::string_view> parts) {
    std::string joined;
    for (const std::string_view part : parts) joined += part;
    return joined;
}

}  // namespace

Scripts make_scripts() {
    static const std::string whole_update = join({prelude, writer, update});
    static const std::string whole_announce = join({prelude, writer, announce});
    static const std::string whole_bury = join({prelude, bury});
    return {
        redis::Script{whole_update, {}},
        redis::Script{whole_announce, {}},
        redis::Script{whole_bury, {}},
        redis::Script{heartbeat, {}},
        redis::Script{stats, {}},
        redis::Script{list, {}}};
}

}  // namespace fanfare::cluster
