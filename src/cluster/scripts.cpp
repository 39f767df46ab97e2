// SPDX-License-Identifier: MIT
#include "scripts.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace fanfare::cluster {

namespace {

// What several scripts need. `members` and `order`, and for what is recorded `told`, `lingering`
// and `serial`, are set by them.
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

-- Also whether the user is new in the channel.
local function join(node, user, member, max)
    local value = redis.call('HGET', members, user)
    if value then
        local nodes, first = split(value)
        if holds(nodes, node) then return 0 end
        redis.call('HSET', members, user, nodes .. ' ' .. node .. '\n' .. first)
        return 1, false
    end
    if max > 0 and redis.call('ZCARD', order) >= max then return 2 end
    local score = time[1] * 1000000 + time[2]
    local last = redis.call('ZREVRANGE', order, 0, 0, 'WITHSCORES')
    if last[2] and tonumber(last[2]) >= score then score = tonumber(last[2]) + 1 end
    redis.call('HSET', members, user, node .. '\n' .. member)
    redis.call('ZADD', order, string.format('%.0f', score), user)
    return 1, true
end

-- Also whether the user is gone from the channel.
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
    return 1, #rest == 0
end
)lua";

// What is recorded for the apps, after the prelude. In `lingering` lies by its time what happens
// unless something else does: `v name` a channel is vacated, `r bytes name user` a user is removed,
// `n name` a count is told, `x name` nothing, but a missed cached event may be told again.
constexpr std::string_view recorder = R"lua(
local told, lingering, serial

