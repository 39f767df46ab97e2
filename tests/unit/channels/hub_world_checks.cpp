// SPDX-License-Identifier: MIT
#include "hub_world.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace fanfare::channels::testing {

void HubWorld::check_end() {
    for (const auto& client : clients_) {
        if (client->joining) fail("a join was never answered");
    }
    for (const PublishedEvent& event : events_) {
        if (event.done_at != never && event.done_at < event.published_at)
            fail("done before published");
    }
    for (const std::size_t stay : doomed_) {
        if (stays_[stay].left_at == never) fail("a user's connection outlived its termination");
    }
    for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
        check_counts(channel);
        check_order(channel);
    }
}

/// Home, lists of the clients and what the world knows agree.
void HubWorld::check_counts(std::size_t channel) {
    const ChannelRef ref = channels_[channel].ref();
    const ChannelHome& home = network_->home_of(ref).home();
    const ChannelStats stats = home.stats(ref);
    std::size_t connections = 0;
    std::set<int> users;
    std::vector<int> listed;
    for (const std::string& id : home.user_ids(ref)) listed.push_back(std::stoi(id));
    for (const Stay& stay : stays_) {
        if (stay.channel != channel || stay.left_at != never) continue;
        ++connections;
        if (stay.user >= 0) users.insert(stay.user);
        if (stay.list != listed) fail("a client knows other members than the home");
    }
    if (stats.subscriptions != connections) fail("the home counts connections wrongly");
    if (stats.users != users.size()) fail("the home counts users wrongly");
    if (std::set<int>(listed.begin(), listed.end()) != users || listed.size() != users.size()) {
        fail("the home lists other users");
    }
    for (unsigned shard = 0; shard < network_->shards(); ++shard) {
        if (&network_->hub(shard).home() == &home) continue;
        if (network_->hub(shard).home().stats(ref).is_occupied()) fail("a channel with two homes");
    }
}

void HubWorld::check_order(std::size_t channel) {
    std::vector<const Stay*> here;
    const Stay* order = nullptr;
    for (const Stay& stay : stays_) {
        if (stay.channel != channel) continue;
        here.push_back(&stay);
        if (stay.client == channels_[channel].probe) order = &stay;
    }
    if (order == nullptr) {
        for (std::size_t i = 0; i < here.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) check_pair(*here[i], *here[k]);
        }
        return;
    }
    check_publish_order(*order);
    check_limit(*order);
    for (const Stay* stay : here) {
        if (stay == order) continue;
        if (!is_stretch_of(*stay, *order)) {
            fail("a stay that is no stretch of the order of " + channels_[channel].name);
        }
        ++tally_.ordered_stays;
    }
}

/// Whether the entries of a stay are one stretch of the channel's order, and the right one.
bool HubWorld::is_stretch_of(const Stay& stay, const Stay& order) const {
    for (std::size_t begin = 0; begin <= order.entries.size(); ++begin) {
        const auto end = end_of(stay, order, begin);
        if (end && fits(stay, order, begin, *end)) return true;
    }
    return false;
}

/// Where a stay that began at `begin` of the order ends, if it saw what stands there.
std::optional<std::size_t> HubWorld::end_of(const Stay& stay, const Stay& order, std::size_t begin)
    const {
    std::size_t at = begin;
    for (const Entry entry : stay.entries) {
        while (at < order.entries.size() && is_hidden(order.entries[at], stay.client)) ++at;
        if (at == order.entries.size() || order.entries[at] != entry) return std::nullopt;
        ++at;
    }
    if (stay.left_at != never) return at;
    for (; at < order.entries.size(); ++at) {
        if (!is_hidden(order.entries[at], stay.client)) return std::nullopt;
    }
    return at;
}

/// Whether a stay from `begin` to `end` of the order agrees with the times of publishing and with
/// the list of its confirmation.
bool HubWorld::fits(const Stay& stay, const Stay& order, std::size_t begin, std::size_t end) const {
    for (std::size_t i = 0; i < end; ++i) {
        const Entry entry = order.entries[i];
        if (kind_of_entry(entry) != EntryKind::event) continue;
        const PublishedEvent& event = events_[static_cast<std::size_t>(number_of(entry))];
        if (i < begin && event.published_at > stay.confirmed_at) return false;
        if (i >= begin && event.done_at < stay.asked_at) return false;
    }
    if (stay.user < 0) return true;
    std::vector<int> list = order.list_at_start;
    for (std::size_t i = 0; i < begin; ++i) {
        const int user = number_of(order.entries[i]);
        if (kind_of_entry(order.entries[i]) == EntryKind::added) list.push_back(user);
        if (kind_of_entry(order.entries[i]) == EntryKind::removed) std::erase(list, user);
    }
    return list == stay.list_at_start;
}

