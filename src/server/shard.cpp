// SPDX-License-Identifier: MIT
#include "shard.hpp"

#include "fanfare/base/random.hpp"
#include "fanfare/protocol/frames.hpp"
#include "fanfare/protocol/query_string.hpp"
#include "fanfare/transport/http_connection.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/logger.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace fanfare::server {

namespace frames = protocol::frames;
using transport::HttpRequest;
using transport::HttpResponder;

namespace {

constexpr std::chrono::milliseconds upkeep_time{100};
constexpr std::chrono::milliseconds drain_step_time{100};
constexpr std::chrono::seconds accept_warning_window{10};
constexpr std::chrono::seconds protocol_warning_window{60};
constexpr std::chrono::seconds drain_grace{5};  // for the last clients to answer their CLOSE

/// What follows `{prefix}{folder}`; empty for any other path.
std::string_view below(std::string_view path, std::string_view prefix, std::string_view folder) {
    if (!path.starts_with(prefix)) return {};
    path.remove_prefix(prefix.size());
    return path.starts_with(folder) ? path.substr(folder.size()) : std::string_view{};
}

/// The app key in `{prefix}/app/{key}`, still encoded; empty for any other path.
std::string_view app_key_in(std::string_view path, std::string_view prefix) {
    const std::string_view key = below(path, prefix, "/app/");
    return key.find('/') == std::string_view::npos ? key : std::string_view{};
}

/// The app id in `{prefix}/apps/{id}/…`, still encoded; empty for any other path.
std::string_view app_id_in(std::string_view path, std::string_view prefix) {
    const std::string_view rest = below(path, prefix, "/apps/");
    return rest.substr(0, rest.find('/'));
}

BufferPtr encode(std::string_view text) {
    return make_buffer(EncodedFrame(text));
}

}  // namespace

std::vector<std::string_view> troubles_of(const Common& common, const channels::Cluster* cluster) {
    std::vector<std::string_view> troubles;
    const std::string_view of_cluster = cluster == nullptr ? "" : cluster->trouble();
    if (!of_cluster.empty()) troubles.push_back(of_cluster);
    if (common.database != nullptr && common.database->is_away()) {
        troubles.push_back("apps_database_away");
    }
    return troubles;
}

Shard::Shard(
    unsigned index,
    unsigned shards,
    Common& common,
    channels::ShardLinks& links,
    channels::Cluster* cluster
)
    : common_(common),
      mailbox_([this] { boost::asio::post(context_, [this] { mailbox_.drain(hub_); }); }),
      apps_(common.apps),
      hub_({
          index,
          shards,
          links,
          common.clock,
          cluster,
          common.settings.server.max_cache_bytes / shards,
          &common.news,
          &common.news,
          &counters_,
      }),
      demo_(
          common.demo ? std::make_unique<api::Demo>(
                            *common.demo,
                            common.settings.server.path,
                            apps_,
                            common.demo_app_id,
                            hub_,
                            counters_,
                            common.log
                        )
                      : nullptr
      ),
      router_(
          common.settings.server,
          {apps_, hub_, common.clock, common.log, counters_},
          {common.is_draining, [&common, cluster] { return troubles_of(common, cluster); }},
          demo_.get()
      ),
      session_context_{
          hub_,
          common.clock,
          common.log,
          counters_,
          encode(frames::ping()),
          encode(frames::pong()),
          deadlines_},
      admission_(
          session_context_,
          apps_,
          make_secure_random(),
          {common.node,
           common.capacity,
           common.addresses,
           common.settings.server.max_connections_per_ip}
      ),
      reactor_(
          context_,
          common.clock,
          counters_,
          common.settings.server.max_backlog,
          [&log = common.log](std::string_view what) {
              log.error("connection closed reason=exception what=\"{}\"", what);
          }
      ),
      upkeep_timer_(context_),
      drain_timer_(context_) {
    reactor_.limit_guests(common.guests_of_shard);
}

Shard::~Shard() = default;

void Shard::listen(int fd) {
    listening_.push_back(fd);
    listeners_.push_back(std::make_unique<transport::Listener>(
        reactor_,
        fd,
        [this](int accepted, const IpAddress& peer) { on_accept(accepted, peer); },
        [this](std::string_view trouble) {
            if (!accept_warnings_.take(common_.clock.now(), 1, accept_warning_window)) return;
            common_.log.warn("connections wait to be accepted reason=\"{}\"", trouble);
        }
    ));
}

void Shard::catch_up() {
    context_.poll();
    context_.restart();
}

void Shard::run() {
    reactor_.start();
    upkeep();
    while (!context_.stopped()) {
        try {
            context_.run();
        } catch (const std::exception& error) {
            common_.log.error("work dropped reason=exception what=\"{}\"", error.what());
        }
    }
    listeners_.clear();
    reactor_.stop();
}

/// What is due by the clock, and exact to a tenth of a second.
void Shard::upkeep() {
    upkeep_timer_.expires_after(upkeep_time);
    upkeep_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) upkeep();
    });
    const Clock::TimePoint now = common_.clock.now();
    while (auto* session = deadlines_.take(now)) session->on_deadline();
    hub_.tick();
    note_queues();
}

/// What changes with every delivery is noted now and then, so that deliveries need not.
void Shard::note_queues() {
    Activity& activity = counters_.activity();
    activity.sockets.set(reactor_.connection_count());
    activity.channels.set(hub_.channel_count());
    activity.queued_bytes.set(reactor_.chunks().queued_bytes());
    activity.queued_messages.set(reactor_.chunks().queued_buffers());
}

void Shard::stop() {
    boost::asio::post(context_, [this] { context_.stop(); });
}