local function tell(kind, name, detail)
    local number = redis.call('INCR', serial)
    if number == 1 then
        number = time[1] * 1000000 + time[2]
        redis.call('SET', serial, string.format('%.0f', number))
    end
    redis.call('RPUSH', told, string.format('%.0f %s %d ', number, kind, #name) .. name .. detail)
end

local function removal(name, user)
    return 'r ' .. #name .. ' ' .. name .. user
end

-- Unless it only lingered, or apps know of it already.
local function came(kind, name, user, is_known)
    local key = user == '' and 'v ' .. name or removal(name, user)
    if redis.call('ZREM', lingering, key) == 0 and not is_known then tell(kind, name, user) end
end

local function went(name, user, debounce)
    local key = user == '' and 'v ' .. name or removal(name, user)
    redis.call('ZADD', lingering, now + debounce, key)
end

local function total(counts)
    local sum = 0
    for _, count in ipairs(redis.call('HVALS', counts)) do sum = sum + count end
    return sum
end
)lua";

// What update and announce have in common, after the recorder. ARGV[8]: the debounce, if coming and
// going is recorded; ARGV[9]: whether apps know that the channel is occupied; ARGV[10]: `t` if
// counts are recorded, `m` if subscribers hear of them; ARGV[11]: a CountMessage without its
// number.
constexpr std::string_view writer = R"lua(
local index, counts = KEYS[1], KEYS[2]
members, order, lingering, told, serial = KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local node, deadline, name, topic, publish = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local count, holds_anything = tonumber(ARGV[6]), ARGV[7]
local debounce, is_known, counting = tonumber(ARGV[8]), ARGV[9] == '1', ARGV[10]
if now > tonumber(deadline) then return redis.error_reply('FENCED the lease is over') end
local was_occupied = debounce and redis.call('EXISTS', counts, members) > 0
local old_total = counting ~= '' and total(counts)
if count == 0 then
    redis.call('HDEL', counts, node)
else
    redis.call('HSET', counts, node, count)
end
redis.call(holds_anything == '1' and 'SADD' or 'SREM', index, name)

local coming = {}
local function member_came(user, is_user_known)
    if debounce then coming[#coming + 1] = {user, is_user_known} end
end
local function member_went(user)
    if debounce then went(name, user, debounce) end
end

-- A channel is occupied before a member of it is added.
local function record_changes()
    if debounce then
        local is_occupied = redis.call('EXISTS', counts, members) > 0
        if is_occupied and not was_occupied then came('o', name, '', is_known) end
        for _, each in ipairs(coming) do came('a', name, each[1], each[2]) end
        if was_occupied and not is_occupied then went(name, '', debounce) end
    end
    if counting == '' then return end
    local new_total = total(counts)
    if new_total == old_total then return end
    if string.find(counting, 'm', 1, true) then
        redis.call(publish, topic, ARGV[11] .. struct.pack('<I4', new_total))
    end
    if not string.find(counting, 't', 1, true) then return end
    if new_total > 100 then
        redis.call('ZADD', lingering, 'NX', now + 5000, 'n ' .. name)
    else
        redis.call('ZREM', lingering, 'n ' .. name)
        tell('n', name, new_total)
    end
end
)lua";

// ARGV[12]…: per change `+`, `=` (a user that apps know of) or `-`, the user, the limit of members,
// the member, the message, and of the user whose place a joining one takes, if any, the id and the
// message.
constexpr std::string_view update = R"lua(
local results = {}
for i = 12, #ARGV, 7 do
    local user, result, is_news = ARGV[i + 1], nil, nil
    if ARGV[i] ~= '-' then
        local max, former = tonumber(ARGV[i + 2]), ARGV[i + 5]
        if max > 0 and is_held_by(node, former) then max = max + 1 end
        result, is_news = join(node, user, ARGV[i + 3], max)
        if is_news then member_came(user, ARGV[i] == '=') end
        if result ~= 2 and former ~= '' then
            local left, is_gone = leave(node, former)
            if left == 1 then redis.call(publish, topic, ARGV[i + 6]) end
            if is_gone then member_went(former) end
        end
    else
        result, is_news = leave(node, user)
        if is_news then member_went(user) end
    end
    if result == 1 then redis.call(publish, topic, ARGV[i + 4]) end
    results[#results + 1] = result
end
record_changes()
return results
)lua";

// KEYS[8]: the cached event. ARGV[12]: the SyncMessage, or nothing. ARGV[13]: a LeaveMessage
// without its user. ARGV[14]…: per user `+` or `=`, its id, the member, the JoinMessage.
constexpr std::string_view announce = R"lua(
local announced = {}
for i = 14, #ARGV, 4 do announced[ARGV[i + 1]] = true end
local stored = redis.call('HGETALL', members)
for i = 1, #stored, 2 do
    local user = stored[i]
    local left, is_gone = 0, false
    if not announced[user] then left, is_gone = leave(node, user, stored[i + 1]) end
    if left == 1 then
        redis.call(publish, topic, ARGV[13] .. struct.pack('<I4', #user) .. user)
    end
    if is_gone then member_went(user) end
end
for i = 14, #ARGV, 4 do
    local joined, is_new = join(node, ARGV[i + 1], ARGV[i + 2], 0)
    if joined == 1 then redis.call(publish, topic, ARGV[i + 3]) end
    if is_new then member_came(ARGV[i + 1], ARGV[i] == '=') end
end
record_changes()
if ARGV[12] ~= '' then redis.call(publish, topic, ARGV[12]) end
local snapshot = {redis.call('GET', KEYS[8]), redis.call('PTTL', KEYS[8])}
for _, user in ipairs(redis.call('ZRANGE', order, 0, -1)) do
    local nodes, member = split(redis.call('HGET', members, user))
    snapshot[#snapshot + 1] = nodes
    snapshot[#snapshot + 1] = member
end
return snapshot
)lua";

// KEYS: the index of the dead node in a bucket, lingering, told, serial. ARGV: the node, the
// bucket's prefix, the command that publishes, the GoneMessage, how many channels at most, a
// CountMessage without its number, and per recorded app how its names begin, and of its channels
// and then of its users' channels the debounce (or nothing) and `t` and `m`. Returns how many it
// was.
constexpr std::string_view bury = R"lua(
local node, prefix, publish, message = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
lingering, told, serial = KEYS[2], KEYS[3], KEYS[4]
local recordings = {}
for i = 7, #ARGV, 5 do
    recordings[ARGV[i]] = {
        ['channel'] = {tonumber(ARGV[i + 1]), ARGV[i + 2]},
        ['user'] = {tonumber(ARGV[i + 3]), ARGV[i + 4]}
    }
end
local names = redis.call('SPOP', KEYS[1], ARGV[5])
for _, name in ipairs(names) do
    local app, first = string.match(name, '^([^:]*:)(.?)')
    local recording = recordings[app]
    recording = recording and recording[first == '#' and 'user' or 'channel'] or {nil, ''}
    local debounce, counting = recording[1], recording[2]
    local counts, topic = prefix .. 'c:' .. name, prefix .. 't:' .. name
    members, order = prefix .. 'm:' .. name, prefix .. 'u:' .. name
    local was_occupied = redis.call('EXISTS', counts, members) > 0
    local had_count = redis.call('HDEL', counts, node)
    local stored = redis.call('HGETALL', members)
    for i = 1, #stored, 2 do
        local _, is_gone = leave(node, stored[i], stored[i + 1])
        if is_gone and debounce then went(name, stored[i], debounce) end
    end
    redis.call(publish, topic, message)
    if debounce and was_occupied and redis.call('EXISTS', counts, members) == 0 then
        went(name, '', debounce)
    end
    if had_count == 1 and string.find(counting, 'm', 1, true) then
        redis.call(publish, topic, ARGV[6] .. struct.pack('<I4', total(counts)))
    end
    if had_count == 1 and string.find(counting, 't', 1, true) then
        redis.call('ZADD', lingering, 'NX', now, 'n ' .. name)
    end
end
return #names
)lua";

// KEYS: lingering, told, serial. ARGV: what kind, the channel's name, the detail, and in how many
// milliseconds it may be told again.
constexpr std::string_view record = R"lua(
lingering, told, serial = KEYS[1], KEYS[2], KEYS[3]
local kind, name, interval = ARGV[1], ARGV[2], tonumber(ARGV[4])
if interval > 0 and redis.call('ZADD', lingering, 'NX', now + interval, 'x ' .. name) == 0 then
    return 0
end
tell(kind, name, ARGV[3])
return 1
)lua";

// KEYS: lingering, told, serial, who reads. ARGV: the reader, how long it is the only one, up to
// where it has read, how many it wants, the bucket's prefix.
constexpr std::string_view read_records = R"lua(
lingering, told, serial = KEYS[1], KEYS[2], KEYS[3]
local reader, handled, many, prefix = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local other = redis.call('GET', KEYS[4])
if other and other ~= reader then return {} end
local due = redis.call('ZRANGEBYSCORE', lingering, '-inf', now, 'LIMIT', 0, many)
for _, key in ipairs(due) do
    redis.call('ZREM', lingering, key)
    local kind, rest = string.sub(key, 1, 1), string.sub(key, 3)
    if kind == 'v' then
        tell('v', rest, '')
    elseif kind == 'n' then
        tell('n', rest, total(prefix .. 'c:' .. rest))
    elseif kind == 'r' then
        local bytes, at = string.match(rest, '^(%d+) ()')
        local last = at + tonumber(bytes) - 1
        tell('r', string.sub(rest, at, last), string.sub(rest, last + 1))
    end
end
local records = redis.call('LRANGE', told, 0, many - 1)
local old = 0
while old < #records and tonumber(string.match(records[old + 1], '^%d+')) <= handled do
    old = old + 1
end
if old > 0 then
    redis.call('LTRIM', told, old, -1)
    records = redis.call('LRANGE', told, 0, many - 1)
end
if #records > 0 then
    redis.call('SET', KEYS[4], reader, 'PX', ARGV[2])
elseif other then
    redis.call('DEL', KEYS[4])
end
return records
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

// KEYS: counts, order, the cached event, lingering. ARGV: the channel's name.
constexpr std::string_view stats = R"lua(
local sum = 0
for _, count in ipairs(redis.call('HVALS', KEYS[1])) do sum = sum + count end
return {
    sum, redis.call('ZCARD', KEYS[2]), redis.call('GET', KEYS[3]), redis.call('PTTL', KEYS[3]),
    redis.call('ZSCORE', KEYS[4], 'v ' .. ARGV[1])
}
)lua";

// KEYS: the cached event. ARGV: its text, for how many milliseconds (0: for ever), the command that
// publishes, the topic, the message.
constexpr std::string_view keep = R"lua(
if ARGV[2] == '0' then
    redis.call('SET', KEYS[1], ARGV[1])
else
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return redis.call(ARGV[3], ARGV[4], ARGV[5])
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
    static const std::string whole_update = join({prelude, recorder, writer, update});
    static const std::string whole_announce = join({prelude, recorder, writer, announce});
    static const std::string whole_bury = join({prelude, recorder, bury});
    static const std::string whole_record = join({prelude, recorder, record});
    static const std::string whole_read = join({prelude, recorder, read_records});
    return {
        redis::Script{whole_update, {}},
        redis::Script{whole_announce, {}},
        redis::Script{whole_bury, {}},
        redis::Script{heartbeat, {}},
        redis::Script{stats, {}},
        redis::Script{list, {}},
        redis::Script{keep, {}},
        redis::Script{whole_record, {}},
        redis::Script{whole_read, {}}};
}

}  // namespace fanfare::cluster
