// SPDX-License-Identifier: MIT
#include "fanfare/cluster/reverb_node.hpp"

#include "reverb_peer.hpp"

#include "fanfare/base/mailbox.hpp"
#include "fanfare/base/random.hpp"
#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <set>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

namespace fanfare::cluster {

using channels::ChannelKey;
using channels::Hub;
using reverb::AnswerMerge;

namespace {

constexpr std::chrono::milliseconds tick_interval{25};
constexpr std::chrono::seconds withdrawal_limit{2};

std::vector<reverb::ApplicationText> texts_of(const ReverbNodeOptions& options) {
    reverb::PublicAddress address;
    address.host = options.public_host;
    std::vector<reverb::ApplicationText> texts;
    for (const config::AppSettings& app : options.apps) {
        auto text = reverb::ApplicationText::of(app, address);
        if (!text) {
            throw std::runtime_error(
                "scaling.mode reverb: the settings of an app are no valid UTF-8, hence cannot "
                "travel over Reverb's channel"
            );
        }
        texts.push_back(*std::move(text));
    }
    return texts;
}

}  // namespace

class ReverbNode::Impl final : private redis::ClientEvents, private ReverbSurroundings {
public:
    Impl(
        ReverbNodeOptions options,
        channels::ShardLinks& shards,
        const Clock& clock,
        spdlog::logger& log
    )
        : shards_(shards),
          shard_count_(options.shards),
          clock_(clock),
          log_(log),
          channel_(options.channel),
          texts_(texts_of(options)),
          peer_(peer_options(options), make_secure_random(), *this, log),
          client_(context_, std::move(options.redis), {}, log, *this),
          mailbox_([this] { boost::asio::post(context_, [this] { mailbox_.drain(peer_); }); }),
          ticker_(context_) {}

    void start(std::function<void()> on_first_open) {
        on_first_open_ = std::move(on_first_open);
        client_.start();
        tick();
        thread_ = std::thread([this] { run(); });
    }

    void stop() {
        if (!thread_.joinable()) return;
        boost::asio::post(context_, [this] {
            peer_.withdraw([this] { context_.stop(); });
            give_up_.expires_after(withdrawal_limit);
            give_up_.async_wait([this](const boost::system::error_code&) { context_.stop(); });
        });
        thread_.join();
    }

    // Any thread.

    [[nodiscard]] std::span<const reverb::ApplicationText> texts() const { return texts_; }

    void tell(Mailbox<ReverbPeer>::Message work) { mailbox_.post(std::move(work)); }

    /// To the home of a channel, which is on this node.
    void post_home(channels::ChannelRef channel, channels::ShardLinks::HubTask task) {
        shards_.post(channels::home_of(channel, shard_count_), std::move(task));
    }

    template <typename Argument>
    void reply(unsigned shard, const std::function<void(Argument)>& done, Argument argument) {
        shards_.post(shard, [done, argument = std::move(argument)](Hub&) mutable {
            done(std::move(argument));
        });
    }

    [[nodiscard]] std::string_view trouble() const { return trouble_.load(); }

private:
    ReverbPeerOptions peer_options(const ReverbNodeOptions& options) const {
        ReverbPeerOptions made;
        for (const config::AppSettings& app : options.apps) made.app_ids.push_back(app.id);
        made.app_texts = texts_;
        made.shards = options.shards;
        made.max_queued_bytes = options.max_queued_bytes;
        made.patience = options.patience;
        return made;
    }

    void run() {
        while (!context_.stopped()) {
            try {
                context_.run();
            } catch (const std::exception& error) {
                log_.error("reverb: work dropped reason=exception what=\"{}\"", error.what());
            }
        }
        client_.stop();
    }

    void tick() {
        ticker_.expires_after(tick_interval);
        ticker_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            tick();
            peer_.tick();
            report();
        });
    }

    void report() {
        trouble_ = peer_.trouble();
        if (peer_.is_open() && on_first_open_) std::exchange(on_first_open_, nullptr)();
    }

    // redis::ClientEvents
    void on_up(const std::string& /*servers*/) override {
        peer_.on_up();
        report();
    }

    void on_down(std::string_view reason) override {
        log_.warn("reverb: redis is away, this node goes on alone reason=\"{}\"", reason);
        peer_.on_down();
        report();
    }

    void on_subscribed(std::string_view /*topic*/) override {
        peer_.on_subscribed();
        report();
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
        mailbox_.post([task = std::move(task)](ReverbPeer&) { task(); });
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
    const std::string channel_;
    const std::vector<reverb::ApplicationText> texts_;
    boost::asio::io_context context_{1};
    ReverbPeer peer_;
    redis::Client client_;
    Mailbox<ReverbPeer> mailbox_;
    boost::asio::steady_timer ticker_;
    boost::asio::steady_timer give_up_{context_};
    std::function<void()> on_first_open_;
    std::atomic<const char*> trouble_{"starting"};
    std::thread thread_;
};

