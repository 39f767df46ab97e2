// SPDX-License-Identifier: MIT
// What has to be true of the world in the end.
#include "cluster_world.hpp"

#include <algorithm>

namespace fanfare::cluster::testing {

void World::check_presence() {
    for (const std::string& channel : channel_names) {
        if (!is_presence(channel)) continue;
        std::multiset<std::string> truth;
        for (const auto& node : nodes_) {
            for (const auto& client : node->clients) {
                if (node->hub.find_subscription(*client, {0, channel}) == nullptr) continue;
                if (!truth.contains(client->users[channel])) truth.insert(client->users[channel]);
            }
        }
        for (const auto& node : nodes_) {
            if (!node->coordinator.is_open()) fail("a node is not open in the end");
            for (const auto& client : node->clients) {
                if (node->hub.find_subscription(*client, {0, channel}) == nullptr) continue;
                if (client->lists[channel] != truth) {
                    std::string text = "wrong list in " + channel + ":";
                    for (const auto& user : client->lists[channel]) text += " " + user;
                    text += "; true:";
                    for (const auto& user : truth) text += " " + user;
                    fail(text);
                }
            }
        }
    }
}

void World::check_redis() {
    std::set<std::string> alive;
    for (const auto& [id, entry] : redis.nodes) alive.insert(id);
    if (alive.size() != nodes_.size()) fail("leases: " + std::to_string(alive.size()));
    for (const auto& [name, channel] : redis.channels) {
        for (const auto& [node, count] : channel.counts) {
            if (!alive.contains(node)) fail("ghost count of " + node + " in " + name.second);
        }
        for (const auto& user : channel.users) {
            for (const auto& node : user.nodes) {
                if (!alive.contains(node)) fail("ghost " + user.member.user_id + " of " + node);
            }
        }
        std::size_t subscribers = 0;
        std::uint64_t counted = 0;
        for (const auto& [node, count] : channel.counts) counted += count;
        for (const auto& node : nodes_) {
            for (const auto& client : node->clients) {
                if (node->hub.find_subscription(*client, {0, name.second}) != nullptr)
                    ++subscribers;
            }
        }
        if (counted != subscribers) {
            fail(
                "count of " + name.second + " is " + std::to_string(counted) + ", not " +
                std::to_string(subscribers)
            );
        }
    }
    const std::size_t clients_of_all = [&] {
        std::size_t sum = 0;
        for (const auto& node : nodes_) sum += node->clients.size();
        return sum;
    }();
    for (const auto& node : nodes_) {
        if (node->clients.size() + node->elsewhere != clients_of_all) fail("connections elsewhere");
    }
}

/// In peace all subscribers of a channel have the same events in the same order, from their
/// confirmation on.
void World::check_events() {
    for (const std::string& channel : channel_names) {
        std::vector<std::string> longest;
        std::vector<const std::vector<std::string>*> all;
        for (const auto& node : nodes_) {
            for (const auto& client : node->clients) {
                if (node->hub.find_subscription(*client, {0, channel}) == nullptr) continue;
                const auto& seen = client->events[channel];
                all.push_back(&seen);
                if (seen.size() > longest.size()) longest = seen;
            }
        }
        for (const auto* seen : all) {
            const bool is_tail = std::equal(seen->rbegin(), seen->rend(), longest.rbegin());
            if (!is_tail) {
                std::string text = "events of " + channel + " differ:";
                for (const auto& event : *seen) text += " " + event;
                text += "; others:";
                for (const auto& event : longest) text += " " + event;
                fail(text);
            }
        }
    }
}

/// Each coming and going is recorded once, in turn, and in the end how it is; and apps are told of
/// all that, in peace once.
void World::check_told() {
    std::map<std::string, std::vector<std::string>> recorded;
    for (const Recorded& each : redis.history) {
        recorded[each.channel].push_back(text_of(each.kind, each.detail));
    }
    if (!has_mishaps && told != recorded) fail("told otherwise than recorded");
    for (const std::string& channel : channel_names) {
        std::set<std::string> present;
        bool is_occupied = false;
        std::string story;
        const std::vector<std::string>& tales = told[channel];
        for (const std::string& news : recorded[channel]) {
            if (std::ranges::count(tales, news) < std::ranges::count(recorded[channel], news)) {
                fail("not told: " + news + " of " + channel);
            }
            story += " " + news;
            if (news == "occupied" || news == "vacated") {
                if (is_occupied == (news == "occupied")) fail("told again:" + story);
                is_occupied = news == "occupied";
            } else if (news[0] == '+' ? !present.insert(news.substr(1)).second : present.erase(news.substr(1)) == 0) {
                fail("told wrongly in " + channel + ":" + story);
            }
            if (news[0] == '+' && !is_occupied) fail("a member of an empty channel:" + story);
        }
        std::set<std::string> truth;
        bool is_anybody_there = false;
        for (const auto& node : nodes_) {
            for (const auto& client : node->clients) {
                if (node->hub.find_subscription(*client, {0, channel}) == nullptr) continue;
                is_anybody_there = true;
                if (is_presence(channel)) truth.insert(client->users[channel]);
            }
        }
        if (is_occupied != is_anybody_there) fail("occupied or not? " + channel + ":" + story);
        if (present != truth) fail("members of " + channel + " as recorded:" + story);
    }
}

/// In peace a subscriber of a cache channel has, replayed or live, seen each event from some point
/// on, once, up to the one that Redis keeps.
void World::check_cached() {
    for (const std::string& channel : channel_names) {
        if (!is_cache(channel)) continue;
        std::string kept;
        if (const auto found = redis.cached.find({"app", channel}); found != redis.cached.end()) {
            kept = found->second;
        }
        for (const auto& node : nodes_) {
            for (const auto& client : node->clients) {
                if (node->hub.find_subscription(*client, {0, channel}) == nullptr) continue;
                const auto& seen = client->events[channel];
                const std::string& replay = client->replays[channel];
                const std::string last = seen.empty() ? replay : seen.back();
                if (std::ranges::find(seen, replay) != seen.end()) {
                    fail("replayed and live: " + replay + " in " + channel);
                }
                if (last.empty() ? !kept.empty() : kept.find('"' + last + '"') == kept.npos) {
                    fail("last seen in " + channel + ": " + last + "; kept: " + kept);
                }
            }
        }
    }
}

}  // namespace fanfare::cluster::testing
