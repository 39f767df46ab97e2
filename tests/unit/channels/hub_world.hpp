// SPDX-License-Identifier: MIT
#pragma once

#include "support/hub_network.hpp"

#include "fanfare/channels/hub.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A model checker for the hub: clients on several shards that join, leave, publish and vanish at
/// random, over a network that is as unordered as the hub's contract permits, and a record of what
/// each of them saw, which is checked against that contract at the end.
namespace fanfare::channels::testing {

/// Counts everything that happens in the world.
using Time = std::uint64_t;
constexpr Time never = std::numeric_limits<Time>::max();

/// What a client gets in a channel: an event, or the coming or going of a user.
using Entry = int;

enum class EntryKind { event, added, removed };

constexpr Entry entry_of(EntryKind kind, int number) {
    return number * 3 + static_cast<int>(kind);
}

constexpr EntryKind kind_of_entry(Entry entry) {
    return static_cast<EntryKind>(entry % 3);
}

constexpr int number_of(Entry entry) {
    return entry / 3;
}

/// One publish call, to one or more channels.
struct PublishedEvent {
    Time published_at;
    Time done_at = never;
    std::optional<protocol::SocketId> except;
};

/// One time that a client was in a channel, from its confirmation to its leaving, and all it got
/// there.
struct Stay {
    protocol::SocketId client;
    std::size_t channel;
    int user = -1;  ///< in presence channels
    Time asked_at;
    Time confirmed_at;
    Time changing_at = never;  ///< asked to become another user, not yet answered
    Time left_at = never;
    std::vector<int> list_at_start;  ///< the users of the confirmation
    std::vector<Entry> entries;
    std::vector<int> list;  ///< the users as this client knows them
};

class HubWorld;

class Client final : public Subscriber {
public:
    Client(HubWorld& world, unsigned shard, AppIndex app, protocol::SocketId id)
        : Subscriber(app, id), world_(world), shard_(shard) {}

    [[nodiscard]] unsigned shard() const { return shard_; }

    struct Joining {
        std::size_t channel;
        int user;
        Time asked_at;
    };

    bool is_probe = false;  ///< stays for ever, so that it sees the channel's whole order
    bool is_detached = false;
    std::optional<Joining> joining;
    std::map<std::size_t, std::size_t> stays;  ///< channel → index in the world's stays
    std::map<int, int> last_of_publish;        ///< publish → the last of its channels that came

    void deliver(const BufferPtr& message) override;
    void on_join_result(
        std::string_view channel,
        JoinResult result,
        const BufferPtr& confirmation,
        const BufferPtr& replay
    ) override;
    void on_terminate(UserRole role) override;

    void on_app_change() override {}

    void on_drain() override {}

private:
    HubWorld& world_;
    unsigned shard_;
};

class HubWorld {
public:
    HubWorld(std::unique_ptr<HubNetwork> network, std::uint32_t seed);
    ~HubWorld();
    HubWorld(const HubWorld&) = delete;
    HubWorld& operator=(const HubWorld&) = delete;

    /// Plays `steps` random steps, waits for quiet and checks everything. Empty if all is well,
    /// otherwise the first promise that was broken.
    std::string run(std::size_t steps);

    /// How much happened, so that a test can see that the checker checks something.
    struct Tally {
        std::size_t stays = 0;
        std::size_t entries = 0;
        std::size_t refusals = 0;
        std::size_t orphaned_joins = 0;
        std::size_t terminations = 0;
        std::size_t ordered_stays = 0;  ///< checked against a known order
    };

    [[nodiscard]] const Tally& tally() const { return tally_; }

private:
    friend class Client;

    struct Channel {
        std::string name;
        AppIndex app;
        bool is_presence;
        std::optional<protocol::SocketId> probe;

        [[nodiscard]] ChannelRef ref() const { return {app, name}; }
    };

    Time tick() { return ++now_; }

    void fail(const std::string& what);

    // What happens.
    void start();
    void settle_home(Channel& channel);
    void place_probe(std::size_t channel);
    void step();
    void act(Client& client);
    Client& connect(unsigned shard, AppIndex app);
    void join(Client& client, std::size_t channel, int user);
    void join_something(Client& client);
    void leave(Client& client, std::size_t channel);
    void leave_something(Client& client);
    void detach(Client& client);
    void publish(unsigned shard, AppIndex app);
    void terminate(unsigned shard);
    void check_counts_when_quiet(unsigned shard);
    void drain();
    Client* random_client();

    // What clients report.
    void on_entry(Client& client, std::string_view text);
    void on_event(Client& client, Stay& stay, int event, int index);
    void on_member(Stay& stay, bool is_added, int user);
    void on_joined(Client& client, std::string_view confirmation);
    void on_refused(Client& client);
    void on_terminated(Client& client);

    // What is checked at the end (hub_world_checks.cpp).
    void check_end();
    void check_counts(std::size_t channel);
    void check_order(std::size_t channel);
    [[nodiscard]] bool is_stretch_of(const Stay& stay, const Stay& order) const;
    [[nodiscard]] std::optional<std::size_t> end_of(
        const Stay& stay, const Stay& order, std::size_t begin
    ) const;
    [[nodiscard]] bool fits(const Stay& stay, const Stay& order, std::size_t begin, std::size_t end)
        const;
    void check_publish_order(const Stay& order);
    void check_limit(const Stay& order);
    void check_pair(const Stay& a, const Stay& b);
    void check_nothing_left();
    [[nodiscard]] bool is_hidden(Entry entry, protocol::SocketId client) const;
    [[nodiscard]] std::vector<Entry> seen_by(const Stay& stay, const std::vector<Entry>& entries)
        const;

    Random random_;
    std::unique_ptr<HubNetwork> network_;
    std::vector<Channel> channels_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::unique_ptr<Client>> gone_;  // freed between two steps
    std::vector<Stay> stays_;
    std::vector<PublishedEvent> events_;
    std::vector<std::size_t> doomed_;  // stays whose user was terminated while they lasted
    std::size_t max_members_ = 0;
    std::uint32_t next_id_ = 1;
    int reactions_ = 0;  // how deep clients react to what they get, within one call
    Time now_ = 0;
    std::string fault_;
    Tally tally_;
};

}  // namespace fanfare::channels::testing
