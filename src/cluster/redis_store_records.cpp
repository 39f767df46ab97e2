// SPDX-License-Identifier: MIT
// What Redis records for the apps, and the burial of a node, which adds to it.
#include "recording.hpp"
#include "redis_store.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace fanfare::cluster {

using channels::Happening;
using redis::Reply;

namespace {

/// Channels that one call of the burial deals with: it keeps Redis from everything else.
constexpr std::string_view burial_step = "50";

/// How many records are read at once, and for how long after that nobody else reads.
constexpr std::string_view reading_step = "100";
constexpr std::string_view reading_claim = "3000";

/// A letter for each kind, as the scripts call them.
constexpr std::array<std::pair<Happening::Kind, char>, 7> letters{{
    {Happening::Kind::channel_occupied, 'o'},
    {Happening::Kind::channel_vacated, 'v'},
    {Happening::Kind::member_added, 'a'},
    {Happening::Kind::member_removed, 'r'},
    {Happening::Kind::client_event, 'e'},
    {Happening::Kind::cache_miss, 'c'},
    {Happening::Kind::subscription_count, 'n'},
}};

/// Takes a number and the space behind it off `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end == text.data() + text.size()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    return number;
}

/// `SERIAL KIND BYTES NAME DETAIL`, with no space after the name.
std::optional<Recorded> parse_record(std::string_view text) {
    Recorded record;
    const auto serial = take_number(text);
    if (!serial || text.size() < 2) return std::nullopt;
    record.serial = *serial;
    const auto letter = std::find_if(letters.begin(), letters.end(), [&](const auto& entry) {
        return entry.second == text.front();
    });
    if (letter == letters.end()) return std::nullopt;
    record.kind = letter->first;
    text.remove_prefix(2);
    const auto bytes = take_number(text);
    if (!bytes || *bytes > text.size()) return std::nullopt;
    auto name = KeySpace::parse_name(text.substr(0, *bytes));
    if (!name) return std::nullopt;
    record.app_id = std::move(name->first);
    record.channel = std::move(name->second);
    record.detail = text.substr(*bytes);
    return record;
}

}  // namespace

void RedisStore::record(
    ChannelName channel,
    Happening::Kind kind,
    std::string_view detail,
    std::chrono::milliseconds interval
) {
    const KeySpace::ChannelKeys keys = keys_.of(channel);
    const auto letter = std::find_if(letters.begin(), letters.end(), [&](const auto& entry) {
        return entry.first == kind;
    });
    run(ScriptName::record,
        {keys.bucket + "lingering", keys.bucket + "told", keys.bucket + "serial"},
        {std::string(1, letter->second),
         keys.name,
         std::string(detail),
         std::to_string(interval.count())},
        nullptr);
}

void RedisStore::read_records(
    unsigned bucket,
    const NodeId& reader,
    std::uint64_t handled,
    std::function<void(std::vector<Recorded>)> done
) {
    const std::string prefix = keys_.bucket(bucket);
    run(ScriptName::read,
        {prefix + "lingering", prefix + "told", prefix + "serial", prefix + "reader"},
        {reader.text(),
         std::string(reading_claim),
         std::to_string(handled),
         std::string(reading_step),
         prefix},
        [done = std::move(done)](const Reply& reply) {
            std::vector<Recorded> records;
            for (const Reply& element : reply.elements) {
                if (auto record = parse_record(element.text)) {
                    records.push_back(*std::move(record));
                }
            }
            done(std::move(records));
        });
}

void RedisStore::bury(const NodeId& node, const std::vector<RecordedApp>& recorded, Done done) {
    auto burial = std::make_shared<Burial>();
    burial->node = node;
    burial->done = std::move(done);
    burial->arguments = {
        node.text(),
        {},
        std::string(client_->publish_command()),
        encode(GoneMessage{node}),
        std::string(burial_step),
        count_prefix()};
    for (const RecordedApp& app : recorded) {
        burial->arguments.insert(
            burial->arguments.end(),
            {KeySpace::name_of({app.id, ""}),
             debounce_of(app.channels),
             counting_of(app.channels),
             debounce_of(app.users),
             counting_of(app.users)}
        );
    }
    bury_bucket(burial, 0);
}

/// Info and lease go last: until then anybody may take over from a burier that dies itself.
void RedisStore::bury_bucket(const std::shared_ptr<const Burial>& burial, unsigned bucket) {
    const std::string text = burial->node.text();
    if (bucket == KeySpace::buckets) {
        const std::string leases = keys_.leases();
        const std::string infos = keys_.infos();
        command(infos, {"HDEL", infos, text}, nullptr);
        command(leases, {"ZREM", leases, text}, [burial](const Reply&) { burial->done(); });
        return;
    }
    const std::string prefix = keys_.bucket(bucket);
    Arguments arguments = burial->arguments;
    arguments[1] = prefix;
    run(ScriptName::bury,
        {keys_.index(bucket, text), prefix + "lingering", prefix + "told", prefix + "serial"},
        arguments,
        [this, burial, bucket](const Reply& reply) {
            bury_bucket(burial, reply.integer == 0 ? bucket + 1 : bucket);
        });
}

}  // namespace fanfare::cluster
