// SPDX-License-Identifier: MIT
#pragma once

#include "sim_redis.hpp"
#include "store.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fanfare::cluster::testing {

/// One node's two connections to it. Nothing happens until the world lets the next command be
/// executed, the next answer or the next message arrive: each of the three is in order, and they
/// are not ordered among each other.
class SimStore final : public Store {
public:
    explicit SimStore(SimRedis& redis) : redis_(redis) {}

    using Command =
        std::function<std::function<void()>()>;  // executes; returns what the answer does
    std::deque<Command> commands;
    std::deque<std::function<void()>> answers;
    std::deque<std::function<void()>> stream;

    std::function<void(ChannelName)> on_subscribed;
    std::function<void()> on_cluster_subscribed;
    std::function<void(ChannelName, std::string_view)> on_message;
    std::function<void(std::string_view)> on_cluster_message;

    std::set<SimRedis::Name> topics;
    bool hears_cluster = false;

    void subscribe(ChannelName channel) override {
        const SimRedis::Name name = owned(channel);
        // Over the other connection: at once in the order of subscriptions.
        subscriptions.push_back([this, name] {
            topics.insert(name);
            stream.push_back([this, name] { on_subscribed({name.first, name.second}); });
        });
    }

    void unsubscribe(ChannelName channel) override {
        subscriptions.push_back([this, name = owned(channel)] { topics.erase(name); });
    }

    void subscribe_cluster() override {
        subscriptions.push_back([this] {
            hears_cluster = true;
            stream.push_back([this] { on_cluster_subscribed(); });
        });
    }

    std::deque<std::function<void()>> subscriptions;

    void publish(ChannelName channel, std::string_view message, Done done) override {
        send([this, name = owned(channel), bytes = std::string(message), done] {
            redis_.publish(name, bytes);
            return done ? done : [] {};
        });
    }

    void publish_and_keep(
        ChannelName channel,
        std::string_view message,
        std::string_view text,
        channels::CacheTime,
        Done done
    ) override {
        send([this,
              name = owned(channel),
              bytes = std::string(message),
              event = std::string(text),
              done] {
            redis_.cached[name] = event;
            redis_.publish(name, bytes);
            return done ? done : [] {};
        });
    }

    void publish_cluster(std::string_view message, Done done) override {
        send([this, bytes = std::string(message), done] {
            redis_.publish_cluster(bytes);
            return done ? done : [] {};
        });
    }

    void update(
        const ChannelWrite& write,
        const std::vector<UserChange>& changes,
        std::function<void(Updated)> done
    ) override {
        send([this, name = owned(write.channel), write, lease = write.lease, changes, done] {
            Updated updated;
            if (redis_.now > lease.deadline) {
                updated.is_fenced = true;
                return std::function<void()>([done, updated] { done(updated); });
            }
            const std::string node = lease.node.text();
            const Scene scene = begin(name);
            SimRedis::Channel& state = redis_.channels[name];
            redis_.set_count(state, node, write.subscriptions);
            std::vector<UserChange> coming;
            for (const UserChange& change : changes) {
                UserResult result = UserResult::unchanged;
                if (change.is_join) {
                    bool is_new = false;
                    result = redis_.join(state, node, change, is_new);
                    if (is_new) coming.push_back(change);
                    if (result != UserResult::full && !change.former_user_id.empty() &&
                        leave(name, node, change.former_user_id, write.recording)) {
                        redis_.publish(
                            name, encode(LeaveMessage{lease.node, change.op, change.former_user_id})
                        );
                    }
                } else if (leave(name, node, change.member.user_id, write.recording)) {
                    result = UserResult::changed;
                }
                if (result == UserResult::changed)
                    redis_.publish(name, message_of(lease.node, change));
                updated.results.push_back(result);
            }
            end(scene, name, write, coming);
            redis_.tidy(name);
            return std::function<void()>([done, updated] { done(updated); });
        });
    }

    void announce(
        const ChannelWrite& write,
        const std::vector<UserChange>& users,
        std::uint64_t token,
        std::function<void(Announced)> done
    ) override {
        send([this, name = owned(write.channel), write, lease = write.lease, users, token, done] {
            Announced announced;
            if (redis_.now > lease.deadline) {
                announced.is_fenced = true;
            } else {
                announce_now(name, write, users, token);
                for (const auto& user : redis_.channels[name].users) {
                    Snapshot::User& copy = announced.snapshot.users.emplace_back();
                    copy.member = user.member;
                    for (const auto& node : user.nodes) copy.nodes.push_back(*NodeId::parse(node));
                }
                announced.snapshot.cached = cached(name);
                redis_.tidy(name);
            }
            return std::function<void()>([done, announced] {
                if (done) done(announced);
            });
        });
    }

