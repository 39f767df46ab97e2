// SPDX-License-Identifier: MIT
#include "hub_world.hpp"

#include "support/frame_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace fanfare::channels::testing {

using fanfare::testing::text_of;

namespace {

constexpr int user_count = 4;
constexpr int first_probe_user = 100;
constexpr int deepest_reaction = 3;

Member member_called(int user) {
    const std::string id = std::to_string(user);
    return {id, id, "{}", R"({"user_id":)" + id + R"(,"user_info":{}})"};
}

int number_after(std::string_view text, std::string_view mark) {
    int number = -1;
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return number;
    text.remove_prefix(at + mark.size());
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The ids in `\"ids\":[\"1\",\"2\"]`.
std::vector<int> ids_of(std::string_view confirmation) {
    std::vector<int> ids;
    const std::string_view mark = R"(\"ids\":[)";
    std::size_t at = confirmation.find(mark);
    if (at == std::string_view::npos) return ids;
    std::string_view rest = confirmation.substr(at + mark.size());
    rest = rest.substr(0, rest.find(']'));
    while ((at = rest.find_first_of("0123456789")) != std::string_view::npos) {
        int id = 0;
        const auto [end, error] = std::from_chars(rest.data() + at, rest.data() + rest.size(), id);
        ids.push_back(id);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    }
    return ids;
}

}  // namespace

void Client::deliver(const BufferPtr& message) {
    world_.on_entry(*this, text_of(message));
}

void Client::on_join_result(
    std::string_view, JoinResult result, const BufferPtr& confirmation, const BufferPtr& /*replay*/
) {
    if (!joining) return world_.fail("a join result that nobody waits for");
    if (is_detached) return world_.fail("a join result for a client that is gone");
    if (result == JoinResult::joined) {
        world_.on_joined(*this, text_of(confirmation));
    } else {
        world_.on_refused(*this);
    }
    if (!is_probe && one_in(world_.random_, 3)) world_.act(*this);
}

void Client::on_terminate(UserRole) {
    world_.on_terminated(*this);
}

HubWorld::HubWorld(std::unique_ptr<HubNetwork> network, std::uint32_t seed)
    : random_(seed), network_(std::move(network)) {}

HubWorld::~HubWorld() {
    for (auto& client : clients_) network_->hub(client->shard()).detach(*client);
}

void HubWorld::fail(const std::string& what) {
    if (fault_.empty()) fault_ = "at " + std::to_string(now_) + ": " + what;
}

std::string HubWorld::run(std::size_t steps) {
    start();
    for (std::size_t i = 0; i < steps && fault_.empty(); ++i) step();
    drain();
    if (fault_.empty()) check_end();
    if (fault_.empty()) check_nothing_left();
    tally_.stays = stays_.size();
    for (const Stay& stay : stays_) tally_.entries += stay.entries.size();
    return fault_;
}

void HubWorld::start() {
    channels_ = {
        {"news", 0, false, {}},
        {"presence-room", 0, true, {}},
        {"private-x", 0, false, {}},
        {"news", 1, false, {}},
        {"presence-room", 1, true, {}},
    };
    for (Channel& channel : channels_) settle_home(channel);
    if (one_in(random_, 3)) max_members_ = 2 + below(random_, 2);
    for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
        if (!one_in(random_, 3)) place_probe(channel);
    }
    drain();
}

/// Gives the channel a name with which it is at home where the seed says, and not where the key of
/// this process does: a fault has to come again with its seed.
void HubWorld::settle_home(Channel& channel) {
    const auto home = static_cast<unsigned>(below(random_, network_->shards()));
    while (network_->hub(0).home_of(channel.ref()) != home) channel.name.push_back('x');
}

/// A client on some shard that is in the channel from the beginning to the end.
void HubWorld::place_probe(std::size_t channel) {
    const auto shard = static_cast<unsigned>(below(random_, network_->shards()));
    Client& probe = connect(shard, channels_[channel].app);
    probe.is_probe = true;
    channels_[channel].probe = probe.socket_id();
    join(probe, channel, first_probe_user + static_cast<int>(channel));
}

void HubWorld::step() {
    gone_.clear();
    tick();
    const auto shard = static_cast<unsigned>(below(random_, network_->shards()));
    switch (below(random_, 20)) {
        case 0:
        case 1:
            connect(shard, static_cast<AppIndex>(below(random_, 2)));
            break;
        case 2:
            terminate(shard);
            break;
        case 3:
            publish(shard, static_cast<AppIndex>(below(random_, 2)));
            break;
        case 4:
            drain();
            break;
        case 5:
            check_counts_when_quiet(shard);
            break;
        case 6:
        case 7:
        case 8:
        case 9:
        case 10:
        case 11:
            network_->deliver_some(random_);
            break;
        default:
            if (Client* client = random_client()) act(*client);
    }
}

