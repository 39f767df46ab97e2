// SPDX-License-Identifier: MIT
// Nodes on a Reverb channel whose Redis executes, answers and delivers in any order that two
// connections per node permit, and goes away at any moment.
#include "reverb_peer.hpp"

#include "reverb/reverb_app.hpp"
#include "support/frame_text.hpp"
#include "support/manual_clock.hpp"

#include "fanfare/protocol/frames.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <deque>
#include <map>
#include <memory>
#include <random>

namespace fanfare::cluster {
namespace {

constexpr std::size_t max_queued_bytes = 6'000;

spdlog::logger& silent_log() {
    static spdlog::logger log("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
    return log;
}

struct NoLinks final : channels::ShardLinks {
    void post(unsigned, HubTask) override {}
};

/// Writes down the events that it gets.
struct Listener final : channels::Subscriber {
    explicit Listener(channels::Hub& hub) : Subscriber(0, {1, 1}) {
        hub.attach(*this);
        hub.join(*this, {0, "c"}, std::nullopt, 0);
    }

    void deliver(const BufferPtr& message) override {
        const auto json = nlohmann::json::parse(fanfare::testing::text_of(message));
        events.push_back(json["event"]);
    }

    void on_join_result(std::string_view, channels::JoinResult, const BufferPtr&, const BufferPtr&)
        override {}

    void on_terminate(channels::UserRole) override { events.emplace_back("terminated"); }

    void on_app_change() override {}

    void on_drain() override {}

    std::vector<std::string> events;
};

class SimRedis;

struct SimNode final : ReverbSurroundings {
    explicit SimNode(SimRedis& server)
        : redis(server),
          peer(
              {1, max_queued_bytes, std::chrono::seconds(10)},
              [] {
                  static std::uint64_t numbers = 0;  // no two nodes draw the same
                  return ++numbers * 0x9e3779b97f4a7c15ULL;
              },
              *this,
              silent_log()
          ) {
        const auto text = std::make_shared<const reverb::ApplicationText>(reverb::lab_app());
        peer.set_app(0, "lab-app", {text, channels::CacheTime(60)});
    }

    [[nodiscard]] Clock::TimePoint now() const override { return time; }

    void post(unsigned, channels::ShardLinks::HubTask task) override { task(hub); }

    void post_back(std::function<void()> task) override { task(); }

    void publish(std::string_view message, std::function<void(std::int64_t)> done) override {
        commands.emplace_back(message, std::move(done));
    }

    void subscribe() override { wants_subscription = true; }

    void count_listeners(std::function<void(std::int64_t)> done) override;

    void say(const std::string& event) {
        const EncodedFrame frame(protocol::frames::event(event, R"("d")", "c"));
        auto messages = to_reverb(reverb::lab_app(), {{{0, "c"}, frame, std::nullopt}});
        peer.publish(*std::move(messages), [this, event](bool is_accepted) {
            ++answers[event];
            if (!is_accepted) refused.push_back(event);
        });
    }

    SimRedis& redis;
    Clock::TimePoint time;
    NoLinks links;
    fanfare::testing::ManualClock clock;
    channels::Hub hub{{0, 1, links, clock}};
    Listener listener{hub};
    ReverbPeer peer;
    std::deque<std::pair<std::string, std::function<void(std::int64_t)>>> commands;
    std::deque<std::function<void()>> replies;
    std::deque<std::string> inbox;
    bool is_connected = false;
    bool wants_subscription = false;
    bool is_subscribed = false;
    std::map<std::string, int> answers;
    std::vector<std::string> refused;
};

class SimRedis {
public:
    explicit SimRedis(std::uint32_t seed) : random(seed) {
        for (int i = 0; i < 3; ++i) nodes.push_back(std::make_unique<SimNode>(*this));
    }

    std::size_t below(std::size_t limit) { return random() % limit; }

    [[nodiscard]] std::int64_t listeners() const {
        return std::ranges::count_if(nodes, [](const auto& node) { return node->is_subscribed; });
    }

    /// One thing that may happen to a node, if there is one.
    void step(SimNode& node) {
        switch (below(5)) {
            case 0:
                if (!node.is_connected) {
                    node.is_connected = true;
                    node.peer.on_up();
                } else if (node.wants_subscription && !node.is_subscribed) {
                    node.is_subscribed = true;
                    node.peer.on_subscribed();
                }
                break;
            case 1:
                execute(node);
                break;
            case 2:
                if (!node.replies.empty()) {
                    const auto reply = std::move(node.replies.front());
                    node.replies.pop_front();
                    reply();
                }
                break;
            case 3:
                if (!node.inbox.empty()) {
                    const std::string message = std::move(node.inbox.front());
                    node.inbox.pop_front();
                    node.peer.on_message(message);
                }
                break;
            default:
                node.time += tick;
                node.peer.tick();
        }
    }

    void execute(SimNode& node) {
        if (node.commands.empty()) return;
        auto [message, done] = std::move(node.commands.front());
        node.commands.pop_front();
        for (const auto& other : nodes) {
            if (other->is_subscribed) other->inbox.push_back(message);
        }
        node.replies.emplace_back([done = std::move(done), count = listeners()] {
            if (done) done(count);
        });
    }

    void restart() {
        for (const auto& node : nodes) {
            if (!node->is_connected) continue;
            node->is_connected = node->wants_subscription = node->is_subscribed = false;
            node->commands.clear();
            node->replies.clear();
            node->inbox.clear();
            node->peer.on_down();
        }
    }

    void settle() {
        for (int i = 0; i < 20'000; ++i) step(*nodes[below(nodes.size())]);
    }

    std::mt19937 random;
    std::chrono::milliseconds tick{20};
    std::vector<std::unique_ptr<SimNode>> nodes;
};

void SimNode::count_listeners(std::function<void(std::int64_t)> done) {
    if (!is_connected) return;
    replies.emplace_back([this, done = std::move(done)] { done(redis.listeners()); });
}

std::size_t count_of(const std::vector<std::string>& events, const std::string& event) {
    return static_cast<std::size_t>(std::ranges::count(events, event));
}

void say_something(SimRedis& redis, int number, std::map<std::string, SimNode*>& said) {
    SimNode& node = *redis.nodes[redis.below(redis.nodes.size())];
    const std::string event = "e" + std::to_string(number);
    said[event] = &node;
    node.say(event);
}

TEST(ReverbPeer, r134_all_nodes_see_one_order_and_everything_once) {
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        std::map<std::string, SimNode*> said;
        for (int i = 0; i < 150; ++i) {
            if (redis.below(3) == 0) say_something(redis, i, said);
            redis.step(*redis.nodes[redis.below(3)]);
        }
        redis.settle();
        const auto& order = redis.nodes.front()->listener.events;
        for (const auto& node : redis.nodes) EXPECT_EQ(node->listener.events, order) << seed;
        for (const auto& [event, node] : said) {
            const bool is_refused = count_of(node->refused, event) != 0;
            EXPECT_EQ(count_of(order, event), is_refused ? 0U : 1U) << seed << event;
            EXPECT_EQ(node->answers[event], 1) << seed << event;
        }
    }
}

TEST(ReverbPeer, r134_equal_messages_of_all_nodes_are_neither_lost_nor_doubled) {
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        std::size_t accepted = 0;
        for (int i = 0; i < 150; ++i) {
            SimNode& node = *redis.nodes[redis.below(3)];
            if (redis.below(4) == 0) {
                const std::size_t refused = node.refused.size();
                node.say("same");
                if (node.refused.size() == refused) ++accepted;
            }
            redis.step(node);
        }
        redis.settle();
        for (const auto& node : redis.nodes) {
            EXPECT_EQ(node->listener.events.size(), accepted) << seed;
        }
    }
}

TEST(ReverbPeer, r134_redis_goes_and_the_own_clients_get_everything_once) {
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        std::map<std::string, SimNode*> said;
        for (int i = 0; i < 600; ++i) {
            if (redis.below(6) == 0) say_something(redis, i, said);
            if (redis.below(60) == 0) redis.restart();
            redis.step(*redis.nodes[redis.below(3)]);
        }
        redis.settle();
        for (const auto& [event, node] : said) {
            const bool is_refused = count_of(node->refused, event) != 0;
            EXPECT_EQ(count_of(node->listener.events, event), is_refused ? 0U : 1U)
                << seed << " " << event;
            EXPECT_EQ(node->answers[event], 1) << seed << " " << event;
        }
    }
}

TEST(ReverbPeer, r134_what_is_said_without_redis_reaches_all_once_it_is_back) {
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        redis.nodes[0]->say("before");
        redis.settle();
        redis.restart();
        std::map<std::string, SimNode*> said;
        for (int i = 0; i < 12; ++i) say_something(redis, i, said);
        redis.settle();
        for (const auto& [event, speaker] : said) {
            const std::size_t expected = count_of(speaker->refused, event) != 0 ? 0 : 1;
            for (const auto& node : redis.nodes) {
                EXPECT_EQ(count_of(node->listener.events, event), expected) << seed << event;
            }
        }
    }
}