void Shard::set_app(AppIndex index, config::SharedAppSettings settings) {
    boost::asio::post(context_, [this, index, settings = std::move(settings)] {
        if (const apps::App* app = apps_.set(index, settings)) end_connections(*app);
    });
}

void Shard::set_tls(std::shared_ptr<const transport::TlsContext> tls) {
    boost::asio::post(context_, [this, tls = std::move(tls)] { tls_ = tls; });
}

void Shard::publish(std::string app_id, std::string body, api::Router::Answered done) {
    boost::asio::post(
        context_,
        [this, app_id = std::move(app_id), body = std::move(body), done = std::move(done)] {
            router_.publish(app_id, body, done);
        }
    );
}

void Shard::on_wrong_protocol(std::string_view what) {
    if (!protocol_warnings_.take(common_.clock.now(), 1, protocol_warning_window)) return;
    common_.log.warn("{}", what);
}

void Shard::end_connections(const apps::App& app) {
    const auto& clients = hub_.subscribers();
    for (std::size_t slot = 0; slot < clients.size(); ++slot) {
        auto* client = clients[slot];
        if (client != nullptr && client->app() == app.index()) client->on_app_change();
    }
}

void Shard::on_accept(int fd, const IpAddress& address) {
    const config::ServerSettings& server = common_.settings.server;
    const bool is_proxy = common_.proxies.contains(address);
    auto& connection = reactor_.adopt(std::make_unique<transport::HttpConnection>(
        reactor_,
        transport::Socket{fd, {}},
        *this,
        server.max_request_size,
        transport::Peer{address, is_proxy, is_proxy && server.proxy_protocol, tls_}
    ));
    reactor_.watch(fd, connection);
}

/// For an app that may be in the database.
bool Shard::must_wait(const HttpRequest& request, const HttpResponder& responder) {
    if (common_.database == nullptr) return false;
    const std::string& prefix = common_.settings.server.path;
    const std::string key = protocol::percent_decode(app_key_in(request.path, prefix), false);
    if (!key.empty()) {
        if (apps_.find_by_key(key) != nullptr) return false;
        look_for(apps::Database::Column::key, key, responder);
        return true;
    }
    const std::string id = protocol::percent_decode(app_id_in(request.path, prefix), false);
    if (id.empty() || apps_.find_by_id(id) != nullptr) return false;
    look_for(apps::Database::Column::id, id, responder);
    return true;
}

/// What is found has come by set_app() before the answer.
void Shard::look_for(
    apps::Database::Column column, std::string value, const HttpResponder& responder
) {
    using Outcome = apps::Database::Outcome;
    common_.database
        ->find(column, std::move(value), [this, responder](const apps::Database::Answer& answer) {
            const bool is_uncertain = answer.outcome == Outcome::unavailable;
            boost::asio::post(context_, [this, responder, is_uncertain] {
                apps_.set_uncertain(is_uncertain);
                responder.proceed();
                apps_.set_uncertain(false);
            });
        });
}

void Shard::on_request(const HttpRequest& request, const HttpResponder& responder) {
    router_.on_request(request, responder);
}

bool Shard::is_websocket_path(std::string_view path) const {
    return !app_key_in(path, common_.settings.server.path).empty();
}

std::unique_ptr<transport::MessageSink> Shard::open_link(
    const HttpRequest& request, transport::MessageLink& link
) {
    const std::string key =
        protocol::percent_decode(app_key_in(request.path, common_.settings.server.path), false);
    const protocol::QueryString query(request.query);
    return admission_.admit(
        {key,
         query.find("protocol"),
         query.has("protocol"),
         request.header("Origin"),
         common_.proxies.is_secure(request),
         common_.proxies.client_of(request)},
        link
    );
}

/// That the node is not ready is to be seen before anything else of it.
void Shard::drain(std::function<void()> drained) {
    common_.is_draining = true;
    boost::asio::post(context_, [this, drained = std::move(drained)]() mutable {
        drained_ = std::move(drained);
        drain_end_ = common_.clock.now() + common_.settings.server.drain_window;
        // Each shard of each node starts somewhere else, or few clients would all go at once.
        closes_due_ = std::ldexp(static_cast<double>(make_secure_random()()), -64);
        admission_.close_door();
        drain_step();
    });
}

/// Closes the share of the remaining clients that is due, so that they do not all come back at
/// once.
void Shard::drain_step() {
    // First of all, so that whatever happens there is a next step.
    drain_timer_.expires_after(drain_step_time);
    drain_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) drain_step();
    });
    const auto now = common_.clock.now();
    const auto clients =
        static_cast<std::size_t>(std::ranges::count_if(hub_.subscribers(), [](const auto* client) {
            return client != nullptr;
        }));
    const auto steps_left = std::max<std::int64_t>(1, (drain_end_ - now) / drain_step_time);
    closes_due_ += static_cast<double>(clients) / static_cast<double>(steps_left);
    const auto due = static_cast<std::size_t>(closes_due_);
    closes_due_ -= static_cast<double>(due);
    close_some(due);
    if (clients == 0) {
        listeners_.clear();
        reactor_.close_idle();
    }
    if (reactor_.connection_count() == 0 || now > drain_end_ + drain_grace) {
        drain_timer_.cancel();
        drained_();
    }
}

void Shard::close_some(std::size_t how_many) {
    const auto& clients = hub_.subscribers();
    while (how_many != 0 && drain_cursor_ < clients.size()) {
        auto* client = clients[drain_cursor_++];
        if (client == nullptr) continue;
        client->on_drain();
        --how_many;
    }
}

}  // namespace fanfare::server