/// Something that a client does by itself; also in reaction to what it gets.
void HubWorld::act(Client& client) {
    if (client.is_detached || reactions_ == deepest_reaction) return;
    ++reactions_;
    switch (below(random_, 10)) {
        case 0:
            detach(client);
            break;
        case 1:
        case 2:
            leave_something(client);
            break;
        case 3:
        case 4:
            publish(client.shard(), client.app());
            break;
        default:
            join_something(client);
    }
    --reactions_;
}

Client* HubWorld::random_client() {
    if (clients_.empty()) return nullptr;
    Client* client = clients_[below(random_, clients_.size())].get();
    return client->is_probe ? nullptr : client;
}

Client& HubWorld::connect(unsigned shard, AppIndex app) {
    auto& client = *clients_.emplace_back(
        std::make_unique<Client>(*this, shard, app, protocol::SocketId{shard + 1, next_id_++})
    );
    network_->hub(shard).attach(client);
    return client;
}

void HubWorld::join_something(Client& client) {
    const std::size_t channel = below(random_, channels_.size());
    if (client.joining || channels_[channel].app != client.app()) return;
    join(client, channel, static_cast<int>(below(random_, user_count)));
}

void HubWorld::join(Client& client, std::size_t channel, int user) {
    const Channel& target = channels_[channel];
    std::optional<Member> member;
    if (target.is_presence) member = member_called(user);
    const auto present = client.stays.find(channel);
    if (present != client.stays.end() && target.is_presence &&
        stays_[present->second].user != user) {
        stays_[present->second].changing_at = tick();  // and lasts until there is an answer
    }
    client.joining = Client::Joining{channel, target.is_presence ? user : -1, tick()};
    network_->hub(client.shard()).join(client, target.ref(), std::move(member), max_members_);
}

void HubWorld::leave_something(Client& client) {
    if (client.stays.empty() || client.joining) return;  // a session that joins is busy
    auto stay = client.stays.begin();
    std::advance(stay, below(random_, client.stays.size()));
    leave(client, stay->first);
}

void HubWorld::leave(Client& client, std::size_t channel) {
    const auto stay = client.stays.find(channel);
    if (stay != client.stays.end()) {
        stays_[stay->second].left_at = tick();
        client.stays.erase(stay);
    }
    network_->hub(client.shard()).leave(client, channels_[channel].ref());
    if (network_->hub(client.shard()).find_subscription(client, channels_[channel].ref())) {
        fail("a subscription outlived leaving");
    }
}

void HubWorld::detach(Client& client) {
    for (const auto& [channel, stay] : client.stays) stays_[stay].left_at = tick();
    client.stays.clear();
    if (client.joining) ++tally_.orphaned_joins;
    client.joining.reset();
    client.is_detached = true;
    network_->hub(client.shard()).detach(client);
    if (!client.subscriptions().empty()) fail("a subscription outlived its client");
    const auto found = std::ranges::find(clients_, &client, &std::unique_ptr<Client>::get);
    gone_.push_back(std::move(*found));
    clients_.erase(found);
}

void HubWorld::publish(unsigned shard, AppIndex app) {
    std::vector<std::size_t> order(channels_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::shuffle(order, random_);
    std::erase_if(order, [&](std::size_t channel) { return channels_[channel].app != app; });
    order.resize(std::min(order.size(), 1 + below(random_, 3)));

    const std::size_t number = events_.size();
    PublishedEvent event{tick(), never, std::nullopt};
    const Client* excepted = random_client();
    if (excepted != nullptr && one_in(random_, 3)) event.except = excepted->socket_id();
    std::vector<Publication> publications;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Channel& channel = channels_[order[i]];
        const std::string text = "event " + std::to_string(number) + " index " + std::to_string(i) +
                                 " channel " + std::to_string(order[i]);
        publications.push_back({ChannelKey(channel.ref()), EncodedFrame(text), event.except});
    }
    events_.push_back(event);
    if (one_in(random_, 4)) return network_->hub(shard).publish(std::move(publications), nullptr);
    network_->hub(shard).publish(
        std::move(publications),
        [this, number, shard, app](bool is_accepted) {
            events_[number].done_at = tick();
            if (!is_accepted) fail("a node that is alone refuses to publish");
            if (reactions_ < deepest_reaction && one_in(random_, 8)) {
                ++reactions_;
                publish(shard, app);
                --reactions_;
            }
        }
    );
}

void HubWorld::terminate(unsigned shard) {
    const auto app = static_cast<AppIndex>(below(random_, 2));
    const auto user = static_cast<int>(below(random_, user_count));
    for (std::size_t i = 0; i < stays_.size(); ++i) {
        const Stay& stay = stays_[i];
        const bool is_meant = stay.user == user && channels_[stay.channel].app == app;
        if (is_meant && stay.left_at == never) doomed_.push_back(i);
    }
    network_->hub(shard).terminate(app, std::to_string(user));
    if (one_in(random_, 2)) drain();
}