    void holdings(const NodeId& node, std::function<void(Holdings)> done) override {
        send([this, text = node.text(), done] {
            Holdings found;
            for (const auto& [name, channel] : redis_.channels) {
                const bool holds_user = std::ranges::any_of(channel.users, [&](const auto& user) {
                    return std::ranges::find(user.nodes, text) != user.nodes.end();
                });
                if (holds_user || channel.counts.contains(text)) found.push_back(name);
            }
            return std::function<void()>([done, found] { done(found); });
        });
    }

    void heartbeat(
        const NodeId& node,
        bool is_new,
        std::chrono::milliseconds validity,
        const NodeInfo& info,
        std::function<void(Heartbeat)> done
    ) override {
        send([this, text = node.text(), is_new, validity, info, done] {
            Heartbeat heartbeat;
            heartbeat.now = redis_.now;
            const auto known = redis_.nodes.find(text);
            if (!is_new && (known == redis_.nodes.end() || known->second.deadline < redis_.now)) {
                heartbeat.is_dead = true;
            } else {
                redis_.nodes[text] = {redis_.now + validity.count(), info};
                heartbeat.deadline = redis_.now + validity.count();
                for (const auto& [id, entry] : redis_.nodes) {
                    heartbeat.nodes.push_back({*NodeId::parse(id), entry.deadline, entry.info});
                }
            }
            return std::function<void()>([done, heartbeat] { done(heartbeat); });
        });
    }

    void bury(const NodeId& node, const std::vector<RecordedApp>& recorded, Done done) override {
        // One command per channel, as others may come in between.
        send([this, node, recorded, done] {
            const std::string text = node.text();
            std::vector<SimRedis::Name> names;
            for (const auto& [name, channel] : redis_.channels) names.push_back(name);
            for (const auto& name : names) bury_in(name, node, recorded);
            redis_.nodes.erase(text);
            return done;
        });
    }

    [[nodiscard]] unsigned buckets() const override { return 1; }

    void record(
        ChannelName channel,
        channels::Happening::Kind kind,
        std::string_view detail,
        std::chrono::milliseconds /*interval*/
    ) override {
        send([this, name = owned(channel), kind, text = std::string(detail)] {
            redis_.tell(kind, name, text);
            return [] {};
        });
    }

    void read_records(
        unsigned /*bucket*/,
        const NodeId& reader,
        std::uint64_t handled,
        std::function<void(std::vector<Recorded>)> done
    ) override {
        send([this, text = reader.text(), handled, done]() -> std::function<void()> {
            if (redis_.reader != text && redis_.now < redis_.reader_until) {
                return [done] { done({}); };
            }
            tell_due();
            std::erase_if(redis_.told, [&](const Recorded& each) {
                return each.serial <= handled;
            });
            redis_.reader = text;
            redis_.reader_until = redis_.told.empty() ? 0 : redis_.now + 3'000;
            return [done, records = redis_.told] { done(records); };
        });
    }

    void stats(ChannelName channel, std::function<void(channels::ChannelStats)> done) override {
        send([this, name = owned(channel), done] {
            channels::ChannelStats stats;
            for (const auto& [node, count] : redis_.channels[name].counts) {
                stats.subscriptions += count;
            }
            stats.users = redis_.channels[name].users.size();
            stats.cached = cached(name);
            redis_.tidy(name);
            return std::function<void()>([done, stats] { done(stats); });
        });
    }

    void user_ids(ChannelName, std::function<void(std::vector<std::string>)>) override {}

    void
    list(std::string_view, std::string_view, std::function<void(channels::ChannelHome::Listing)>)
        override {}

private:
    /// For ever: the simulation has no time for that.
    [[nodiscard]] std::optional<channels::CachedEvent> cached(const SimRedis::Name& name) const {
        const auto found = redis_.cached.find(name);
        if (found == redis_.cached.end()) return std::nullopt;
        return channels::CachedEvent{EncodedFrame(found->second), std::nullopt};
    }

    static SimRedis::Name owned(ChannelName name) {
        return {std::string(name.app_id), std::string(name.name)};
    }

    struct Scene {
        bool was_occupied;
        std::uint64_t count;
    };

    [[nodiscard]] std::uint64_t total(const SimRedis::Name& name) const {
        std::uint64_t sum = 0;
        const auto found = redis_.channels.find(name);
        if (found == redis_.channels.end()) return 0;
        for (const auto& [node, count] : found->second.counts) sum += count;
        return sum;
    }

    Scene begin(const SimRedis::Name& name) { return {redis_.is_occupied(name), total(name)}; }

    bool leave(
        const SimRedis::Name& name,
        const std::string& node,
        const std::string& user,
        const Recording& recording
    ) {
        SimRedis::Channel& state = redis_.channels[name];
        const std::size_t before = state.users.size();
        if (!redis_.leave(state, node, user)) return false;
        if (state.users.size() != before) redis_.went(name, user, recording);
        return true;
    }

