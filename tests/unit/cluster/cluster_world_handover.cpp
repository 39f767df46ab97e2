// SPDX-License-Identifier: MIT
// Another process takes the place of a node, as server::Handover and Takeover do it.
#include "cluster_world.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace fanfare::cluster::testing {

void World::begin_handover() {
    if (handover_) return;
    SimNode& from = *nodes_[below(nodes_.size())];
    if (!from.is_connected || from.is_asleep) return;
    handover_.emplace(Handover{&from, std::make_unique<SimNode>(*this, "heir")});
    SimNode& to = *handover_->to;
    to.coordinator.attend(from.coordinator.channels_to_attend(false), [this](bool is_attended) {
        handover_->is_attended = is_attended;
        handover_->has_failed = !is_attended;
    });
    to.connect();
}

void World::call_off_handover() {
    graves_.push_back(std::move(handover_->to));
    redis.connections.erase(&graves_.back()->store);
    handover_.reset();
}

bool SimNode::is_at_rest() const {
    return store.commands.empty() && store.answers.empty() && store.subscriptions.empty() &&
           to_bus.empty() && to_hub.empty() && !wants_flush && coordinator.is_settled() &&
           std::ranges::none_of(clients, [](const auto& client) {
               return client->joining.has_value();
           });
}

/// As much as it takes: of what others say, the rest may wait.
bool World::bring_to_rest(SimNode& node) {
    while (!node.is_at_rest()) {
        if (!node.step(random)) return false;
    }
    return true;
}

std::vector<PassedSubscription> World::pass_clients(SimNode& from, SimNode& to) {
    std::vector<PassedSubscription> subscriptions;
    for (const auto& old : from.clients) {
        if (has_mishaps && one_in(8)) continue;  // as those whose TLS ends in the process
        auto& client = *to.clients.emplace_back(std::make_unique<SimClient>(to, old->socket_id()));
        client.lists = old->lists;
        client.users = old->users;
        client.events = old->events;
        client.replays = old->replays;
        to.hub.attach(client);
        for (const std::string& channel : channel_names) {
            const channels::ChannelRef ref{0, channel};
            const auto* subscription = from.hub.find_subscription(*old, ref);
            if (subscription == nullptr) continue;
            std::unique_ptr<channels::MemberIdentity> identity;
            PassedSubscription passed{channels::ChannelKey(ref), 0, {}};
            if (subscription->identity) {
                passed.user_id = subscription->identity->user_id;
                identity = std::make_unique<channels::MemberIdentity>(*subscription->identity);
            }
            to.hub.take_over(client, ref, std::move(identity));
            subscriptions.push_back(std::move(passed));
        }
    }
    return subscriptions;
}

void World::go_on_with_handover() {
    SimNode& from = *handover_->from;
    SimNode& to = *handover_->to;
    if (has_mishaps && one_in(10)) to.disconnect(random);
    if (handover_->has_failed) return call_off_handover();
    to.step(random);
    if (!handover_->is_attended || one_in(3)) return;

    if (!bring_to_rest(from)) return call_off_handover();
    std::optional<bool> is_attended;
    const auto late = from.coordinator.channels_to_attend(true);
    to.coordinator.attend(late, [&](bool is_all_there) { is_attended = is_all_there; });
    while (!is_attended && to.step(random)) {
    }
    if (!is_attended) return fail("the heir does not hear everything");
    bool has_caught_up = false;
    from.store.stream.emplace_back([&] { has_caught_up = true; });
    while (!has_caught_up) from.step(random);
    if (!*is_attended || !bring_to_rest(from)) return call_off_handover();
    try {
        const std::string passed = from.coordinator.pass();
        to.coordinator.take_over(passed, pass_clients(from, to));
    } catch (const std::exception& error) {
        return fail(error.what());
    }
    if (has_mishaps && one_in(4)) {
        to.disconnect(random);
        if (one_in(2)) to.connect();
    }
    ++handovers;
    to.coordinator.succeed();
    const auto place = std::ranges::find(nodes_, &from, [](const auto& n) { return n.get(); });
    redis.connections.erase(&from.store);
    graves_.push_back(std::exchange(*place, std::move(handover_->to)));
    handover_.reset();
}

}  // namespace fanfare::cluster::testing