void HubWorld::drain() {
    do gone_.clear();
    while (network_->deliver_some(random_));
    gone_.clear();
}

void HubWorld::on_entry(Client& client, std::string_view text) {
    tick();
    if (client.is_detached) return fail("a delivery to a client that is gone");
    int channel = number_after(text, " channel ");
    if (channel < 0) {
        const bool is_room = text.find(R"("channel":"presence-room)") != std::string_view::npos;
        if (!is_room) return fail("a frame that nobody sent: " + std::string(text));
        channel = client.app() == 0 ? 1 : 4;
    }
    if (channels_[static_cast<std::size_t>(channel)].app != client.app()) {
        return fail("a delivery from another app");
    }
    const auto found = client.stays.find(static_cast<std::size_t>(channel));
    if (found == client.stays.end())
        return fail("a delivery outside of a stay: " + std::string(text));
    Stay& stay = stays_[found->second];
    if (text.starts_with("event ")) {
        return on_event(client, stay, number_after(text, "event "), number_after(text, "index "));
    }
    on_member(
        stay,
        text.find("member_added") != std::string_view::npos,
        number_after(text, R"(user_id\":)")
    );
}

void HubWorld::on_event(Client& client, Stay& stay, int event, int index) {
    stay.entries.push_back(entry_of(EntryKind::event, event));
    if (events_[static_cast<std::size_t>(event)].except == client.socket_id()) {
        fail("an event for everybody else");
    }
    const auto [last, is_first] = client.last_of_publish.emplace(event, index);
    if (!is_first && last->second >= index) fail("the channels of a publish came in another order");
    last->second = index;
}

void HubWorld::on_member(Stay& stay, bool is_added, int user) {
    stay.entries.push_back(entry_of(is_added ? EntryKind::added : EntryKind::removed, user));
    const auto found = std::ranges::find(stay.list, user);
    if (is_added == (found != stay.list.end())) {
        return fail(is_added ? "a present member was added" : "an absent member was removed");
    }
    if (is_added) {
        stay.list.push_back(user);
    } else {
        stay.list.erase(found);
    }
}

void HubWorld::on_joined(Client& client, std::string_view confirmation) {
    tick();
    const Client::Joining joining = *std::exchange(client.joining, std::nullopt);
    const std::vector<int> ids = ids_of(confirmation);
    if (joining.user >= 0 && std::ranges::find(ids, joining.user) == ids.end()) {
        fail("a joiner is not in its own list");
    }
    if (const auto present = client.stays.find(joining.channel); present != client.stays.end()) {
        Stay& stay = stays_[present->second];
        if (stay.user == joining.user) {
            if (stay.list != ids) fail("confirmed again with another list");
            return;
        }
        stay.left_at = now_;
        client.stays.erase(present);
    }
    client.stays.emplace(joining.channel, stays_.size());
    stays_.push_back(
        {client.socket_id(),
         joining.channel,
         joining.user,
         joining.asked_at,
         now_,
         never,
         never,
         ids,
         {},
         ids}
    );
    const auto* subscription =
        network_->hub(client.shard()).find_subscription(client, channels_[joining.channel].ref());
    if (subscription == nullptr) return fail("confirmed, but not subscribed");
    const bool has_identity = subscription->identity != nullptr;
    if (has_identity != (joining.user >= 0) ||
        (has_identity && subscription->identity->user_id != std::to_string(joining.user))) {
        fail("subscribed as somebody else");
    }
}

void HubWorld::on_refused(Client& client) {
    ++tally_.refusals;
    const Client::Joining joining = *std::exchange(client.joining, std::nullopt);
    if (max_members_ == 0 || joining.user < 0) fail("refused without a limit");
    if (const auto present = client.stays.find(joining.channel); present != client.stays.end()) {
        Stay& stay = stays_[present->second];
        stay.changing_at = never;
        if (stay.user == joining.user) fail("refused where it is already");
        const auto* subscription = network_->hub(client.shard())
                                       .find_subscription(client, channels_[joining.channel].ref());
        if (subscription == nullptr) return fail("refused and thrown out");
        if (subscription->identity->user_id != std::to_string(stay.user)) {
            fail("refused and yet another user");
        }
    }
    for (const Stay& stay : stays_) {
        const bool was_there = stay.channel == joining.channel && stay.user == joining.user &&
                               stay.confirmed_at < joining.asked_at && stay.left_at == never &&
                               stay.changing_at == never;
        if (was_there) fail("refused a further connection of a member");
    }
}

void HubWorld::on_terminated(Client& client) {
    ++tally_.terminations;
    const bool is_member = std::ranges::any_of(client.stays, [&](const auto& stay) {
        return stays_[stay.second].user >= 0;
    });
    if (!is_member) fail("terminated without being anybody");
    if (client.is_detached) return fail("terminated after it was gone");
    if (!client.is_probe) detach(client);
}

}  // namespace fanfare::channels::testing
