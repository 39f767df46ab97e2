// SPDX-License-Identifier: MIT
#include "fanfare/cluster/reverb_node.hpp"

#include "bus_thread.hpp"
#include "reverb_peer.hpp"

#include "fanfare/base/random.hpp"
#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <stdexcept>
#include <utility>

namespace fanfare::cluster {

using channels::ChannelKey;
using channels::Hub;
using reverb::AnswerMerge;

namespace {

constexpr std::chrono::milliseconds tick_interval{25};

using SharedText = std::shared_ptr<const reverb::ApplicationText>;

SharedText make_text(const config::AppSettings& app, const std::string& public_host) {
    reverb::PublicAddress address;
    address.host = public_host;
    auto text = reverb::ApplicationText::of(app, address);
    if (!text) {
        throw std::runtime_error(
            "scaling.mode reverb: the settings of an app are no valid UTF-8, hence cannot travel "
            "over "
            "Reverb's channel"
        );
    }
    return std::make_shared<const reverb::ApplicationText>(*std::move(text));
}

class ReverbNode final : public Bus, private redis::ClientEvents, private ReverbSurroundings {
public:
    ReverbNode(
        ReverbNodeOptions options,
        channels::ShardLinks& shards,
        const Clock& clock,
        spdlog::logger& log
    )
        : shards_(shards),
          shard_count_(options.shards),
          clock_(clock),
          log_(log),
          name_("reverb " + options.channel),
          channel_(options.channel),
          public_host_(options.public_host),
          peer_(peer_options(options), make_secure_random(), *this, log),
          client_(context_, std::move(options.redis), {}, log, *this),
          thread_(context_, peer_, client_, tick_interval, log) {}

    // Bus
    void start(std::function<void()> on_first_open) override {
        thread_.start(std::move(on_first_open));
    }

    void require_sayable(const config::AppSettings& settings) const override {
        make_text(settings, public_host_);
    }

    void set_app(AppIndex app, const config::SharedAppSettings& settings) override {
        if (!settings) return;  // nobody here can hear of it any more
        const SharedText text = make_text(*settings, public_host_);
        {
            const std::lock_guard lock(texts_mutex_);
            if (app >= texts_.size()) texts_.resize(app + 1);
            texts_[app] = text;
        }
        thread_.post([app, text, settings](ReverbPeer& peer) {
            peer.set_app(app, settings->id, {text, settings->cache_ttl});
        });
    }

    [[nodiscard]] BusState state() const override { return thread_.state(); }

    void stop() override { thread_.stop(); }

    [[nodiscard]] bool has_homes() const override { return false; }

    /// On its only topic the two processes agree by a mark.
    void prepare_to_pass(bool is_last, std::function<void(Attention)> done) override {
        thread_.post([this, is_last, done = std::move(done)](ReverbPeer& peer) {
            if (!is_last) return done({name_, {}, peer.make_mark(), servers_});
            peer.say_mark([this, done] { done({name_, {}, {}, {}}); });
        });
    }

    /// It has, up to the mark.
    void catch_up(std::function<void()> done) override {
        thread_.post([done = std::move(done)](ReverbPeer&) { done(); });
    }

    bool stand_still(std::shared_future<void> go_on) override {
        return thread_.stand_still(std::move(go_on));
    }

    [[nodiscard]] bool has_no_mail() const override { return thread_.has_no_mail(); }

    /// Its channels are the shards', and it has nothing else.
    [[nodiscard]] std::string pass() const override { return {}; }

    void fall_silent() override { client_.stop(); }

    void stay() override {
        thread_.post([](ReverbPeer& peer) { peer.stay(); });
    }

    void attend(Attention attention, std::function<void(bool)> done) override {
        require_same_cluster(name_, attention);
        thread_.post([this,
                      attention = std::move(attention),
                      done = std::move(done)](ReverbPeer& peer) {
            peer.attend(attention.mark, [this, servers = attention.servers, done](bool is_heard) {
                // There the mark would never be heard.
                const bool is_another = is_heard && !servers.empty() && servers != servers_;
                if (is_another) {
                    log_.error("the settings lead to another Redis now: that needs a restart");
                }
                done(is_heard && !is_another);
            });
        });
        thread_.listen();
    }

