// SPDX-License-Identifier: MIT
#pragma once

#include "app_registry.hpp"
#include "reloader.hpp"
#include "shard.hpp"

#include "fanfare/control/listener.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fanfare::server {

/// What the commands of the control socket work with. Outlives them.
struct OperationsContext {
    boost::asio::io_context& context;  ///< of the main thread, to which all of this belongs
    Common& common;
    std::span<const std::unique_ptr<Shard>> shards;
    AppRegistry& apps;
    Reloader& reloader;
    const cluster::Bus* bus;                 ///< null if this node is alone
    std::function<void(std::string)> drain;  ///< with who wants it
    /// Tells why the server goes on as it is; nothing: another process has taken its place.
    std::function<void(std::function<void(const std::string&)>)> upgrade;
};

/// The commands of the control socket: what they take and tell is in docs/operations.md. All but
/// `publish` and `channels` are about this node, whatever the cluster.
class Operations {
public:
    explicit Operations(OperationsContext context);

    void on_request(
        const control::Request& request, const std::shared_ptr<control::Visitor>& visitor
    );

private:
    using Json = control::Json;
    using Visitor = std::shared_ptr<control::Visitor>;

    void status(const Json& arguments, const Visitor& visitor);
    void apps(const Json& arguments, const Visitor& visitor);
    void channels(const Json& arguments, const Visitor& visitor);
    void connections(const Json& arguments, const Visitor& visitor);
    void disconnect(const Json& arguments, const Visitor& visitor);
    void publish(const Json& arguments, const Visitor& visitor);
    void log_level(const Json& arguments, const Visitor& visitor);
    void trace(const Json& arguments, const Visitor& visitor);
    void reload(const Json& arguments, const Visitor& visitor);
    void drain(const Json& arguments, const Visitor& visitor);
    void upgrade(const Json& arguments, const Visitor& visitor);

    void end_trace(std::uint64_t id);
    [[nodiscard]] AppIndex app_named(const std::string& id) const;
    void note(const std::string& command, const Json& arguments, const Visitor& visitor) const;

    /// Runs `query` on every shard, and `done` with the answers, ordered by shard, here.
    template <typename Answer>
    void ask_shards(
        std::function<Answer(channels::Hub&)> query, std::function<void(std::vector<Answer>)> done
    );

    OperationsContext context_;
    Clock::TimePoint started_;
    std::uint64_t last_trace_ = 0;
};

}  // namespace fanfare::server
