// SPDX-License-Identifier: MIT
#include "fanfare/cluster/view.hpp"

#include "redis_store.hpp"

#include "fanfare/redis/client.hpp"

#include <boost/asio/io_context.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <array>
#include <charconv>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace fanfare::cluster {

namespace {

using redis::Reply;

/// Asks once, when Redis is there.
class Viewer final : private redis::ClientEvents {
public:
    Viewer(
        boost::asio::io_context& context,
        const redis::Options& options,
        std::string_view name_space,
        spdlog::logger& log
    )
        : context_(context), keys_(name_space), client_(context, options, {}, log, *this) {
        client_.start();
    }

    [[nodiscard]] bool is_done() const { return is_done_; }

    /// What Redis said instead of an answer; empty if nothing.
    [[nodiscard]] const std::string& refusal() const { return refusal_; }

    std::vector<NodeView> views;

private:
    void on_up(const std::string&) override {
        const std::string leases = keys_.leases();
        const std::string infos = keys_.infos();
        client_
            .command(leases, std::array<std::string_view, 1>{"TIME"}, [this](const Reply& reply) {
                if (reply.elements.size() != 2) return;
                now_ =
                    number(reply.elements[0].text) * 1'000 + number(reply.elements[1].text) / 1'000;
            });
        client_.command(
            leases,
            std::array<std::string_view, 5>{"ZRANGE", leases, "0", "-1", "WITHSCORES"},
            [this](const Reply& reply) { read_leases(reply); }
        );
        client_.command(
            infos,
            std::array<std::string_view, 2>{"HGETALL", infos},
            [this](const Reply& reply) {
                if (reply.is_error()) return stop(reply.text);
                read_infos(reply);
                is_done_ = true;
                context_.stop();
            }
        );
    }

    void on_down(std::string_view reason) override { stop(reason); }

    void stop(std::string_view refusal) {
        if (refusal_.empty()) refusal_ = refusal;
        context_.stop();
    }

    void on_subscribed(std::string_view) override {}

    void on_message(std::string_view, std::string_view) override {}

    static std::int64_t number(std::string_view text) {
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

    void read_leases(const Reply& reply) {
        views.clear();
        if (reply.is_error()) return stop(reply.text);
        for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
            NodeView& view = views.emplace_back();
            view.id = reply.elements[i].text;
            view.lease_left = std::chrono::milliseconds(number(reply.elements[i + 1].text) - now_);
        }
    }

    void read_infos(const Reply& reply) {
        for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
            for (NodeView& view : views) {
                if (view.id == reply.elements[i].text) fill(view, reply.elements[i + 1].text);
            }
        }
        // One without is just being buried.
        std::erase_if(views, [](const NodeView& view) { return view.state.empty(); });
    }

    static void fill(NodeView& view, std::string_view json) {
        const NodeInfo info = parse_node_info(json);
        view.address = info.address;
        view.version = info.version;
        view.channels = info.channels;
        view.queued_bytes = info.queued_bytes;
        view.bus_lag = std::chrono::microseconds(info.lag_us);
        for (const auto& [app_id, count] : info.connections) view.connections += count;
        view.state = view.lease_left.count() < 0 ? "dead" : info.is_syncing ? "syncing" : "ok";
    }

    boost::asio::io_context& context_;
    KeySpace keys_;
    redis::Client client_;
    std::int64_t now_ = 0;
    bool is_done_ = false;
    std::string refusal_;
};

}  // namespace

std::vector<NodeView> view_cluster(
    const redis::Options& options, std::string_view name_space, std::chrono::milliseconds limit
) {
    // What the client warns of is why there is no answer.
    std::ostringstream warnings;
    spdlog::logger log("view", std::make_shared<spdlog::sinks::ostream_sink_st>(warnings));
    log.set_level(spdlog::level::warn);
    log.set_pattern("%v; ");
    boost::asio::io_context context{1};
    Viewer viewer(context, options, name_space, log);
    context.run_for(limit);
    if (!viewer.is_done() || !viewer.refusal().empty()) {
        const std::string why = viewer.refusal().empty() ? warnings.str() : viewer.refusal();
        const std::string line = why.substr(0, why.find_first_of(";\n"));
        throw std::runtime_error("Redis does not answer: " + line);
    }
    return std::move(viewer.views);
}

}  // namespace fanfare::cluster
