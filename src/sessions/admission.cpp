// SPDX-License-Identifier: MIT
#include "fanfare/sessions/admission.hpp"

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

}  // namespace

Admission::Admission(
    const SessionContext& context,
    apps::AppList& apps,
    RandomSource random,
    apps::ConnectionCount& node,
    std::uint32_t capacity
)
    : context_(context), apps_(apps), random_(std::move(random)), node_(node), capacity_(capacity) {}

std::unique_ptr<Session> Admission::admit(const Knock& knock, transport::MessageLink& link) {
    const auto refuse = [&](const Error& error) {
        context_.log.debug(
            "connection refused key={} code={} reason=\"{}\"", knock.app_key, error.code, error.message
        );
        link.send(make_buffer(EncodedFrame(frames::error(error))));
        link.close(error.code, error.message);
        return nullptr;
    };
    apps::App* app = apps_.find_by_key(knock.app_key);
    if (const auto fault = find_fault(knock, app)) return refuse(*fault);

    auto place = apps::ConnectionLease::acquire(node_, capacity_);
    if (!place) return refuse(errors::over_capacity);
    auto quota =
        apps::ConnectionLease::acquire(app->connections(), app->settings().max_connections);
    if (!quota) return refuse(errors::over_connection_quota);

    const protocol::SocketId id = protocol::socket_id_from(random_());
    context_.log.debug("connection established app={} socket={}", app->settings().id, to_string(id));
    return std::make_unique<Session>(
        context_, *app, id, Leases{std::move(*place), std::move(*quota)}, link
    );
}

std::optional<Error> Admission::find_fault(const Knock& knock, const apps::App* app) const {
    if (is_draining_) return errors::server_closing;
    if (app == nullptr) return errors::no_such_app;
    const config::AppSettings& settings = app->settings();
    if (!settings.enabled) return errors::app_disabled;
    if (settings.tls_only) return errors::tls_required;
    if (knock.has_protocol) {
        if (const auto fault = find_version_fault(knock.protocol)) return fault;
    }
    if (!apps::is_origin_allowed(settings.allowed_origins, knock.origin)) {
        return errors::origin_not_allowed;
    }
    return std::nullopt;
}

}  // namespace fanfare::sessions
