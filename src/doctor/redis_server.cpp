// SPDX-License-Identifier: MIT
#include "redis_server.hpp"

#include "findings.hpp"

#include "fanfare/config/error.hpp"
#include "fanfare/redis/client.hpp"
#include "fanfare/server/redis_options.hpp"

#include <boost/asio/io_context.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <sstream>
#include <string_view>

namespace fanfare::doctor {

namespace {

using redis::Reply;

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Asks for the time and the version, when Redis is there.
class Questioner final : private redis::ClientEvents {
public:
    Questioner(boost::asio::io_context& context, const redis::Options& options, spdlog::logger& log)
        : context_(context), client_(context, options, {}, log, *this) {
        client_.start();
    }

    RedisFacts facts;
    bool is_done = false;

private:
    using Clock = std::chrono::steady_clock;

    void on_up(const std::string&) override {
        const auto start = Clock::now();
        client_.command(
            "",
            std::array<std::string_view, 1>{"TIME"},
            [this, start](const Reply& reply) {
                facts.latency =
                    std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
                read_time(reply);
            }
        );
        client_.command(
            "",
            std::array<std::string_view, 2>{"INFO", "server"},
            [this](const Reply& reply) {
                read_version(reply);
                is_done = true;
                context_.stop();
            }
        );
    }

    void on_down(std::string_view reason) override {
        facts.trouble = reason;
        context_.stop();
    }

    void on_subscribed(std::string_view) override {}

    void on_message(std::string_view, std::string_view) override {}

    /// It may be forbidden, which is no matter.
    void read_time(const Reply& reply) {
        if (reply.elements.size() != 2) return;
        const auto theirs = std::chrono::system_clock::from_time_t(number(reply.elements[0].text));
        const auto ahead = theirs - std::chrono::system_clock::now();
        facts.clock =
            ClockReading{"Redis", std::chrono::duration_cast<std::chrono::seconds>(ahead)};
    }

    void read_version(const Reply& reply) {
        constexpr std::string_view name = "redis_version:";
        const std::size_t at = reply.text.find(name);
        if (at == reply.text.npos) return;
        const std::size_t begin = at + name.size();
        facts.version = reply.text.substr(begin, reply.text.find_first_of("\r\n", begin) - begin);
    }

    boost::asio::io_context& context_;
    redis::Client client_;
};

/// What the features in use need, and for what.
struct Need {
    int major;
    const char* why;
};

Need need_of(const config::ScalingSettings& scaling) {
    if (scaling.topology == config::RedisTopology::cluster) {
        return {7, "A Redis Cluster needs sharded channels (SSUBSCRIBE)."};
    }
    if (!scaling.username.empty()) return {6, "A Redis user with a name needs ACLs."};
    return {5, "The scripts of the cluster write after they have asked for the time."};
}

std::string place_of(const config::ScalingSettings& scaling) {
    if (scaling.topology != config::RedisTopology::single) return "scaling.server.nodes";
    if (scaling.host.starts_with('/')) return scaling.host;
    return scaling.host + ":" + std::to_string(scaling.port);
}

std::string fix_of(const std::string& trouble, const config::ScalingSettings& scaling) {
    const auto says = [&trouble](std::string_view word) {
        return trouble.find(word) != trouble.npos;
    };
    if (says("WRONGPASS") || says("NOAUTH") || says("invalid password")) {
        return "REDIS_USERNAME and REDIS_PASSWORD (or those in REDIS_URL) as Redis has them";
    }
    if (says("NOPERM")) {
        return "The rights that docs/scaling.md lists, for this user: ACL SETUSER …";
    }
    return "Start it (systemctl start redis-server), let it listen on the network (bind in "
           "redis.conf), and set REDIS_HOST and REDIS_PORT; redis-cli -h " +
           scaling.host + " -p " + std::to_string(scaling.port) + " ping shows whether it answers";
}

/// `reason="…"` of a line of the log, or all of it.
std::string reason_in(const std::string& line) {
    constexpr std::string_view name = "reason=\"";
    const std::size_t begin = line.find(name);
    if (begin == line.npos) return line;
    const std::size_t end = line.find("\" attempts=", begin);
    return line.substr(begin + name.size(), end - begin - name.size());
}

}  // namespace

RedisFacts ask_redis(const config::ScalingSettings& scaling) {
    redis::Options options = server::redis_options(scaling);
    options.timeout = std::min<std::chrono::milliseconds>(options.timeout, patience);
    // What the client warns of is why there is no answer.
    std::ostringstream warnings;
    spdlog::logger log("redis", std::make_shared<spdlog::sinks::ostream_sink_st>(warnings));
    log.set_level(spdlog::level::warn);
    log.set_pattern("%v");
    boost::asio::io_context context{1};
    Questioner questioner(context, options, log);
    const auto end = std::chrono::steady_clock::now() + options.timeout;
    while (!questioner.is_done && warnings.view().empty() && context.run_one_until(end) != 0) {
    }
    RedisFacts facts = questioner.facts;
    if (!questioner.is_done && facts.trouble.empty()) {
        facts.trouble = warnings.view().empty() ? "no answer" : reason_in(warnings.str());
    }
    return facts;
}

Finding judge_redis(const RedisFacts& facts, const config::ScalingSettings& scaling) {
    constexpr const char* area = "redis";
    const std::string place = config::printable(place_of(scaling));
    if (!facts.trouble.empty()) {
        return error(
            area,
            "Redis (" + place + ") is not reached: " + first_line(facts.trouble),
            "This server waits for it at its start, and without it hears nothing of the others.",
            fix_of(facts.trouble, scaling)
        );
    }
    const auto milliseconds = std::chrono::duration<double, std::milli>(facts.latency).count();
    std::ostringstream latency;
    latency.precision(1);
    latency << std::fixed << milliseconds << " ms";
    const Need need = need_of(scaling);
    const std::string what =
        "Redis " + first_line(facts.version) + " (" + place + ") answers in " + latency.str();
    if (!facts.version.empty() && number(facts.version) < need.major) {
        return error(
            area, what, need.why, "Redis " + std::to_string(need.major) + " or later, or Valkey"
        );
    }
    constexpr std::chrono::milliseconds slow{20};
    if (facts.latency > slow) {
        return warning(
            area,
            what,
            "Every event makes this way before it is delivered.",
            "A Redis in the same network as the servers"
        );
    }
    return ok(area, what);
}

}  // namespace fanfare::doctor