    void take_over(
        const std::string& /*passed*/, const std::vector<PassedSubscription>& /*subscriptions*/
    ) override {
        thread_.run_here([](ReverbPeer& peer) { peer.require_attention(); });
    }

    void succeed() override {
        thread_.run_here([this](ReverbPeer& peer) {
            peer.succeed();
            thread_.report();
        });
    }

    // channels::Cluster
    void join(channels::JoinRequest request) override {
        const auto shared = std::make_shared<channels::JoinRequest>(std::move(request));
        post_home(shared->join.channel, [shared](Hub& home) { home.join_at_home(shared); });
    }

    void leave(unsigned shard, ChannelKey channel, std::string user_id) override {
        const channels::ChannelRef home_key = channel;
        post_home(home_key, [shard, channel, user_id = std::move(user_id)](Hub& home) {
            home.leave_at_home(channel, shard, user_id);
        });
    }

    /// Encodes on the caller's thread, of which there are several. All publications of a call are
    /// of one app.
    void publish(
        unsigned shard,
        std::vector<channels::Publication> publications,
        std::function<void(bool)> done
    ) override {
        done = on_shard(shards_, shard, std::move(done));
        const SharedText app = text_of(publications.front().channel.app);
        auto messages = to_reverb(*app, std::move(publications));
        if (!messages) {
            if (done) done(false);
            return;
        }
        thread_.post([messages = *std::move(messages), done](ReverbPeer& peer) mutable {
            peer.publish(std::move(messages), done);
        });
    }

    void terminate(AppIndex app, std::string user_id) override {
        thread_.post([app, user_id = std::move(user_id)](ReverbPeer& peer) {
            peer.terminate(app, user_id);
        });
    }

    void report(channels::Happening happening) override {
        const channels::ChannelKey channel = happening.channel;
        post_home(channel, [happening = std::move(happening)](Hub& home) { home.tell(happening); });
    }

    /// All channels of a call are of one app.
    void stats(
        unsigned shard,
        std::vector<ChannelKey> channels,
        std::function<void(std::vector<channels::ChannelStats>)> done
    ) override {
        done = on_shard(shards_, shard, std::move(done));
        if (channels.empty()) return done({});
        thread_.post([channels = std::move(channels), done](ReverbPeer& peer) {
            peer.ask(
                channels.front().app,
                metric_of_stats(channels),
                [channels, done](const AnswerMerge& answers) { done(stats_of(channels, answers)); }
            );
        });
    }

    void user_ids(
        unsigned shard, ChannelKey channel, std::function<void(std::vector<std::string>)> done
    ) override {
        done = on_shard(shards_, shard, std::move(done));
        thread_.post([channel = std::move(channel), done](ReverbPeer& peer) {
            reverb::Metric metric;
            metric.type = reverb::MetricType::channel_users;
            metric.channel = channel.name;
            peer.ask(channel.app, metric, [done](const AnswerMerge& answers) {
                done(answers.ids());
            });
        });
    }

    void list(
        unsigned shard,
        AppIndex app,
        std::string prefix,
        std::function<void(channels::ChannelHome::Listing)> done
    ) override {
        done = on_shard(shards_, shard, std::move(done));
        thread_.post([app, prefix = std::move(prefix), done](ReverbPeer& peer) {
            peer.ask(app, metric_of_list(prefix), [done](const AnswerMerge& answers) {
                done(listing_of(answers));
            });
        });
    }

