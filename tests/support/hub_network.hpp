// SPDX-License-Identifier: MIT
#pragma once

#include "support/manual_clock.hpp"

#include "fanfare/base/mailbox.hpp"
#include "fanfare/channels/hub.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <utility>
#include <vector>

/// Shards without threads: hubs whose messages wait until a test delivers them, in any order that
/// real mailboxes could produce.
namespace fanfare::channels::testing {

using fanfare::testing::ManualClock;
using Random = std::mt19937;

inline std::size_t below(Random& random, std::size_t limit) {
    return random() % limit;
}

inline bool one_in(Random& random, std::size_t count) {
    return below(random, count) == 0;
}

/// The hubs of all shards and what is under way between them.
class HubNetwork {
public:
    explicit HubNetwork(unsigned shards) {
        for (unsigned shard = 0; shard < shards; ++shard) {
            auto& port = *ports_.emplace_back(std::make_unique<Port>(*this, shard));
            counters_.push_back(std::make_unique<Counters>());
            hubs_.push_back(std::make_unique<Hub>(HubContext{
                .shard = shard,
                .shards = shards,
                .links = port,
                .clock = clock_,
                .counters = counters_.back().get()}));
        }
    }

    HubNetwork(const HubNetwork&) = delete;
    HubNetwork& operator=(const HubNetwork&) = delete;
    virtual ~HubNetwork() = default;

    [[nodiscard]] Hub& hub(unsigned shard) { return *hubs_[shard]; }

    [[nodiscard]] const Activity& activity(unsigned shard) const {
        return counters_[shard]->activity();
    }

    [[nodiscard]] ManualClock& clock() { return clock_; }

    [[nodiscard]] unsigned shards() const { return static_cast<unsigned>(hubs_.size()); }

    [[nodiscard]] Hub& home_of(ChannelRef channel) { return hub(hub(0).home_of(channel)); }

    /// Delivers something; false if nothing is under way.
    virtual bool deliver_some(Random& random) = 0;

    void drain(Random& random) {
        while (deliver_some(random)) {
        }
    }

private:
    struct Port final : ShardLinks {
        Port(HubNetwork& owner, unsigned from_shard) : network(owner), from(from_shard) {}

        void post(unsigned shard, HubTask task) override {
            network.post(from, shard, std::move(task));
        }

        HubNetwork& network;
        unsigned from;
    };

    virtual void post(unsigned from, unsigned to, ShardLinks::HubTask task) = 0;

    ManualClock clock_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::vector<std::unique_ptr<Counters>> counters_;
    std::vector<std::unique_ptr<Hub>> hubs_;
};

/// Delivers one message at a time, in a random order that is as wild as causality permits: a
/// message overtakes another to the same shard unless it was sent in knowledge of it. Vector clocks
/// tell.
class CausalNetwork final : public HubNetwork {
public:
    explicit CausalNetwork(unsigned shards)
        : HubNetwork(shards), clocks_(shards, std::vector<std::uint32_t>(shards)) {}

    bool deliver_some(Random& random) override {
        if (pending_.empty()) return false;
        std::size_t chosen = below(random, pending_.size());
        for (std::size_t i = 0; i < pending_.size();) {
            const bool blocks = i != chosen && pending_[i].to == pending_[chosen].to &&
                                is_known(pending_[i], pending_[chosen]);
            if (blocks) chosen = i;
            i = blocks ? 0 : i + 1;
        }
        Message message = std::move(pending_[chosen]);
        pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(chosen));
        auto& clock = clocks_[message.to];
        for (std::size_t i = 0; i < clock.size(); ++i) {
            clock[i] = std::max(clock[i], message.clock[i]);
        }
        message.task(hub(message.to));
        return true;
    }

private:
    struct Message {
        unsigned from;
        unsigned to;
        std::vector<std::uint32_t> clock;
        ShardLinks::HubTask task;
    };

    void post(unsigned from, unsigned to, ShardLinks::HubTask task) override {
        ++clocks_[from][from];
        pending_.push_back({from, to, clocks_[from], std::move(task)});
    }

    /// Whether `later` was sent in knowledge of `earlier`.
    static bool is_known(const Message& earlier, const Message& later) {
        return earlier.clock[earlier.from] <= later.clock[earlier.from];
    }

    std::vector<std::vector<std::uint32_t>> clocks_;
    std::vector<Message> pending_;
};

/// The mailboxes of the daemon, drained in a random order of shards.
class MailboxNetwork final : public HubNetwork {
public:
    explicit MailboxNetwork(unsigned shards) : HubNetwork(shards) {
        for (unsigned shard = 0; shard < shards; ++shard) {
            boxes_.push_back(std::make_unique<Mailbox<Hub>>([this, shard] {
                woken_.push_back(shard);
            }));
        }
    }

    bool deliver_some(Random& random) override {
        if (woken_.empty()) return false;
        std::swap(woken_[below(random, woken_.size())], woken_.back());
        const unsigned shard = woken_.back();
        woken_.pop_back();
        boxes_[shard]->drain(hub(shard));
        return true;
    }

private:
    void post(unsigned, unsigned to, ShardLinks::HubTask task) override {
        boxes_[to]->post(std::move(task));
    }

    std::vector<std::unique_ptr<Mailbox<Hub>>> boxes_;
    std::vector<unsigned> woken_;
};

}  // namespace fanfare::channels::testing