    void end(
        const Scene& scene,
        const SimRedis::Name& name,
        const ChannelWrite& write,
        const std::vector<UserChange>& coming
    ) {
        using Kind = channels::Happening::Kind;
        const bool is_occupied = redis_.is_occupied(name);
        if (write.recording.transitions) {
            if (is_occupied && !scene.was_occupied) {
                redis_.came(Kind::channel_occupied, name, "", write.is_known);
            }
            for (const UserChange& each : coming) {
                redis_.came(Kind::member_added, name, each.member.user_id, each.is_known);
            }
            if (scene.was_occupied && !is_occupied) redis_.went(name, "", write.recording);
        }
        const std::uint64_t count = total(name);
        if (count == scene.count) return;
        if (write.recording.counts_to_all) {
            redis_.publish(name, encode(CountMessage{static_cast<std::uint32_t>(count)}));
        }
        if (write.recording.counts) {
            redis_.tell(Kind::subscription_count, name, std::to_string(count));
        }
    }

    void tell_due() {
        using Kind = channels::Happening::Kind;
        auto& lingering = redis_.lingering;
        const auto is_due = [this](const auto& each) { return each.due <= redis_.now; };
        std::vector<SimRedis::Lingerer> due;
        std::copy_if(lingering.begin(), lingering.end(), std::back_inserter(due), is_due);
        std::erase_if(lingering, is_due);
        std::ranges::stable_sort(due, {}, [](const auto& each) {
            return std::pair{each.due, each.user.empty()};
        });
        for (const auto& each : due) {
            const bool is_channel = each.user.empty();
            redis_.tell(
                is_channel ? Kind::channel_vacated : Kind::member_removed, each.name, each.user
            );
        }
    }

    static std::string message_of(const NodeId& node, const UserChange& change) {
        return change.is_join ? encode(JoinMessage{node, change.op, change.member})
                              : encode(LeaveMessage{node, change.op, change.member.user_id});
    }

    template <typename Work>
    void send(Work work) {
        commands.push_back([work]() -> std::function<void()> { return work(); });
    }

    void announce_now(
        const SimRedis::Name& name,
        const ChannelWrite& write,
        const std::vector<UserChange>& users,
        std::uint64_t token
    ) {
        const Lease& lease = write.lease;
        const std::string node = lease.node.text();
        const Scene scene = begin(name);
        SimRedis::Channel& state = redis_.channels[name];
        redis_.set_count(state, node, write.subscriptions);
        const auto stored = state.users;
        for (const auto& user : stored) {
            const bool is_announced = std::ranges::any_of(users, [&](const UserChange& change) {
                return change.member.user_id == user.member.user_id;
            });
            if (!is_announced && leave(name, node, user.member.user_id, write.recording)) {
                redis_.publish(name, encode(LeaveMessage{lease.node, 0, user.member.user_id}));
            }
        }
        std::vector<UserChange> coming;
        for (const UserChange& change : users) {
            bool is_new = false;
            if (redis_.join(state, node, change, is_new) == UserResult::changed) {
                redis_.publish(name, message_of(lease.node, change));
            }
            if (is_new) coming.push_back(change);
        }
        end(scene, name, write, coming);
        if (token != 0) redis_.publish(name, encode(SyncMessage{lease.node, token}));
    }

    void bury_in(
        const SimRedis::Name& name, const NodeId& node, const std::vector<RecordedApp>& recorded
    ) {
        Recording recording;
        for (const RecordedApp& app : recorded) {
            if (app.id == name.first) recording = name.second[0] == '#' ? app.users : app.channels;
        }
        const bool was_occupied = redis_.is_occupied(name);
        SimRedis::Channel& state = redis_.channels[name];
        const std::string text = node.text();
        const bool is_counted = state.counts.erase(text) != 0;
        bool is_held = is_counted;
        const auto stored = state.users;
        for (const auto& user : stored) {
            if (leave(name, text, user.member.user_id, recording)) is_held = true;
        }
        if (is_held) redis_.publish(name, encode(GoneMessage{node}));
        if (was_occupied && !redis_.is_occupied(name)) redis_.went(name, "", recording);
        if (is_counted && recording.counts_to_all) {
            const auto count = static_cast<std::uint32_t>(total(name));
            redis_.publish(name, encode(CountMessage{count}));
        }
        redis_.tidy(name);
    }

    SimRedis& redis_;
};

inline void SimRedis::publish(const Name& name, const std::string& bytes) {
    for (SimStore* store : connections) {
        if (!store->topics.contains(name)) continue;
        store->stream.push_back([store, name, bytes] {
            store->on_message({name.first, name.second}, bytes);
        });
    }
}

inline void SimRedis::publish_cluster(const std::string& bytes) {
    for (SimStore* store : connections) {
        if (!store->hears_cluster) continue;
        store->stream.push_back([store, bytes] { store->on_cluster_message(bytes); });
    }
}

}  // namespace fanfare::cluster::testing
