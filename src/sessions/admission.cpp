// SPDX-License-Identifier: MIT
#include "fanfare/sessions/admission.hpp"

#include "log_text.hpp"

#include "fanfare/apps/origin.hpp"

#include <spdlog/logger.h>

#include <charconv>
#include <utility>

namespace fanfare::sessions {

using protocol::Error;
namespace errors = protocol::errors;
namespace frames = protocol::frames;

namespace {

constexpr int oldest_protocol = 4;
constexpr int newest_protocol = 7;

std::optional<Error> find_version_fault(std::string_view protocol) {
    int version = 0;
    const char* end = protocol.data() + protocol.size();
    const auto [read_up_to, error] = std::from_chars(protocol.data(), end, version);
    if (error == std::errc::result_out_of_range) return errors::unsupported_version;
    if (error != std::errc{} || read_up_to != end) return errors::bad_version_format;
    if (version < oldest_protocol || version > newest_protocol) return errors::unsupported_version;
    return std::nullopt;
}

void turn_away(transport::MessageLink& link, const Error& error) {
    link.send(make_buffer(EncodedFrame(frames::error(error))));
    link.close(error.code, error.message);
}

/// Keeps a client that came during the drain waiting, then sends it away. It is busy all the while:
/// nothing is read, so that the silence ends on time however much the client talks.
class WaitingRoom final : public transport::MessageSink {
public:
    WaitingRoom(transport::MessageLink& link, std::chrono::milliseconds time)
        : link_(link), time_(time) {}

    [[nodiscard]] transport::Liveness liveness() const override { return {time_, time_}; }

    [[nodiscard]] std::size_t max_message_size() const override { return 1'024; }

    [[nodiscard]] bool is_busy() const override { return is_waiting_; }

    void on_message(std::string_view) override {}

    void on_silence() override {
        is_waiting_ = false;
        turn_away(link_, errors::server_closing);
        link_.resume();  // its CLOSE may have been waiting too
    }

    void on_no_pong() override {}

    void on_backlog_full() override {}

    void on_closed() override {}

private:
    transport::MessageLink& link_;
    std::chrono::milliseconds time_;
    bool is_waiting_ = true;
};

/// One to two seconds, so that those who wait do not all come back together.
std::chrono::milliseconds waiting_time(std::uint64_t random) {
    return std::chrono::milliseconds{1'000 + random % 1'000};
}

}  // namespace

Admission::Admission(
    const SessionContext& context,
    apps::AppList& apps,
    RandomSource random,
    apps::ConnectionCount& node,
    std::uint32_t capacity
)
    : context_(context),
      apps_(apps),
      random_(std::move(random)),
      node_(node),
      capacity_(capacity) {}

std::unique_ptr<transport::MessageSink> Admission::admit(
    const Knock& knock, transport::MessageLink& link
) {
    const auto refuse = [&](const Error& error) {
        context_.log.debug(
            "connection refused key={} code={} reason=\"{}\"",
            log_text(knock.app_key),
            error.code,
            error.message
        );
        turn_away(link, error);
        return nullptr;
    };
    if (is_draining_) return std::make_unique<WaitingRoom>(link, waiting_time(random_()));
    apps::App* app = apps_.find_by_key(knock.app_key);
    if (const auto fault = find_fault(knock, app)) return refuse(*fault);

    auto place = apps::ConnectionLease::acquire(node_, capacity_);
    if (!place) return refuse(errors::over_capacity);
    auto quota =
        apps::ConnectionLease::acquire(app->connections(), app->settings().max_connections);
    if (!quota) return refuse(errors::over_connection_quota);

    const protocol::SocketId id = protocol::socket_id_from(random_());
    context_.log.debug(
        "connection established app={} socket={}", app->settings().id, to_string(id)
    );
    return std::make_unique<Session>(
        context_, *app, id, Leases{std::move(*place), std::move(*quota)}, link
    );
}

std::optional<Error> Admission::find_fault(const Knock& knock, const apps::App* app) const {
    if (app == nullptr) return errors::no_such_app;
    const config::AppSettings& settings = app->settings();
    if (!settings.enabled) return errors::app_disabled;
    if (settings.tls_only && !knock.is_secure) return errors::tls_required;
    if (knock.has_protocol) {
        if (const auto fault = find_version_fault(knock.protocol)) return fault;
    }
    if (!apps::is_origin_allowed(settings.allowed_origins, knock.origin)) {
        return errors::origin_not_allowed;
    }
    return std::nullopt;
}

}  // namespace fanfare::sessions
