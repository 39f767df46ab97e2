// SPDX-License-Identifier: MIT
#include "fanfare/server/server.hpp"

#include "shard.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <spdlog/logger.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

namespace fanfare::server {

namespace {

/// Who may have how many of the process's descriptors.
struct FileShares {
    std::uint32_t sessions;
    std::uint32_t guests_of_shard;  ///< connections without a session; see transport::Reactor
};

/// A small part is for the process itself: listeners, event loops, log, the demo's files.
FileShares share_out(std::uint32_t files, unsigned shards) {
    const std::uint32_t own = std::min(files / 4, 32 + 8 * shards);
    const std::uint32_t guests = std::max((files - own) / 8 / shards, 4U);
    return {files - own - std::min(guests * shards, files / 2), guests};
}

/// Raises the soft limit for open files to the hard one and returns it.
std::uint32_t raise_file_limit(spdlog::logger& log) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;
    const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
    log.info("open file limit={} was={}", limit.rlim_cur, before);
    return static_cast<std::uint32_t>(std::min<rlim_t>(limit.rlim_cur, 0xffff'ffff));
}

unsigned shard_count(const config::ServerSettings& settings) {
    return settings.shards != 0 ? settings.shards
                                : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

class Server::Impl final : public channels::ShardLinks {
public:
    Impl(const config::Settings& settings, Options options, spdlog::logger& log)
        : log_(log),
          files_(share_out(raise_file_limit(log), shard_count(settings.server))),
          common_{
              settings,
              log,
              clock_,
              files_.sessions,
              files_.guests_of_shard,
              {},
              std::deque<apps::ConnectionCount>(settings.apps.size()),
              std::move(options.demo)},
          signals_(context_, SIGINT, SIGTERM) {}

    void run() {
        ::signal(SIGPIPE, SIG_IGN);  // the reader of the log may go away
        listen();
        std::vector<std::thread> threads;
        for (const auto& shard : shards_) threads.emplace_back([&] { shard->run(); });
        wait_for_signal();
        context_.run();
        for (const auto& shard : shards_) shard->stop();
        for (std::thread& thread : threads) thread.join();
        log_.info("stopped");
    }

private:
    void post(unsigned shard, HubTask task) override { shards_[shard]->post(std::move(task)); }

    void listen() {
        const config::ServerSettings& server = common_.settings.server;
        transport::require_free_port(server.host, server.port);
        std::uint16_t port = server.port;
        const unsigned shards = shard_count(server);
        for (unsigned i = 0; i < shards; ++i) {
            const int fd = transport::open_listener(server.host, port);
            port = transport::local_port(fd);  // if it was 0, the others share what the first got
            shards_.push_back(std::make_unique<Shard>(i, shards, common_, *this));
            shards_.back()->listen(fd);
        }
        log_.info(
            "listening host={} port={} path={} shards={} apps={}",
            server.host,
            port,
            server.path.empty() ? "/" : server.path,
            shards,
            common_.settings.apps.size()
        );
    }

    void wait_for_signal() {
        signals_.async_wait([this](const boost::system::error_code& error, int signal) {
            if (error) return;
            if (std::exchange(is_draining_, true)) {
                log_.warn("stopping at once signal={}", signal);
                return context_.stop();
            }
            log_.info(
                "draining signal={} connections={} window={}s",
                signal,
                common_.node.open.load(),
                common_.settings.server.drain_window.count()
            );
            undrained_ = shards_.size();
            for (const auto& shard : shards_) {
                shard->drain([this] {
                    boost::asio::post(context_, [this] {
                        if (--undrained_ == 0) context_.stop();
                    });
                });
            }
            wait_for_signal();
        });
    }

    spdlog::logger& log_;
    FileShares files_;
    SystemClock clock_;
    Common common_;
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::size_t undrained_ = 0;
    bool is_draining_ = false;
};

Server::Server(const config::Settings& settings, Options options, spdlog::logger& log)
    : impl_(std::make_unique<Impl>(settings, std::move(options), log)) {}

Server::~Server() = default;

void Server::run() {
    impl_->run();
}

}  // namespace fanfare::server
