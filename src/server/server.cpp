// SPDX-License-Identifier: MIT
#include "fanfare/server/server.hpp"

#include "app_registry.hpp"
#include "cluster_bus.hpp"
#include "file_shares.hpp"
#include "guardian.hpp"
#include "handover.hpp"
#include "heartbeat.hpp"
#include "listeners.hpp"
#include "metrics_page.hpp"
#include "metrics_text.hpp"
#include "operations.hpp"
#include "reloader.hpp"
#include "service_manager.hpp"
#include "shard.hpp"
#include "stats.hpp"
#include "takeover.hpp"

#include "fanfare/base/signals.hpp"
#include "fanfare/control/listener.hpp"
#include "fanfare/control/socket_path.hpp"
#include "fanfare/webhooks/dispatcher.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

namespace fanfare::server {

namespace {

/// How long the last webhooks of a server that stops may take.
constexpr std::chrono::seconds webhook_patience{5};

/// How long the end may take beyond the drain window: the last clients, the webhooks, the rest.
constexpr std::chrono::seconds drain_patience = webhook_patience + std::chrono::seconds(15);

std::vector<IpNetwork> networks_of(const std::vector<std::string>& texts) {
    std::vector<IpNetwork> networks;
    for (const std::string& text : texts) networks.push_back(IpNetwork::parse(text).value());
    return networks;
}

unsigned shard_count(const config::ServerSettings& settings) {
    return settings.shards != 0 ? settings.shards
                                : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

class Server::Impl final : public channels::ShardLinks {
public:
    Impl(const config::Loaded& loaded, Options options, spdlog::logger& log)
        : log_(log),
          loaded_(loaded),
          load_(std::move(options.reload)),
          manager_(options.environment),
          passed_(passed_sockets(options.environment)),
          news_(common_.apps, clock_, [this] { return make_dispatcher(); }),
          files_(share_out(raise_file_limit(log), shard_count(loaded.settings.server))),
          common_{
              loaded.settings,
              log,
              clock_,
              files_.sessions,
              files_.guests_of_shard,
              transport::TrustedProxies(networks_of(loaded.settings.server.trusted_proxies)),
              options.demo,
              options.demo ? loaded.settings.apps.front().id : "",
              news_},
          takeover_(Takeover::from(options.environment)),
          program_(std::move(options.program)),
          signals_(context_, SIGINT, SIGTERM, SIGUSR2),
          bus_(make_bus(common_, shard_count(loaded.settings.server), *this)) {}

    std::optional<pid_t> run() {
        ::signal(SIGPIPE, SIG_IGN);  // the reader of the log may go away
        make_shards();
        serve_apps();
        if (!takeover_) open_doors();
        // In a cluster, clients are let in once this node is part of it.
        if (bus_ && !takeover_) {
            manager_.status("waiting for Redis");
            bus_->start([this] { boost::asio::post(context_, [this] { serve(); }); });
        } else {
            serve();
        }
        wait_for_signal();
        context_.run();
        if (successor_) {
            if (becomes_guardian()) {
                pass_signals_to(*successor_);
                context_.restart();
                context_.poll();  // those that have come before
            }
            news_.stop(webhook_patience);
            return successor_;
        }
        if (bus_) bus_->stop();
        for (const auto& shard : shards_) shard->stop();
        for (std::thread& thread : threads_) thread.join();
        database_.reset();  // the shards have asked it until now
        news_.stop(is_hasty_ ? std::chrono::seconds(0) : webhook_patience);
        if (failure_) std::rethrow_exception(failure_);
        // Once nobody handles them, a repeated signal would be the end, and the exit status.
        block_signals();
        log_.info("stopped");
        return std::nullopt;
    }

private:
    /// What there can be one of only, and is the other process's until it has let go.
    void open_doors() {
        are_doors_open_ = true;
        show_metrics();
        open_control();
    }

    void post(unsigned shard, HubTask task) override { shards_[shard]->post(std::move(task)); }

    std::unique_ptr<webhooks::Dispatcher> make_dispatcher() {
        return std::make_unique<webhooks::Dispatcher>(
            webhooks::Options{}, clock_, make_secure_random(), log_
        );
    }

    /// Before the bus starts, which posts to them.
    void make_shards() {
        const unsigned shards = shard_count(common_.settings.server);
        for (unsigned i = 0; i < shards; ++i) {
            shards_.push_back(std::make_unique<Shard>(i, shards, common_, *this, bus_.get()));
        }
    }

    void serve_apps() {
        registry_.emplace(common_.apps, news_, bus_.get(), shards_, log_);
        registry_->configure(common_.settings.apps);
        if (common_.settings.apps_database.driver != config::DatabaseDriver::none) {
            database_ = std::make_unique<apps::Database>(
                common_.settings.apps_database,
                clock_,
                [this](const std::string& id, const config::SharedAppSettings& app) {
                    on_found(id, app);
                },
                log_
            );
            common_.database = database_.get();
        }
        reloader_.emplace(
            context_,
            loaded_,
            load_,
            *registry_,
            [this](const auto& tls) {
                for (const auto& shard : shards_) shard->set_tls(tls);
            },
            manager_,
            log_
        );
    }

    /// On the database's thread, which goes on whatever happens.
    void on_found(const std::string& id, const config::SharedAppSettings& app) {
        try {
            registry_->set_found(id, app);
        } catch (const std::exception& error) {
            log_.error("app of the database not served app={} what=\"{}\"", id, error.what());
        }
    }

    /// Where it cannot be made the server serves as well.
    void open_control() {
        const auto paths = control::socket_paths(common_.settings.server);
        if (paths.empty()) return;
        operations_.emplace(OperationsContext{
            context_,
            common_,
            shards_,
            *registry_,
            *reloader_,
            bus_.get(),
            [this](const std::string& who) {
                if (!is_draining_) stop("command=drain " + who);
            },
            [this](const Handover::Done& done) { upgrade(done); }});
        try {
            control_.emplace(context_, paths, [this](const auto& request, const auto& visitor) {
                operations_->on_request(request, visitor);
            });
            log_.info("control socket path={}", control_->path().string());
        } catch (const std::exception& error) {
            log_.warn("no control socket (server.control_socket): {}", error.what());
        }
    }

    /// Without them the server serves as well, so this is no reason not to start. Several nodes on
    /// one machine may well have the same settings.
    void show_metrics() {
        const std::string& address = common_.settings.server.metrics_address;
        if (address.empty()) return;
        try {
            metrics_.emplace(context_, address, [this] { return metrics_text(); });
            log_.info("metrics url=http://{}/metrics", metrics_->address());
        } catch (const std::exception& error) {
            log_.warn("no metrics (server.metrics_address): {}", error.what());
        }
    }

    [[nodiscard]] std::string metrics_text() const {
        const Stats stats = take_stats(common_, shards_, bus_.get());
        return server::metrics_text(stats, common_.settings.server.soketi_monitoring);
    }

    void serve() {
        try {
            if (takeover_) {
                takeover_->run({common_, shards_, bus_.get(), *registry_, database_.get()});
                open_doors();
            }
            listen();
        } catch (...) {
            failure_ = std::current_exception();
            return context_.stop();
        }
        for (const auto& shard : shards_) threads_.emplace_back([&] { shard->run(); });
        manager_.ready();
        const auto shards = static_cast<unsigned>(shards_.size());
        heartbeat_.emplace(context_, manager_, *this, shards, [this] { return status(); });
        heartbeat_->start();
    }

    /// For people who ask the service manager.
    [[nodiscard]] std::string status() const {
        const std::string count = std::to_string(common_.node.open.load());
        return (is_draining_ ? "draining, connections left: " : "serving, connections: ") + count;
    }

    void listen() {
        const config::ServerSettings& server = common_.settings.server;
        const Listeners listeners = takeover_
                                        ? spread_listeners(takeover_->listeners(), shards_.size())
                                        : open_listeners(server, shards_.size(), passed_);
        for (std::size_t i = 0; i < shards_.size(); ++i) {
            for (const int fd : listeners.of_shard[i]) shards_[i]->listen(fd);
        }
        common_.port = listeners.port;
        log_.info(
            "listening host={} port={} tls={} path={} shards={} apps={}",
            listeners.host,
            listeners.port,
            !server.tls.certificate_file.empty(),
            server.path.empty() ? "/" : server.path,
            shards_.size(),
            registry_->size()
        );
    }

    void wait_for_signal() {
        signals_.async_wait([this](const boost::system::error_code& error, int signal) {
            if (error) return;
            if (successor_) {
                ::kill(*successor_, signal);
                return wait_for_signal();
            }
            if (signal == SIGUSR2) {
                wait_for_signal();
                return upgrade(nullptr);
            }
            if (is_draining_) {
                log_.warn("stopping at once signal={}", signal);
                is_hasty_ = true;
                return context_.stop();
            }
            stop("signal=" + std::to_string(signal));
            wait_for_signal();
        });
    }

    /// Puts another process in the place of this one; `done` (or null) hears why it could not be.
    void upgrade(const Handover::Done& done) {
        std::string trouble;
        if (bus_ && !bus_->trouble().empty()) {
            trouble = fmt::format("this node is not part of its cluster ({})", bus_->trouble());
        }
        if (handover_) trouble = "there is one under way";
        if (threads_.empty() || is_draining_) trouble = "the server is starting or stopping";
        if (trouble.empty()) {
            try {
                begin_handover(done);
                return;
            } catch (const std::exception& error) {
                trouble = error.what();
            }
        }
        log_.error("no upgrade: {}", trouble);
        if (done) done(trouble);
    }

    void begin_handover(const Handover::Done& done) {
        handover_.emplace(
            Handover::Context{
                context_,
                common_,
                shards_,
                bus_.get(),
                [this](pid_t successor) {
                    are_doors_open_ = false;
                    metrics_.reset();
                    control_.reset();
                    manager_.succeeded_by(successor);
                },
                [this](pid_t successor) {
                    if (bus_) bus_->fall_silent();
                    successor_ = successor;
                    context_.stop();
                }},
            program_,
            [this, done](const std::string& trouble) {
                if (done) done(trouble);
                if (!trouble.empty()) boost::asio::post(context_, [this] { stay(); });
            }
        );
    }

    /// The handover has come to nothing, perhaps in its last moment.
    void stay() {
        handover_.reset();
        if (are_doors_open_) return;
        manager_.succeeded_by(::getpid());
        open_doors();
    }

    /// Lets the clients go, and then ends run().
    void stop(const std::string& why) {
        is_draining_ = true;
        if (handover_) handover_->call_off("it is told to stop");
        log_.info(
            "draining {} connections={} window={}s",
            why,
            common_.node.open.load(),
            common_.settings.server.drain_window.count()
        );
        manager_.stopping(common_.settings.server.drain_window + drain_patience);
        if (threads_.empty()) return context_.stop();  // still waiting for the cluster
        heartbeat_->tell_status();
        undrained_ = shards_.size();
        for (const auto& shard : shards_) {
            shard->drain([this] {
                boost::asio::post(context_, [this] {
                    if (--undrained_ == 0) context_.stop();
                });
            });
        }
    }

    spdlog::logger& log_;
    const config::Loaded& loaded_;
    Reloader::Load load_;
    ServiceManager manager_;
    std::vector<int> passed_;  // sockets that the service manager has bound
    SystemClock clock_;
    AppNews news_;
    FileShares files_;
    Common common_;
    boost::asio::io_context context_{1};
    std::unique_ptr<Takeover> takeover_;  // null: nobody was here before
    Successor program_;
    boost::asio::signal_set signals_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::thread> threads_;
    std::optional<MetricsPage> metrics_;
    std::unique_ptr<cluster::Bus> bus_;  // null if this node is alone; uses the shards
    std::optional<AppRegistry> registry_;
    std::optional<Reloader> reloader_;
    std::optional<Operations> operations_;
    std::optional<control::Listener> control_;
    std::optional<Handover> handover_;  // while one is under way
    std::optional<pid_t> successor_;
    std::optional<Heartbeat> heartbeat_;        // once the server listens
    std::unique_ptr<apps::Database> database_;  // null if there is none
    std::exception_ptr failure_;
    std::size_t undrained_ = 0;
    bool are_doors_open_ = false;
    bool is_draining_ = false;
    bool is_hasty_ = false;
};

Server::Server(const config::Loaded& loaded, Options options, spdlog::logger& log)
    : impl_(std::make_unique<Impl>(loaded, std::move(options), log)) {}

Server::~Server() = default;

std::optional<pid_t> Server::run() {
    return impl_->run();
}

}  // namespace fanfare::server
