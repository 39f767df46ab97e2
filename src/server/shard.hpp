// SPDX-License-Identifier: MIT
#pragma once

#include "app_news.hpp"
#include "snapshot.hpp"

#include "fanfare/api/demo.hpp"
#include "fanfare/api/router.hpp"
#include "fanfare/apps/app.hpp"
#include "fanfare/apps/database.hpp"
#include "fanfare/base/clock.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/base/mailbox.hpp"
#include "fanfare/channels/cluster.hpp"
#include "fanfare/channels/hub.hpp"
#include "fanfare/config/settings.hpp"
#include "fanfare/sessions/address_counts.hpp"
#include "fanfare/sessions/admission.hpp"
#include "fanfare/sessions/window_counter.hpp"
#include "fanfare/transport/http.hpp"
#include "fanfare/transport/listener.hpp"
#include "fanfare/transport/reactor.hpp"
#include "fanfare/transport/tls.hpp"
#include "fanfare/transport/trusted_proxies.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::server {

/// What the shards have in common. Outlives them; immutable but for the apps and the counts.
struct Common {
    const config::Settings& settings;
    spdlog::logger& log;
    const Clock& clock;
    std::uint32_t capacity;         ///< sessions of the process
    std::uint32_t guests_of_shard;  ///< connections without a session, each shard
    transport::TrustedProxies proxies;
    std::optional<std::filesystem::path> demo;
    std::string demo_app_id;
    AppNews& news;
    apps::AppTable apps{};
    apps::Database* database = nullptr;  ///< null: what is not in a shard's list is nowhere
    apps::ConnectionCount node{};
    sessions::AddressCounts addresses{};
    std::atomic<bool> is_draining = false;
    std::uint16_t port = 0;  ///< once the server listens; the main thread's
};

/// What the node has to do without at the moment, in a word each. `cluster` may be null.
[[nodiscard]] std::vector<std::string_view> troubles_of(
    const Common& common, const channels::Cluster* cluster
);

/// One thread's worth of server: a listener, its connections and sessions, a hub and the HTTP API.
/// Built by the main thread, then used by its own thread only, but for post() and the functions
/// that say so.
class Shard final : public transport::HttpRoutes {
public:
    /// `cluster` is null if this node is alone.
    Shard(
        unsigned index,
        unsigned shards,
        Common& common,
        channels::ShardLinks& links,
        channels::Cluster* cluster
    );
    ~Shard();

    /// Any thread.
    void post(channels::ShardLinks::HubTask task) { mailbox_.post(std::move(task)); }

    /// Before run(): does what was asked of it so far, such as to know an app.
    void catch_up();

    /// Before run(): takes over a listening socket. There may be several.
    void listen(int fd);

    /// The thread's body; returns after stop().
    void run();

    /// Any thread. See apps::AppList::set; ends the connections that have lost their app or key.
    void set_app(AppIndex index, config::SharedAppSettings settings);

    /// Any thread. For the connections to come; null: they speak plain HTTP.
    void set_tls(std::shared_ptr<const transport::TlsContext> tls);

    // The way to another process; see Handover and restore().

    using Phase = transport::Reactor::Phase;

    /// Any thread. Then calls `done` on this shard's, with whether nothing is under way.
    void set_phase(Phase phase, std::function<void(bool)> done);

    /// Any thread. The shard's stands still from when it calls `still` until `go_on` is there.
    void stand_still(std::function<void()> still, std::shared_future<void> go_on);

    /// While it stands still: any thread. What cannot pass is not in it.
    [[nodiscard]] Snapshot pass();

    /// While it stands still: any thread. Nothing is on its way to it.
    [[nodiscard]] bool has_no_mail() const { return mailbox_.size() == 0; }

    /// Before run(): goes on with a client, or an HTTP connection, of the other process. Null if
    /// its app is gone.
    channels::Subscriber* take_over(PassedClient client);
    void take_over(transport::PassedHttp request);

    /// Before run(), and while it stands still.
    [[nodiscard]] channels::Hub& hub() { return hub_; }

    /// Any thread. See api::Router::publish; `done` is called on this shard's.
    void publish(std::string app_id, std::string body, api::Router::Answered done);

    /// Any thread. Calls `drained` on this shard's thread once the last client is gone.
    void drain(std::function<void()> drained);

    /// Any thread.
    void stop();

    /// Any thread.
    [[nodiscard]] const Counters& counters() const { return counters_; }

    /// Any thread: messages of other threads that wait.
    [[nodiscard]] std::size_t mailbox_size() const { return mailbox_.size(); }

private:
    // transport::HttpRoutes
    [[nodiscard]] bool must_wait(
        const transport::HttpRequest& request, const transport::HttpResponder& responder
    ) override;
    void on_request(
        const transport::HttpRequest& request, const transport::HttpResponder& responder
    ) override;
    [[nodiscard]] bool is_websocket_path(std::string_view path) const override;
    [[nodiscard]] std::unique_ptr<transport::MessageSink> open_link(
        const transport::HttpRequest& request, transport::MessageLink& link
    ) override;

    void look_for(
        apps::Database::Column column, std::string value, const transport::HttpResponder& responder
    );
    void on_wrong_protocol(std::string_view what) override;

    void say_goodbye();
    void on_accept(int fd, const IpAddress& address);
    void upkeep();
    void end_connections(const apps::App& app);
    void note_queues();
    void drain_step();
    void close_some(std::size_t how_many);

    Common& common_;
    Counters counters_;
    boost::asio::io_context context_{1};
    Mailbox<channels::Hub> mailbox_;
    apps::AppList apps_;
    channels::Hub hub_;
    std::unique_ptr<api::Demo> demo_;
    api::Router router_;
    sessions::Deadlines deadlines_;
    sessions::SessionContext session_context_;
    sessions::Admission admission_;
    transport::Reactor reactor_;  // destroyed before what its connections use
    std::vector<std::unique_ptr<transport::Listener>> listeners_;
    std::vector<int> listening_;  // the descriptors of these
    sessions::WindowCounter accept_warnings_;
    sessions::WindowCounter protocol_warnings_;
    std::shared_ptr<const transport::TlsContext> tls_;  // null: plain

    boost::asio::steady_timer upkeep_timer_;
    boost::asio::steady_timer drain_timer_;
    Clock::TimePoint drain_end_;
    std::size_t drain_cursor_ = 0;
    double closes_due_ = 0;
    std::function<void()> drained_;
};

}  // namespace fanfare::server
