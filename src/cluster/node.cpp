// SPDX-License-Identifier: MIT
#include "fanfare/cluster/node.hpp"

#include "bus_thread.hpp"
#include "coordinator.hpp"
#include "redis_store.hpp"

#include "fanfare/base/random.hpp"
#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>

#include <exception>
#include <utility>

namespace fanfare::cluster {

using channels::Hub;

namespace {

constexpr std::chrono::milliseconds tick_interval{10};

/// New with each start: what a former process said is not this one's.
std::string make_name() {
    return fmt::format("{:016x}", make_secure_random()());
}

class Node final : public Bus, private redis::ClientEvents, private Surroundings {
public:
    Node(
        NodeOptions options,
        channels::ShardLinks& shards,
        const Clock& clock,
        NodeApps apps,
        AppNews news,
        spdlog::logger& log
    )
        : shards_(shards),
          clock_(clock),
          apps_(std::move(apps)),
          news_(news),
          log_(log),
          name_("fanfare " + options.name_space),
          store_(options.name_space),
          coordinator_(coordinator_options(options), store_, *this, log),
          client_(context_, std::move(options.redis), store_.scripts(), log, *this),
          thread_(context_, coordinator_, client_, tick_interval, log) {
        store_.use(client_);
    }

    // Bus
    void start(std::function<void()> on_first_open) override {
        thread_.start(std::move(on_first_open));
    }

    void set_app(AppIndex app, const config::SharedAppSettings& settings) override {
        if (!settings) {
            return thread_.post([app](Coordinator& bus) { bus.remove_app(app); });
        }
        thread_.post([app, id = settings->id](Coordinator& bus) { bus.add_app(app, id); });
    }

    [[nodiscard]] BusState state() const override { return thread_.state(); }

    void stop() override { thread_.stop(); }

    [[nodiscard]] bool has_homes() const override { return true; }

    void prepare_to_pass(bool is_last, std::function<void(Attention)> done) override {
        thread_.post([name = name_, is_last, done = std::move(done)](Coordinator& bus) {
            done({name, bus.channels_to_attend(is_last), {}, {}});
        });
    }

    void catch_up(std::function<void()> done) override {
        thread_.post([this, done = std::move(done)](Coordinator&) {
            client_.is_up() ? client_.catch_up(done) : done();
        });
    }

    bool stand_still(std::shared_future<void> go_on) override {
        return thread_.stand_still(std::move(go_on));
    }

    [[nodiscard]] bool has_no_mail() const override { return thread_.has_no_mail(); }

    [[nodiscard]] std::string pass() const override { return coordinator_.pass(); }

    void fall_silent() override { client_.stop(); }

    void stay() override {}

    void attend(Attention attention, std::function<void(bool)> done) override {
        require_same_cluster(name_, attention);
        thread_.post([channels = std::move(attention.channels),
                      done = std::move(done)](Coordinator& bus) { bus.attend(channels, done); });
        thread_.listen();
    }

    void take_over(const std::string& passed, const std::vector<PassedSubscription>& subscriptions)
        override {
        thread_.run_here([&](Coordinator& bus) { bus.take_over(passed, subscriptions); });
    }

    void succeed() override {
        thread_.run_here([this](Coordinator& bus) {
            bus.succeed();
            thread_.report();
        });
    }

    // channels::Cluster
    void join(channels::JoinRequest request) override {
        thread_.post([request = std::move(request)](Coordinator& bus) mutable {
            bus.join(std::move(request));
        });
    }

    void leave(unsigned shard, channels::ChannelKey channel, std::string user_id) override {
        thread_.post([shard, channel = std::move(channel), user_id = std::move(user_id)](
                         Coordinator& bus
                     ) { bus.leave(shard, channel, user_id); });
    }

    void publish(
        unsigned shard,
        std::vector<channels::Publication> publications,
        std::function<void(bool)> done
    ) override {
        thread_.post([publications = std::move(publications),
                      done = on_shard(shards_, shard, std::move(done))](Coordinator& bus) mutable {
            bus.publish(std::move(publications), done);
        });
    }

    void terminate(AppIndex app, std::string user_id) override {
        thread_.post([app, user_id = std::move(user_id)](Coordinator& bus) {
            bus.terminate(app, user_id);
        });
    }