TEST(ReverbPeer, r134_equal_messages_that_wait_for_redis_are_not_mixed_up) {
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        redis.nodes[0]->say("before");
        redis.settle();
        redis.restart();
        for (int i = 0; i < 6; ++i) redis.nodes[redis.below(3)]->say("same");
        redis.settle();
        for (const auto& node : redis.nodes) {
            EXPECT_EQ(count_of(node->listener.events, "same"), 6U) << seed;
            EXPECT_TRUE(node->refused.empty());
        }
    }
}

TEST(ReverbPeer, r135_asks_are_always_answered) {
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        int asked = 0;
        int answered = 0;
        for (int i = 0; i < 300; ++i) {
            SimNode& node = *redis.nodes[redis.below(3)];
            if (redis.below(5) == 0) {
                ++asked;
                node.peer.ask(0, metric_of_stats({{0, "c"}}), [&](const auto& answers) {
                    ++answered;
                    const auto stats = stats_of({{0, "c"}}, answers);
                    EXPECT_GE(stats.front().subscriptions, 1U);
                    EXPECT_LE(stats.front().subscriptions, 3U);
                });
            }
            if (redis.below(80) == 0) redis.restart();
            redis.step(node);
        }
        redis.settle();
        EXPECT_EQ(answered, asked) << seed;
    }
}