    /// Socket ids tell whose connections those of the cluster are.
    void connections_elsewhere(
        unsigned shard, AppIndex app, const std::function<void(std::optional<std::uint64_t>)>& done
    ) override {
        thread_.post([app, done = on_shard(shards_, shard, done)](ReverbPeer& peer) {
            peer.ask(app, {}, [&peer, app, done](const AnswerMerge& all) {
                peer.ask_alone(app, {}, [done, ids = all.ids()](const AnswerMerge& own) {
                    const std::set<std::string_view> own_ids(own.ids().begin(), own.ids().end());
                    const auto elsewhere = std::ranges::count_if(ids, [&](const std::string& id) {
                        return !own_ids.contains(id);
                    });
                    done(static_cast<std::uint64_t>(elsewhere));
                });
            });
        });
    }

    [[nodiscard]] std::string_view trouble() const override { return thread_.trouble(); }

private:
    /// To the home of a channel, which is on this node.
    void post_home(channels::ChannelRef channel, channels::ShardLinks::HubTask task) {
        shards_.post(channels::home_of(channel, shard_count_), std::move(task));
    }

    [[nodiscard]] SharedText text_of(AppIndex app) {
        const std::shared_lock lock(texts_mutex_);
        return texts_[app];
    }

    static ReverbPeerOptions peer_options(const ReverbNodeOptions& options) {
        ReverbPeerOptions made;
        made.shards = options.shards;
        made.max_queued_bytes = options.max_queued_bytes;
        made.patience = options.patience;
        return made;
    }

    // redis::ClientEvents
    void on_up(const std::string& servers) override {
        servers_ = servers;
        peer_.on_up();
        thread_.report();
    }

    void on_down(std::string_view reason) override {
        log_.warn("reverb: redis is away, this node goes on alone reason=\"{}\"", reason);
        peer_.on_down();
        thread_.report();
    }

    void on_subscribed(std::string_view /*topic*/) override {
        peer_.on_subscribed();
        thread_.report();
    }

    /// What one message does wrong must not end the connection it came by.
    void on_message(std::string_view /*topic*/, std::string_view payload) override {
        try {
            peer_.on_message(payload);
        } catch (const std::exception& error) {
            log_.error(
                "reverb: message dropped reason=exception what=\"{}\" bytes={}",
                error.what(),
                payload.size()
            );
        }
    }

    // ReverbSurroundings
    [[nodiscard]] Clock::TimePoint now() const override { return clock_.now(); }

    void post(unsigned shard, channels::ShardLinks::HubTask task) override {
        shards_.post(shard, std::move(task));
    }

    void post_back(std::function<void()> task) override {
        thread_.post([task = std::move(task)](ReverbPeer&) { task(); });
    }

    /// A Redis that refuses is as good as none: this node goes on alone and tries again.
    void publish(std::string_view message, std::function<void(std::int64_t)> done) override {
        client_
            .publish(channel_, message, [this, done = std::move(done)](const redis::Reply& reply) {
                if (reply.is_error()) return client_.drop(reply.text);
                if (done) done(reply.integer);
            });
    }

    void subscribe() override { client_.subscribe(channel_); }

    void count_listeners(std::function<void(std::int64_t)> done) override {
        const std::array<std::string_view, 3> command{"PUBSUB", "NUMSUB", channel_};
        client_.command(channel_, command, [done = std::move(done)](const redis::Reply& reply) {
            if (reply.elements.size() == 2) done(reply.elements[1].integer);
        });
    }

    channels::ShardLinks& shards_;
    unsigned shard_count_;
    const Clock& clock_;
    spdlog::logger& log_;
    const std::string name_;
    const std::string channel_;
    const std::string public_host_;
    std::shared_mutex texts_mutex_;
    std::vector<SharedText> texts_;  // by AppIndex; guarded by texts_mutex_
    boost::asio::io_context context_{1};
    std::string servers_;  // of the last connection
    ReverbPeer peer_;
    redis::Client client_;
    BusThread<ReverbPeer> thread_;
};

}  // namespace

std::unique_ptr<Bus> make_reverb_node(
    ReverbNodeOptions options, channels::ShardLinks& shards, const Clock& clock, spdlog::logger& log
) {
    return std::make_unique<ReverbNode>(std::move(options), shards, clock, log);
}

}  // namespace fanfare::cluster
