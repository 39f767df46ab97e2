// SPDX-License-Identifier: MIT
#pragma once

#include "message_text.hpp"
#include "sim_store.hpp"
#include "store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fanfare::cluster::testing {

/// A lease that lasts, and one that is over by any clock.
constexpr RedisTime lasting = RedisTime{1} << 50;
constexpr RedisTime over = 1;

inline Lease lease_of(const std::string& name, RedisTime deadline = lasting) {
    return {{name, 1}, deadline};
}

inline UserChange joins(const std::string& user_id, std::uint64_t op, std::size_t max_members = 0) {
    return {op, true, member_of(user_id), max_members};
}

inline UserChange becomes(
    const std::string& user_id,
    const std::string& former,
    std::uint64_t op,
    std::size_t max_members = 0
) {
    return {op, true, member_of(user_id), max_members, former};
}

inline UserChange leaves(const std::string& user_id, std::uint64_t op) {
    return {op, false, {user_id, {}, {}, {}}};
}

/// A Store with what it takes to call it as if it answered at once, and to hear what it publishes.
class StoreDriver {
public:
    virtual ~StoreDriver() = default;

    [[nodiscard]] virtual Store& store() = 0;

    /// Subscribes to a channel, or returns when that is done.
    virtual void listen(ChannelName channel) = 0;

    /// All that was published in channels listened to since the last call, as `channel: message`.
    virtual std::vector<std::string> heard() = 0;

    Recording recording;  ///< of all that follows

    /// All that is recorded and has not been read.
    std::vector<Recorded> records(const NodeId& reader) {
        std::vector<Recorded> all;
        for (unsigned bucket = 0; bucket < store().buckets(); ++bucket) {
            for (auto handled = std::uint64_t{0};;) {
                const auto some = answer<std::vector<Recorded>>([&](auto done) {
                    store().read_records(bucket, reader, handled, done);
                });
                if (some.empty()) break;
                handled = some.back().serial;
                all.insert(all.end(), some.begin(), some.end());
            }
        }
        return all;
    }

    Store::Updated update(
        ChannelName channel,
        const Lease& lease,
        std::uint64_t subscriptions,
        bool holds_anything,
        const std::vector<UserChange>& changes = {}
    ) {
        return answer<Store::Updated>([&](auto done) {
            store().update(
                {channel, lease, subscriptions, holds_anything, false, recording}, changes, done
            );
        });
    }

    Store::Announced announce(
        ChannelName channel,
        const Lease& lease,
        std::uint64_t subscriptions,
        const std::vector<UserChange>& users,
        std::uint64_t token
    ) {
        return answer<Store::Announced>([&](auto done) {
            const bool holds_anything = subscriptions != 0 || !users.empty();
            store().announce(
                {channel, lease, subscriptions, holds_anything, false, recording},
                users,
                token,
                done
            );
        });
    }

    void keep(ChannelName channel, std::string_view message, std::string_view text) {
        answer<bool>([&](auto done) {
            store().publish_and_keep(channel, message, text, channels::CacheTime::zero(), [done] {
                done(true);
            });
        });
    }

    Store::Holdings holdings(const NodeId& node) {
        return answer<Store::Holdings>([&](auto done) { store().holdings(node, done); });
    }

    Heartbeat heartbeat(
        const NodeId& node,
        bool is_new,
        std::chrono::milliseconds validity,
        const NodeInfo& info = {}
    ) {
        return answer<Heartbeat>([&](auto done) {
            store().heartbeat(node, is_new, validity, info, done);
        });
    }

    void bury(const NodeId& node) {
        answer<bool>([&](auto done) {
            const std::vector<RecordedApp> apps{
                {"app", recording, recording}, {"app:%{}", recording, recording}};
            store().bury(node, apps, [done] { done(true); });
        });
    }

    channels::ChannelStats stats(ChannelName channel) {
        return answer<channels::ChannelStats>([&](auto done) { store().stats(channel, done); });
    }

    std::vector<std::string> user_ids(ChannelName channel) {
        return answer<std::vector<std::string>>([&](auto done) { store().user_ids(channel, done); }
        );
    }

    channels::ChannelHome::Listing list(std::string_view app_id, std::string_view prefix) {
        return answer<channels::ChannelHome::Listing>([&](auto done) {
            store().list(app_id, prefix, done);
        });
    }

protected:
    /// Lets time pass until it is so; throws when it does not become so.
    virtual void wait_for(const std::function<bool()>& condition) = 0;

private:
    template <typename Value, typename Call>
    Value answer(Call call) {
        std::optional<Value> answer;
        call(std::function<void(Value)>([&](Value value) { answer = std::move(value); }));
        wait_for([&] { return answer.has_value(); });
        return *std::move(answer);
    }
};

/// The simulation: everything happens when it is waited for.
class SimDriver final : public StoreDriver {
public:
    SimDriver() : store_(redis) {
        redis.connections.insert(&store_);
        store_.on_subscribed = [](ChannelName) {};
        store_.on_message = [this](ChannelName channel, std::string_view bytes) {
            heard_.push_back(std::string(channel.name) + ": " + text_of_bytes(bytes));
        };
    }

    [[nodiscard]] Store& store() override { return store_; }

    void listen(ChannelName channel) override {
        store_.subscribe(channel);
        store_.subscriptions.back()();
        store_.subscriptions.clear();
    }

    std::vector<std::string> heard() override {
        for (auto& message : std::exchange(store_.stream, {})) message();
        return std::exchange(heard_, {});
    }

    SimRedis redis;

private:
    void wait_for(const std::function<bool()>& condition) override {
        for (auto& command : std::exchange(store_.commands, {})) command()();
        if (!condition()) throw std::logic_error("the simulation does not answer");
    }

    SimStore store_;
    std::vector<std::string> heard_;
};

/// What an answer says, to be compared.
inline std::string text_of(const Store::Updated& updated) {
    std::string text = updated.is_fenced ? "fenced" : "updated";
    for (const auto result : updated.results) {
        text += result == Store::UserResult::changed     ? " changed"
                : result == Store::UserResult::unchanged ? " unchanged"
                                                         : " full";
    }
    return text;
}

inline std::string text_of(const Store::Announced& announced) {
    std::string text = announced.is_fenced ? "fenced" : "announced";
    for (const Snapshot::User& user : announced.snapshot.users) {
        text += ' ' + user.member.user_id + '(';
        for (const NodeId& node : user.nodes) text += (text.back() == '(' ? "" : " ") + node.text();
        text += ')';
    }
    if (announced.snapshot.cached) {
        text += " cached " + std::string(announced.snapshot.cached->event.text());
    }
    return text;
}

}  // namespace fanfare::cluster::testing
