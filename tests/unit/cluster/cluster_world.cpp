// SPDX-License-Identifier: MIT
#include "cluster_world.hpp"

#include "support/frame_text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>

namespace fanfare::cluster::testing {

using channels::ChannelRef;
using channels::Hub;

namespace {

constexpr std::chrono::milliseconds lease{10'000};
constexpr std::size_t max_members = 3;
const std::vector<std::string> user_names{"u0", "u1", "u2", "u3"};

spdlog::logger& silent_log() {
    static spdlog::logger log("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
    return log;
}

CoordinatorOptions options_of(const std::string& name) {
    CoordinatorOptions options;
    options.name = name;
    options.lease = lease;
    return options;
}

}  // namespace

// ---- clients

SimClient::SimClient(SimNode& node, protocol::SocketId id) : Subscriber(0, id), node_(node) {}

void SimClient::deliver(const BufferPtr& message) {
    const auto json = nlohmann::json::parse(fanfare::testing::text_of(message));
    const std::string event = json["event"];
    const std::string channel = json["channel"];
    if (!event.starts_with("pusher_internal:member_")) {
        auto& seen = events[channel];
        if (std::ranges::find(seen, event) != seen.end()) node_.world.fail("twice " + event);
        seen.push_back(event);
        return;
    }
    const std::string user = nlohmann::json::parse(json["data"].get<std::string>())["user_id"];
    auto& list = lists[channel];
    // In the midst of becoming another user it is told only in part, and then all at once.
    const bool is_strict = joining != channel;
    if (event == "pusher_internal:member_added") {
        if (is_strict && list.contains(user))
            node_.world.fail("added twice: " + user + " in " + channel);
        list.insert(user);
    } else if (list.erase(user) == 0 && is_strict) {
        node_.world.fail("removed, but was not there: " + user + " in " + channel);
    }
}

void SimClient::on_join_result(
    std::string_view channel,
    channels::JoinResult result,
    const BufferPtr& confirmation,
    const BufferPtr& replay
) {
    joining.reset();
    const std::string name(channel);
    if (result != channels::JoinResult::joined) return;
    if (is_cache(name)) {
        if (!replay) return node_.world.fail("nothing replayed in " + name);
        const auto shown = nlohmann::json::parse(fanfare::testing::text_of(replay));
        const std::string event = shown["event"];
        const bool is_miss = event == "pusher:cache_miss";
        if (events[name].empty()) replays[name] = is_miss ? "" : event;
    }
    if (is_presence(name)) users[name] = wanted_user;
    if (!is_presence(name)) return;
    const auto json = nlohmann::json::parse(fanfare::testing::text_of(confirmation));
    const auto data = nlohmann::json::parse(json["data"].get<std::string>());
    auto& list = lists[name];
    list.clear();
    for (const std::string id : data["presence"]["ids"]) list.insert(id);
    if (!list.contains(users[name])) node_.world.fail("not in its own list: " + users[name]);
}

// ---- nodes

SimNode::SimNode(World& owner, std::string name, const std::string& app_id)
    : world(owner),
      store(owner.redis),
      coordinator(options_of(name), store, *this, silent_log()),
      hub({0, 1, *this, clock, this}) {
    coordinator.add_app(0, app_id);
    store.on_subscribed = [this](ChannelName channel) {
        coordinator.on_subscribed(channel.app_id, channel.name);
    };
    store.on_cluster_subscribed = [this] { coordinator.on_cluster_subscribed(); };
    store.on_message = [this](ChannelName channel, std::string_view bytes) {
        coordinator.on_message(channel.app_id, channel.name, bytes);
    };
    store.on_cluster_message = [this](std::string_view bytes) {
        coordinator.on_cluster_message(bytes);
    };
}

SimNode::~SimNode() {
    for (auto& client : clients) hub.detach(*client);
    world.redis.connections.erase(&store);
}

Clock::TimePoint SimNode::now() const {
    return Clock::TimePoint{} + std::chrono::milliseconds(world.redis.now);
}

channels::AppPolicy SimNode::policy_of(AppIndex) const {
    channels::AppPolicy policy;
    policy.tells_transitions = true;
    return policy;
}

std::string text_of(channels::Happening::Kind kind, const std::string& detail) {
    using Kind = channels::Happening::Kind;
    switch (kind) {
        case Kind::channel_occupied:
            return "occupied";
        case Kind::channel_vacated:
            return "vacated";
        case Kind::member_added:
            return "+" + detail;
        case Kind::member_removed:
            return "-" + detail;
        default:
            return "what nobody wants to know";
    }
}

void SimNode::tell(channels::Happening happening) {
    world.told[happening.channel.name].push_back(text_of(happening.kind, happening.detail));
}

void SimNode::join(channels::JoinRequest request) {
    to_bus.emplace_back([request](Coordinator& bus) { bus.join(request); });
}

void SimNode::leave(unsigned shard, channels::ChannelKey channel, std::string user_id) {
    to_bus.emplace_back([shard, channel, user_id](Coordinator& bus) {
        bus.leave(shard, channel, user_id);
    });
}

void SimNode::publish(
    unsigned, std::vector<channels::Publication> publications, std::function<void(bool)> done
) {
    to_bus.emplace_back([publications, done](Coordinator& bus) { bus.publish(publications, done); }
    );
}

void SimNode::connect() {
    is_connected = true;
    world.redis.connections.insert(&store);
    coordinator.on_up(std::to_string(world.redis.run_id));
}

void SimNode::disconnect(std::mt19937& random) {
    // What was on its way may have been executed; what came back is lost.
    while (!store.commands.empty() && random() % 3 != 0) {
        store.commands.front()();
        store.commands.pop_front();
    }
    is_connected = false;
    world.redis.connections.erase(&store);
    store.commands.clear();
    store.subscriptions.clear();
    store.answers.clear();
    store.stream.clear();
    store.topics.clear();
    store.hears_cluster = false;
    coordinator.on_down();
}

bool SimNode::step(std::mt19937& random) {
    std::vector<std::function<void()>> possible;
    const auto offer = [&](auto& queue, auto run) {
        if (queue.empty()) return;
        possible.push_back([&queue, run] {
            auto next = std::move(queue.front());
            queue.pop_front();
            run(next);
        });
    };
    if (is_connected) {
        offer(store.commands, [this](SimStore::Command& c) { store.answers.push_back(c()); });
        offer(store.subscriptions, [](auto& subscribe) { subscribe(); });
    }
    if (!is_asleep) {
        if (is_connected) {
            offer(store.answers, [](auto& answer) { answer(); });
            offer(store.stream, [](auto& message) { message(); });
        }
        offer(to_bus, [this](auto& work) { work(coordinator); });
        offer(to_hub, [this](auto& task) { task(hub); });
        if (wants_flush) {
            possible.push_back([this] {
                wants_flush = false;
                coordinator.flush();
            });
        }
    }
    if (possible.empty()) return false;
    possible[random() % possible.size()]();
    return true;
}

// ---- the world

World::World(std::uint32_t seed, bool mishaps, int nodes) : random(seed), has_mishaps(mishaps) {
    for (int i = 0; i < nodes; ++i) start_node();
    if (!mishaps) settle();  // clients are let in when the node is part of the cluster
}

World::~World() = default;

void World::fail(const std::string& what) {
    if (failure_.empty()) failure_ = what;
}

void World::start_node() {
    const std::string name = "n" + std::to_string(next_node_++);
    used_names_.insert(name);
    nodes_.push_back(std::make_unique<SimNode>(*this, name));
    nodes_.back()->connect();
}

void World::client_acts(SimNode& node) {
    if (node.clients.size() < 4 && one_in(3)) {
        const protocol::SocketId id{1, next_socket_++};
        auto& client = *node.clients.emplace_back(std::make_unique<SimClient>(node, id));
        node.hub.attach(client);
        return;
    }
    if (node.clients.empty()) return;
    const std::size_t index = below(node.clients.size());
    SimClient& client = *node.clients[index];
    const std::string& channel = channel_names[below(channel_names.size())];
    const ChannelRef ref{0, channel};
    const bool is_in = node.hub.find_subscription(client, ref) != nullptr;
    if (one_in(6)) {
        node.hub.detach(client);
        node.clients.erase(node.clients.begin() + static_cast<std::ptrdiff_t>(index));
    } else if (one_in(3)) {
        const std::string event = "e" + std::to_string(next_event_++);
        const EncodedFrame frame(
            R"({"event":")" + event + R"(","data":"1","channel":")" + channel + "\"}"
        );
        node.hub.publish(
            {{channels::ChannelKey(ref),
              frame,
              std::nullopt,
              is_cache(channel) ? std::optional(channels::CacheTime::zero()) : std::nullopt}},
            [this, event](bool is_accepted) {
                if (is_accepted) acknowledged.insert(event);
            }
        );
    } else if (!client.joining && (!is_in || (is_presence(channel) && one_in(2)))) {
        std::optional<channels::Member> member;
        if (is_presence(channel)) {
            const std::string& user = user_names[below(user_names.size())];
            client.wanted_user = user;
            member =
                channels::Member{user, "\"" + user + "\"", "{}", R"({"user_id":")" + user + "\"}"};
        }
        client.joining = channel;
        if (!is_in) client.events.erase(channel);
        node.hub.join(client, ref, member, max_members);
    } else if (!client.joining) {
        node.hub.leave(client, ref);
        client.lists.erase(channel);
        client.users.erase(channel);
        client.events.erase(channel);
    }
}

void World::mishap() {
    SimNode& node = *nodes_[below(nodes_.size())];
    if (handover_ && handover_->from == &node) call_off_handover();
    switch (below(7)) {
        case 0:
            if (node.is_connected) node.disconnect(random);
            break;
        case 1:
            node.is_asleep = !node.is_asleep;
            break;
        case 2:  // kill -9; what it has sent may arrive much later
            if (nodes_.size() > 1 && one_in(2)) {
                late_commands_.push_back(std::move(node.store.commands));
                const auto found =
                    std::ranges::find_if(nodes_, [&](const auto& n) { return n.get() == &node; });
                redis.connections.erase(&node.store);
                graves_.push_back(std::move(*found));
                nodes_.erase(found);
            }
            break;
        case 3:
            if (nodes_.size() < 4) start_node();
            break;
        case 4:  // Redis restarts, empty
            if (!one_in(3)) break;
            if (handover_) call_off_handover();
            for (auto& each : nodes_) {
                if (each->is_connected) each->disconnect(random);
            }
            late_commands_.clear();
            redis.channels.clear();
            redis.nodes.clear();
            redis.cached.clear();
            redis.lingering.clear();
            redis.told.clear();
            has_restarted = true;
            ++redis.run_id;
            break;
        case 5:
            pass_time(std::chrono::milliseconds(below(9'000)));
            break;
        default:
            if (!late_commands_.empty() && !late_commands_.back().empty()) {
                late_commands_.back().front()();
                late_commands_.back().pop_front();
            }
    }
}

void World::pass_time(std::chrono::milliseconds time) {
    for (; time.count() > 0; time -= std::chrono::milliseconds(100)) {
        redis.now += 100;
        for (auto& node : nodes_) {
            if (!node->is_asleep) node->coordinator.tick();
            for (int i = 0; i < 3; ++i) node->step(random);
        }
        if (handover_) handover_->to->step(random);
    }
}

void World::happen() {
    SimNode& node = *nodes_[below(nodes_.size())];
    if (has_mishaps && one_in(12)) return mishap();
    if (has_mishaps && !node.is_connected && one_in(6)) return node.connect();
    if (one_in(30)) return begin_handover();
    if (handover_ && one_in(4)) return go_on_with_handover();
    if (one_in(3)) return client_acts(node);
    if (one_in(20)) return pass_time(std::chrono::milliseconds(100 + below(900)));
    node.step(random);
}

/// Everybody is awake and connected, and has time.
void World::settle() {
    if (handover_) call_off_handover();
    for (auto& commands : late_commands_) {
        for (auto& command : commands) command();
    }
    late_commands_.clear();
    for (auto& node : nodes_) {
        node->is_asleep = false;
        if (!node->is_connected) node->connect();
    }
    for (int round = 0; round < 450; ++round) {
        redis.now += 100;
        for (auto& node : nodes_) {
            node->coordinator.tick();
            while (node->step(random)) {
            }
        }
    }
}

std::string World::run() {
    for (int i = 0; i < 400 && failure_.empty(); ++i) happen();
    settle();
    if (failure_.empty()) check_presence();
    if (failure_.empty()) check_redis();
    if (failure_.empty() && !has_restarted) check_told();
    if (failure_.empty() && !has_mishaps) {
        check_events();
        check_cached();
    }
    return failure_;
}

}  // namespace fanfare::cluster::testing
