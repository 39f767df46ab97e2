// SPDX-License-Identifier: MIT
#include "redis_store.hpp"

#include "recording.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace fanfare::cluster {

using redis::Reply;

namespace {

std::string to_json(const NodeInfo& info) {
    nlohmann::json connections = nlohmann::json::object();
    for (const auto& [app_id, count] : info.connections) connections[app_id] = count;
    return nlohmann::json{
        {"syncing", info.is_syncing},
        {"channels", info.channels},
        {"queued_bytes", info.queued_bytes},
        {"lag_us", info.lag_us},
        {"version", info.version},
        {"address", info.address},
        {"connections", std::move(connections)}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_fence(const Reply& reply) {
    return reply.is_error() && reply.text.starts_with("FENCED");
}

/// A cached event and its PTTL, as `announce` and `stats` answer with them.
std::optional<channels::CachedEvent> cached_event(const Reply& text, const Reply& time_left) {
    if (text.kind != Reply::Kind::string) return std::nullopt;
    channels::CachedEvent cached{EncodedFrame(text.text), std::nullopt};
    if (time_left.integer >= 0) cached.time_left = std::chrono::milliseconds(time_left.integer);
    return cached;
}

std::string leave_prefix(const NodeId& node) {
    std::string message = encode(LeaveMessage{node, 0, {}});
    message.resize(message.size() - 4);  // the length of the user id, which the script adds
    return message;
}

}  // namespace

void RedisStore::run(
    ScriptName script, const Arguments& keys, const Arguments& arguments, redis::Client::Done done
) {
    const std::vector<std::string_view> key_views(keys.begin(), keys.end());
    const std::vector<std::string_view> argument_views(arguments.begin(), arguments.end());
    client_->run(
        scripts_[static_cast<std::size_t>(script)],
        key_views,
        argument_views,
        checked(std::move(done))
    );
}

void RedisStore::command(
    std::string_view key, std::initializer_list<std::string_view> words, redis::Client::Done done
) {
    client_->command(key, {words.begin(), words.size()}, checked(std::move(done)));
}

/// A Redis that refuses (memory full, no permission) is as good as none: this node goes on alone
/// and tries again.
redis::Client::Done RedisStore::checked(redis::Client::Done done) {
    return [this, done = std::move(done)](Reply reply) {
        if (reply.is_error() && !is_fence(reply)) return client_->drop(reply.text);
        if (done) done(std::move(reply));
    };
}

void RedisStore::subscribe(ChannelName channel) {
    client_->subscribe(keys_.topic(channel));
}

void RedisStore::unsubscribe(ChannelName channel) {
    client_->unsubscribe(keys_.topic(channel));
}

void RedisStore::subscribe_cluster() {
    client_->subscribe(keys_.cluster_topic());
}

void RedisStore::publish(ChannelName channel, std::string_view message, Done done) {
    client_->publish(keys_.topic(channel), message, checked([done = std::move(done)](const Reply&) {
                         if (done) done();
                     }));
}

void RedisStore::publish_cluster(std::string_view message, Done done) {
    client_->publish(
        keys_.cluster_topic(), message, checked([done = std::move(done)](const Reply&) {
            if (done) done();
        })
    );
}

void RedisStore::publish_and_keep(
    ChannelName channel,
    std::string_view message,
    std::string_view text,
    channels::CacheTime time,
    Done done
) {
    const KeySpace::ChannelKeys keys = keys_.of(channel);
    run(ScriptName::keep,
        {keys.key("k:")},
        {std::string(text),
         std::to_string(std::chrono::milliseconds(time).count()),
         std::string(client_->publish_command()),
         keys.key("t:"),
         std::string(message)},
        [done = std::move(done)](const Reply&) {
            if (done) done();
        });
}

/// What update and announce have in common (`writer` in scripts.cpp).
RedisStore::WriterCall RedisStore::writer_call(const ChannelWrite& write) const {
    const KeySpace::ChannelKeys keys = keys_.of(write.channel);
    const std::string node = write.lease.node.text();
    return {
        {keys_.index(keys.number, node),
         keys.key("c:"),
         keys.key("m:"),
         keys.key("u:"),
         keys.bucket + "lingering",
         keys.bucket + "told",
         keys.bucket + "serial"},
        {node,
         std::to_string(write.lease.deadline),
         keys.name,
         keys.key("t:"),
         std::string(client_->publish_command()),
         std::to_string(write.subscriptions),
         write.holds_anything ? "1" : "0",
         debounce_of(write.recording),
         write.is_known ? "1" : "0",
         counting_of(write.recording),
         count_prefix()}};
}

void RedisStore::update(
    const ChannelWrite& write,
    const std::vector<UserChange>& changes,
    std::function<void(Updated)> done
) {
    const Lease& lease = write.lease;
    WriterCall call = writer_call(write);
    for (const UserChange& change : changes) {
        call.arguments.insert(
            call.arguments.end(),
            {!change.is_join   ? "-"
             : change.is_known ? "="
                               : "+",
             change.member.user_id,
             std::to_string(change.max_members),
             change.is_join ? encode_member(change.member) : "",
             change.is_join ? encode(JoinMessage{lease.node, change.op, change.member})
                            : encode(LeaveMessage{lease.node, change.op, change.member.user_id}),
             change.former_user_id,
             change.former_user_id.empty()
                 ? ""
                 : encode(LeaveMessage{lease.node, change.op, change.former_user_id})}
        );
    }
    run(ScriptName::update,
        call.keys,
        call.arguments,
        [done = std::move(done)](const Reply& reply) {
            Updated updated;
            updated.is_fenced = is_fence(reply);
            for (const Reply& result : reply.elements) {
                updated.results.push_back(
                    result.integer == 1   ? UserResult::changed
                    : result.integer == 2 ? UserResult::full
                                          : UserResult::unchanged
                );
            }
            done(std::move(updated));
        });
}

void RedisStore::announce(
    const ChannelWrite& write,
    const std::vector<UserChange>& users,
    std::uint64_t token,
    std::function<void(Announced)> done
) {
    const Lease& lease = write.lease;
    WriterCall call = writer_call(write);
    call.keys.push_back(keys_.of(write.channel).key("k:"));
    call.arguments.push_back(token == 0 ? "" : encode(SyncMessage{lease.node, token}));
    call.arguments.push_back(leave_prefix(lease.node));
    for (const UserChange& user : users) {
        call.arguments.insert(
            call.arguments.end(),
            {user.is_known ? "=" : "+",
             user.member.user_id,
             encode_member(user.member),
             encode(JoinMessage{lease.node, user.op, user.member})}
        );
    }
    run(ScriptName::announce,
        call.keys,
        call.arguments,
        [done = std::move(done)](const Reply& reply) {
            if (!done) return;
            Announced announced;
            announced.is_fenced = is_fence(reply);
            if (reply.elements.size() >= 2) {
                announced.snapshot.cached = cached_event(reply.elements[0], reply.elements[1]);
            }
            for (std::size_t i = 2; i + 1 < reply.elements.size(); i += 2) {
                auto member = decode_member(reply.elements[i + 1].text);
                if (!member) continue;
                Snapshot::User& user = announced.snapshot.users.emplace_back();
                user.member = *std::move(member);
                std::string_view nodes = reply.elements[i].text;
                while (!nodes.empty()) {
                    const std::size_t end = std::min(nodes.find(' '), nodes.size());
                    if (auto id = NodeId::parse(nodes.substr(0, end))) user.nodes.push_back(*id);
                    nodes.remove_prefix(std::min(end + 1, nodes.size()));
                }
            }
            done(std::move(announced));
        });
}

void RedisStore::holdings(const NodeId& node, std::function<void(Holdings)> done) {
    struct Gathering {
        Holdings holdings;
        unsigned missing = KeySpace::buckets;
    };

    const auto gathering = std::make_shared<Gathering>();
    for (unsigned bucket = 0; bucket < KeySpace::buckets; ++bucket) {
        const std::string index = keys_.index(bucket, node.text());
        command(index, {"SMEMBERS", index}, [gathering, done](const Reply& reply) {
            for (const Reply& name : reply.elements) {
                if (auto parsed = KeySpace::parse_name(name.text)) {
                    gathering->holdings.push_back(*std::move(parsed));
                }
            }
            if (--gathering->missing == 0) done(std::move(gathering->holdings));
        });
    }
}

NodeInfo parse_node_info(std::string_view text) {
    NodeInfo info;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return info;
    try {
        info.is_syncing = json.value("syncing", false);
        info.channels = json.value("channels", std::uint64_t{0});
        info.queued_bytes = json.value("queued_bytes", std::uint64_t{0});
        info.lag_us = json.value("lag_us", std::int64_t{0});
        info.version = json.value("version", "");
        info.address = json.value("address", "");
        for (const auto& [app_id, count] : json.at("connections").items()) {
            info.connections.emplace_back(app_id, count.get<std::uint32_t>());
        }
    } catch (const nlohmann::json::exception&) {
        // Of another version: what was read stands.
    }
    return info;
}

void RedisStore::heartbeat(
    const NodeId& node,
    bool is_new,
    std::chrono::milliseconds validity,
    const NodeInfo& info,
    std::function<void(Heartbeat)> done
) {
    run(ScriptName::heartbeat,
        {keys_.leases(), keys_.infos()},
        {node.text(), is_new ? "1" : "0", std::to_string(validity.count()), to_json(info)},
        [done = std::move(done)](const Reply& reply) {
            Heartbeat heartbeat;
            const auto& answer = reply.elements;
            heartbeat.is_dead = answer.size() < 2;
            if (!answer.empty()) heartbeat.now = answer[0].integer;
            if (answer.size() >= 2) heartbeat.deadline = answer[1].integer;
            for (std::size_t i = 2; i + 2 < answer.size(); i += 3) {
                if (auto id = NodeId::parse(answer[i].text)) {
                    heartbeat.nodes.push_back(
                        {*std::move(id), answer[i + 1].integer, parse_node_info(answer[i + 2].text)}
                    );
                }
            }
            done(std::move(heartbeat));
        });
}

void RedisStore::stats(ChannelName channel, std::function<void(channels::ChannelStats)> done) {
    const KeySpace::ChannelKeys keys = keys_.of(channel);
    run(ScriptName::stats,
        {keys.key("c:"), keys.key("u:"), keys.key("k:"), keys.bucket + "lingering"},
        {keys.name},
        [done = std::move(done)](const Reply& reply) {
            channels::ChannelStats stats;
            if (reply.elements.size() >= 4) {
                stats.subscriptions = static_cast<std::uint64_t>(reply.elements[0].integer);
                stats.users = static_cast<std::uint64_t>(reply.elements[1].integer);
                stats.cached = cached_event(reply.elements[2], reply.elements[3]);
                stats.is_lingering =
                    reply.elements.size() == 5 && reply.elements[4].kind == Reply::Kind::string;
            }
            done(stats);
        });
}

void RedisStore::user_ids(ChannelName channel, std::function<void(std::vector<std::string>)> done) {
    const std::string order = keys_.of(channel).key("u:");
    command(order, {"ZRANGE", order, "0", "-1"}, [done = std::move(done)](Reply reply) {
        std::vector<std::string> ids;
        for (Reply& id : reply.elements) ids.push_back(std::move(id.text));
        done(std::move(ids));
    });
}

void RedisStore::list(
    std::string_view app_id,
    std::string_view prefix,
    std::function<void(channels::ChannelHome::Listing)> done
) {
    const std::string leases = keys_.leases();
    command(
        leases,
        {"ZRANGE", leases, "0", "-1"},
        [this,
         wanted = KeySpace::name_of({app_id, prefix}),
         done = std::move(done)](const Reply& nodes) { list_buckets(nodes, wanted, done); }
    );
}

void RedisStore::list_buckets(
    const Reply& nodes,
    const std::string& wanted,
    std::function<void(channels::ChannelHome::Listing)> done
) {
    struct Gathering {
        channels::ChannelHome::Listing listing;
        unsigned missing = KeySpace::buckets;
    };

    if (nodes.elements.empty()) return done({});
    const auto gathering = std::make_shared<Gathering>();
    for (unsigned bucket = 0; bucket < KeySpace::buckets; ++bucket) {
        Arguments indexes;
        for (const Reply& node : nodes.elements) indexes.push_back(keys_.index(bucket, node.text));
        run(ScriptName::list,
            indexes,
            {keys_.bucket(bucket), wanted},
            [gathering, done](const Reply& reply) {
                for (std::size_t i = 0; i + 2 < reply.elements.size(); i += 3) {
                    auto name = KeySpace::parse_name(reply.elements[i].text);
                    const channels::ChannelStats stats{
                        static_cast<std::uint64_t>(reply.elements[i + 1].integer),
                        static_cast<std::uint64_t>(reply.elements[i + 2].integer)};
                    if (name && stats.is_occupied()) {
                        gathering->listing.emplace_back(std::move(name->second), stats);
                    }
                }
                if (--gathering->missing == 0) done(std::move(gathering->listing));
            });
    }
}

}  // namespace fanfare::cluster