ReverbNode::ReverbNode(
    ReverbNodeOptions options, channels::ShardLinks& shards, const Clock& clock, spdlog::logger& log
)
    : impl_(std::make_unique<Impl>(std::move(options), shards, clock, log)) {}

ReverbNode::~ReverbNode() {
    try {
        impl_->stop();
    } catch (...) {
        std::terminate();  // the thread must not outlive what it uses
    }
}

void ReverbNode::start(std::function<void()> on_first_open) {
    impl_->start(std::move(on_first_open));
}

void ReverbNode::stop() {
    impl_->stop();
}

void ReverbNode::join(channels::JoinRequest request) {
    const auto shared = std::make_shared<channels::JoinRequest>(std::move(request));
    impl_->post_home(shared->join.channel, [shared](Hub& home) { home.join_at_home(shared); });
}

void ReverbNode::leave(unsigned shard, ChannelKey channel, std::string user_id) {
    const channels::ChannelRef home_key = channel;
    impl_->post_home(home_key, [shard, channel, user_id = std::move(user_id)](Hub& home) {
        home.leave_at_home(channel, shard, user_id);
    });
}

/// Encodes on the caller's thread, of which there are several.
void ReverbNode::publish(
    unsigned shard, std::vector<channels::Publication> publications, std::function<void(bool)> done
) {
    std::function<void(bool)> on_shard;
    if (done) {
        on_shard = [impl = impl_.get(), shard, done = std::move(done)](bool is_accepted) {
            impl->reply(shard, done, is_accepted);
        };
    }
    auto messages = to_reverb(impl_->texts(), std::move(publications));
    if (!messages) {
        if (on_shard) on_shard(false);
        return;
    }
    impl_->tell([messages = *std::move(messages), on_shard](ReverbPeer& peer) mutable {
        peer.publish(std::move(messages), on_shard);
    });
}

void ReverbNode::terminate(AppIndex app, std::string user_id) {
    impl_->tell([app, user_id = std::move(user_id)](ReverbPeer& peer) {
        peer.terminate(app, user_id);
    });
}

/// All channels of a call are of one app.
void ReverbNode::stats(
    unsigned shard,
    std::vector<ChannelKey> channels,
    std::function<void(std::vector<channels::ChannelStats>)> done
) {
    if (channels.empty()) return impl_->reply(shard, done, {});
    impl_->tell([impl = impl_.get(), shard, channels = std::move(channels), done](ReverbPeer& peer
                ) {
        peer.ask(
            channels.front().app,
            metric_of_stats(channels),
            [impl, shard, channels, done](const AnswerMerge& answers) {
                impl->reply(shard, done, stats_of(channels, answers));
            }
        );
    });
}

void ReverbNode::user_ids(
    unsigned shard, ChannelKey channel, std::function<void(std::vector<std::string>)> done
) {
    impl_->tell([impl = impl_.get(), shard, channel = std::move(channel), done](ReverbPeer& peer) {
        reverb::Metric metric;
        metric.type = reverb::MetricType::channel_users;
        metric.channel = channel.name;
        peer.ask(channel.app, metric, [impl, shard, done](const AnswerMerge& answers) {
            impl->reply(shard, done, answers.ids());
        });
    });
}

void ReverbNode::list(
    unsigned shard,
    AppIndex app,
    std::string prefix,
    std::function<void(channels::ChannelHome::Listing)> done
) {
    impl_->tell([impl = impl_.get(), shard, app, prefix = std::move(prefix), done](ReverbPeer& peer
                ) {
        peer.ask(app, metric_of_list(prefix), [impl, shard, done](const AnswerMerge& answers) {
            impl->reply(shard, done, listing_of(answers));
        });
    });
}

/// Socket ids tell whose connections those of the cluster are.
void ReverbNode::connections_elsewhere(
    unsigned shard, AppIndex app, const std::function<void(std::optional<std::uint64_t>)>& done
) {
    impl_->tell([impl = impl_.get(), shard, app, done](ReverbPeer& peer) {
        peer.ask(app, {}, [impl, &peer, shard, app, done](const AnswerMerge& all) {
            peer.ask_alone(app, {}, [impl, shard, done, ids = all.ids()](const AnswerMerge& own) {
                const std::set<std::string_view> own_ids(own.ids().begin(), own.ids().end());
                const auto elsewhere = std::ranges::count_if(ids, [&](const std::string& id) {
                    return !own_ids.contains(id);
                });
                impl->reply<std::optional<std::uint64_t>>(
                    shard, done, static_cast<std::uint64_t>(elsewhere)
                );
            });
        });
    });
}

std::string_view ReverbNode::trouble() const {
    return impl_->trouble();
}

}  // namespace fanfare::cluster
