// SPDX-License-Identifier: MIT
#pragma once

#include "cluster_slots.hpp"
#include "connection.hpp"

#include "fanfare/redis/options.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace fanfare::redis {

class DiscoveryEvents {
public:
    virtual void on_masters(std::vector<Master> masters) = 0;

    /// Nobody could tell.
    virtual void on_no_masters(const std::string& asked, const std::string& reason) = 0;

protected:
    ~DiscoveryEvents() = default;
};

/// Finds the masters: the one server, the one that a sentinel names, or those that a node of a
/// Redis Cluster names. Asks one after the other, first the one that knew the last time; of a
/// cluster also the masters of the last time, since the configured ones may be gone.
class Discovery final : public ConnectionEvents {
public:
    Discovery(boost::asio::io_context& context, const Options& options, DiscoveryEvents& events);
    ~Discovery();
    Discovery(const Discovery&) = delete;
    Discovery& operator=(const Discovery&) = delete;

    /// One event answers, unless cancel() is called before.
    void run();
    void cancel();

    [[nodiscard]] bool is_running() const { return asked_ != nullptr; }

private:
    void on_open(Connection& connection) override;
    void on_lost(Connection& connection, const std::string& reason) override;

    void on_push(Connection&, Reply) override {}

    void before_write(Connection&) override {}

    void ask_next();
    void ask_sentinel();
    void ask_cluster();
    void remember(const std::vector<Master>& masters);
    void found(std::vector<Master> masters);
    void fail(const std::string& reason);

    boost::asio::io_context& context_;
    const Options& options_;
    DiscoveryEvents& events_;
    std::vector<Endpoint> candidates_;  ///< the first is asked first
    std::size_t failed_ = 0;            ///< of this run's candidates
    std::string failures_;
    std::shared_ptr<Connection> asked_;
};

}  // namespace fanfare::redis
