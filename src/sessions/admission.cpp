// SPDX-License-Identifier: MIT
#include "fanfare/sessions/admission.hpp"

#include "fanfare/apps/origin.hpp"
#include "fanfare/base/log_text.hpp"

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
    const SessionContext& context, apps::AppList& apps, RandomSource random, const NodeLimits& node
)
    : context_(context), apps_(apps), random_(std::move(random)), node_(node) {}

std::unique_ptr<transport::MessageSink> Admission::admit(
    const Knock& knock, transport::MessageLink& link
) {
    const auto refuse = [&](const Fault& fault) {
        context_.counters.add(fault.counter);
        context_.log.debug(
            "connection refused key={} address={} code={} reason=\"{}\"",
            log_text(knock.app_key),
            knock.address.to_string(),
            fault.error.code,
            fault.error.message
        );
        turn_away(link, fault.error);
        return nullptr;
    };
    if (is_draining_) {
        context_.counters.add(Counter::connection_draining);
        return std::make_unique<WaitingRoom>(link, waiting_time(random_()));
    }
    apps::App* app = apps_.find_by_key(knock.app_key);
    if (const auto fault = find_fault(knock, app)) return refuse(*fault);

    auto place = apps::ConnectionLease::acquire(node_.connections, node_.capacity);
    if (!place) return refuse({errors::over_capacity, Counter::connection_over_capacity});
    auto address = acquire_address(knock.address);
    if (!address) {
        return refuse({errors::over_address_limit, Counter::connection_over_address_limit});
    }
    auto quota =
        apps::ConnectionLease::acquire(app->connections(), app->settings().max_connections);
    if (!quota) return refuse({errors::over_connection_quota, Counter::connection_over_app_quota});

    const protocol::SocketId id = protocol::socket_id_from(random_());
    context_.log.debug(
        "connection established app={} socket_id={} address={}",
        app->settings().id,
        to_string(id),
        knock.address.to_string()
    );
    return std::make_unique<Session>(
        context_,
        *app,
        app->number_of(knock.app_key),
        id,
        Leases{std::move(*place), std::move(*quota), std::move(*address)},
        link
    );
}

std::unique_ptr<Session> Admission::take_over(PassedSession passed, transport::MessageLink& link) {
    apps::App* const app = apps_.find_by_id(passed.app_id);
    if (app == nullptr) {
        turn_away(link, errors::no_such_app);
        return nullptr;
    }
    const bool is_counted = passed.address && node_.max_connections_per_ip != 0;
    AddressLease address =
        is_counted ? *node_.addresses.acquire(*passed.address, UINT32_MAX) : AddressLease();
    return std::make_unique<Session>(
        context_,
        *app,
        std::move(passed),
        Leases{
            *apps::ConnectionLease::acquire(node_.connections, std::nullopt),
            *apps::ConnectionLease::acquire(app->connections(), std::nullopt),
            std::move(address)},
        link
    );
}

std::optional<Admission::Fault> Admission::find_fault(const Knock& knock, const apps::App* app)
    const {
    if (app == nullptr && apps_.is_uncertain()) {
        return Fault{errors::apps_unavailable, Counter::connection_app_unavailable};
    }
    if (app == nullptr) return Fault{errors::no_such_app, Counter::connection_unknown_app};
    const config::AppSettings& settings = app->settings();
    if (!settings.enabled) return Fault{errors::app_disabled, Counter::connection_app_disabled};
    if (settings.tls_only && !knock.is_secure) {
        return Fault{errors::tls_required, Counter::connection_not_secure};
    }
    if (knock.has_protocol) {
        const auto error = find_version_fault(knock.protocol);
        if (error) return Fault{*error, Counter::connection_protocol_version};
    }
    if (!apps::is_origin_allowed(settings.allowed_origins, knock.origin)) {
        return Fault{errors::origin_not_allowed, Counter::connection_origin};
    }
    return std::nullopt;
}

/// An empty lease where nothing is limited, so that nothing has to be counted.
std::optional<AddressLease> Admission::acquire_address(const IpAddress& address) {
    if (node_.max_connections_per_ip == 0) return AddressLease();
    return node_.addresses.acquire(address, node_.max_connections_per_ip);
}

}  // namespace fanfare::sessions