/// What was done before another was published comes before it.
void HubWorld::check_publish_order(const Stay& order) {
    Time latest_published = 0;
    for (const Entry entry : order.entries) {
        if (kind_of_entry(entry) != EntryKind::event) continue;
        const PublishedEvent& event = events_[static_cast<std::size_t>(number_of(entry))];
        if (event.done_at < latest_published) fail("an event overtook one that was done before");
        latest_published = std::max(latest_published, event.published_at);
    }
}

void HubWorld::check_limit(const Stay& order) {
    if (max_members_ == 0 || order.user < 0) return;
    std::size_t members = order.list_at_start.size();
    for (const Entry entry : order.entries) {
        if (kind_of_entry(entry) == EntryKind::added) ++members;
        if (kind_of_entry(entry) == EntryKind::removed) --members;
        if (members > max_members_) return fail("more members than the limit allows");
    }
}

/// Two stays in a channel whose order nobody knows: where they overlap they saw the same.
void HubWorld::check_pair(const Stay& a, const Stay& b) {
    const std::vector<Entry> of_a = seen_by(b, a.entries);
    const std::vector<Entry> of_b = seen_by(a, b.entries);
    const auto is_common_event = [](const std::vector<Entry>& entries) {
        return [&entries](Entry entry) {
            return kind_of_entry(entry) == EntryKind::event &&
                   std::ranges::find(entries, entry) != entries.end();
        };
    };
    const auto stretch = [&](const std::vector<Entry>& mine, const std::vector<Entry>& others) {
        const auto first = std::ranges::find_if(mine, is_common_event(others));
        const auto last = std::find_if(mine.rbegin(), mine.rend(), is_common_event(others));
        return first == mine.end() ? std::vector<Entry>() : std::vector<Entry>(first, last.base());
    };
    if (stretch(of_a, of_b) != stretch(of_b, of_a)) {
        fail("two clients saw " + channels_[a.channel].name + " in different orders");
    }
}

bool HubWorld::is_hidden(Entry entry, protocol::SocketId client) const {
    return kind_of_entry(entry) == EntryKind::event &&
           events_[static_cast<std::size_t>(number_of(entry))].except == client;
}

std::vector<Entry> HubWorld::seen_by(const Stay& stay, const std::vector<Entry>& entries) const {
    std::vector<Entry> seen = entries;
    std::erase_if(seen, [&](Entry entry) { return is_hidden(entry, stay.client); });
    return seen;
}

void HubWorld::check_counts_when_quiet(unsigned shard) {
    drain();
    std::vector<Publication> publications;
    std::vector<ChannelStats> expected(channels_.size());
    const std::size_t number = events_.size();
    events_.push_back({tick(), never, std::nullopt});
    for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
        const std::string text = "event " + std::to_string(number) + " index " +
                                 std::to_string(channel) + " channel " + std::to_string(channel);
        publications.push_back(
            {ChannelKey(channels_[channel].ref()), EncodedFrame(text), std::nullopt}
        );
        std::set<int> users;
        for (const Stay& stay : stays_) {
            if (stay.channel != channel || stay.left_at != never) continue;
            ++expected[channel].subscriptions;
            if (stay.user >= 0) users.insert(stay.user);
        }
        expected[channel].users = users.size();
    }
    std::vector<ChannelKey> keys;
    for (const Publication& publication : publications) keys.push_back(publication.channel);
    bool is_done = false;
    network_->hub(shard).publish(std::move(publications), [&](bool) {
        events_[number].done_at = tick();
    });
    network_->hub(shard).stats(std::move(keys), [&](const std::vector<ChannelStats>& stats) {
        is_done = true;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (stats[i].subscriptions != expected[i].subscriptions ||
                stats[i].users != expected[i].users) {
                fail("the counts are wrong");
            }
        }
    });
    drain();
    if (!is_done) fail("a question was never answered");
}

void HubWorld::check_nothing_left() {
    while (!clients_.empty()) detach(*clients_.back());
    drain();
    for (unsigned shard = 0; shard < network_->shards(); ++shard) {
        Hub& hub = network_->hub(shard);
        if (!hub.home().list(0, "").empty() || !hub.home().list(1, "").empty()) {
            fail("a channel outlived its last client");
        }
        if (std::ranges::any_of(hub.subscribers(), [](const auto* client) {
                return client != nullptr;
            })) {
            fail("a slot outlived its client");
        }
    }
}

}  // namespace fanfare::channels::testing