/// Another process is to take the place of the last node; whether it comes to that is random.
void replace_last(SimRedis& redis, const std::function<void()>& happen) {
    SimNode& from = *redis.nodes[2];
    SimNode& to = *redis.nodes.emplace_back(std::make_unique<SimNode>(redis));
    bool is_attended = false;
    bool is_marked = false;
    to.peer.attend(from.peer.make_mark(), [&](bool is_all_heard) { is_attended = is_all_heard; });
    while (!is_attended) happen();
    from.peer.say_mark([&] { is_marked = true; });
    bool has_heard_mark = false;
    to.peer.attend("", [&](bool is_heard) { has_heard_mark = is_heard; });
    while (!is_marked || !has_heard_mark || !from.peer.is_settled() || !from.commands.empty()) {
        redis.step(*redis.nodes[redis.below(4)]);
    }
    if (redis.below(3) == 0) {
        from.peer.stay();
        redis.nodes.pop_back();
        return;
    }
    to.peer.require_attention();
    to.listener.events = from.listener.events;
    to.peer.succeed();
    std::swap(redis.nodes[2], redis.nodes[3]);
    redis.nodes.pop_back();
}

TEST(ReverbPeer, another_process_hears_what_the_one_before_it_has_not) {
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        std::size_t accepted = 0;
        const auto happen = [&] {
            SimNode& node = *redis.nodes[redis.below(redis.nodes.size())];
            if (redis.below(4) == 0) {
                SimNode& speaker = *redis.nodes[redis.below(3)];
                const std::size_t refused = speaker.refused.size();
                speaker.say("e" + std::to_string(accepted));
                if (speaker.refused.size() == refused) ++accepted;
            }
            redis.step(node);
        };
        for (int i = 0; i < 3; ++i) {
            for (int steps = 0; steps < 40; ++steps) happen();
            replace_last(redis, happen);
        }
        redis.settle();
        const auto& order = redis.nodes.front()->listener.events;
        EXPECT_EQ(order.size(), accepted) << seed;
        for (const auto& node : redis.nodes) EXPECT_EQ(node->listener.events, order) << seed;
    }
}

TEST(ReverbPeer, an_ask_is_answered_in_full_while_two_processes_are_one_node) {
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        SimRedis redis(seed);
        redis.settle();
        redis.tick = std::chrono::milliseconds(1);  // nobody has to wait for too long
        int asked = 0;
        std::vector<std::uint64_t> counts;
        const auto happen = [&] {
            if (redis.below(30) == 0) {
                ++asked;
                redis.nodes[0]->peer.ask(0, metric_of_stats({{0, "c"}}), [&](const auto& answers) {
                    counts.push_back(stats_of({{0, "c"}}, answers).front().subscriptions);
                });
            }
            redis.step(*redis.nodes[redis.below(redis.nodes.size())]);
        };
        for (int i = 0; i < 3; ++i) {
            for (int steps = 0; steps < 40; ++steps) happen();
            replace_last(redis, happen);
        }
        redis.settle();
        EXPECT_EQ(counts, std::vector<std::uint64_t>(static_cast<std::size_t>(asked), 3)) << seed;
    }
}

}  // namespace
}  // namespace fanfare::cluster