    void report(channels::Happening happening) override {
        thread_.post([happening = std::move(happening)](Coordinator& bus) { bus.report(happening); }
        );
    }

    void stats(
        unsigned shard,
        std::vector<channels::ChannelKey> channels,
        std::function<void(std::vector<channels::ChannelStats>)> done
    ) override {
        thread_.post([channels = std::move(channels),
                      done = on_shard(shards_, shard, std::move(done))](Coordinator& bus) mutable {
            bus.stats(std::move(channels), done);
        });
    }

    void user_ids(
        unsigned shard,
        channels::ChannelKey channel,
        std::function<void(std::vector<std::string>)> done
    ) override {
        thread_.post([channel = std::move(channel),
                      done = on_shard(shards_, shard, std::move(done))](Coordinator& bus) {
            bus.user_ids(channel, done);
        });
    }

    void list(
        unsigned shard,
        AppIndex app,
        std::string prefix,
        std::function<void(channels::ChannelHome::Listing)> done
    ) override {
        thread_.post([app,
                      prefix = std::move(prefix),
                      done = on_shard(shards_, shard, std::move(done))](Coordinator& bus) {
            bus.list(app, prefix, done);
        });
    }

    [[nodiscard]] std::string_view trouble() const override { return thread_.trouble(); }

private:
    static CoordinatorOptions coordinator_options(const NodeOptions& options) {
        CoordinatorOptions made;
        made.name = make_name();
        made.address = options.address;
        made.version = options.version;
        made.shards = options.shards;
        made.lease = options.lease;
        made.max_queued_bytes = options.max_queued_bytes;
        return made;
    }

    // redis::ClientEvents
    void on_up(const std::string& servers) override { coordinator_.on_up(servers); }

    void on_down(std::string_view reason) override {
        log_.warn("cluster: redis is away, this node goes on alone reason=\"{}\"", reason);
        coordinator_.on_down();
        thread_.report();
    }

    void on_subscribed(std::string_view topic) override {
        if (topic == store_.keys().cluster_topic()) return coordinator_.on_cluster_subscribed();
        if (const auto name = KeySpace::parse_name(store_.keys().name_in_topic(topic))) {
            coordinator_.on_subscribed(name->first, name->second);
        }
    }

    void on_message(std::string_view topic, std::string_view payload) override {
        if (topic == store_.keys().cluster_topic()) return coordinator_.on_cluster_message(payload);
        if (const auto name = KeySpace::parse_name(store_.keys().name_in_topic(topic))) {
            coordinator_.on_message(name->first, name->second, payload);
        }
    }

    // Surroundings
    [[nodiscard]] Clock::TimePoint now() const override { return clock_.now(); }

    void post(unsigned shard, channels::ShardLinks::HubTask task) override {
        shards_.post(shard, std::move(task));
    }

    void request_flush() override {
        boost::asio::post(context_, [this] { coordinator_.flush(); });
    }

    [[nodiscard]] std::uint32_t open_connections(AppIndex app) const override {
        return apps_.open(app);
    }

    void set_connections_elsewhere(AppIndex app, std::uint32_t count) override {
        apps_.set_elsewhere(app, count);
    }

    void look_for_app(const std::string& app_id) override { apps_.look_for(app_id); }

    [[nodiscard]] channels::AppPolicy policy_of(AppIndex app) const override {
        return news_.policies.of(app);
    }

    void tell(channels::Happening happening) override {
        news_.sink.on_happening(std::move(happening));
    }

    channels::ShardLinks& shards_;
    const Clock& clock_;
    NodeApps apps_;
    AppNews news_;
    spdlog::logger& log_;
    const std::string name_;
    boost::asio::io_context context_{1};
    RedisStore store_;
    Coordinator coordinator_;
    redis::Client client_;
    BusThread<Coordinator> thread_;
};

}  // namespace

std::unique_ptr<Bus> make_node(
    NodeOptions options,
    channels::ShardLinks& shards,
    const Clock& clock,
    NodeApps apps,
    AppNews news,
    spdlog::logger& log
) {
    return std::make_unique<Node>(std::move(options), shards, clock, std::move(apps), news, log);
}

}  // namespace fanfare::cluster
