// SPDX-License-Identifier: MIT
#include "application.hpp"

#include "php_value.hpp"
#include "php_writer.hpp"

#include "fanfare/base/utf8.hpp"
#include "fanfare/protocol/json.hpp"

#include <cstdint>
#include <utility>

namespace fanfare::cluster::reverb {

namespace {

constexpr std::string_view application_class = "Laravel\\Reverb\\Application";

std::string_view name_of(config::ClientEventSenders senders) {
    switch (senders) {
        case config::ClientEventSenders::none:
            return "none";
        case config::ClientEventSenders::members:
            return "members";
        case config::ClientEventSenders::all:
            return "all";
    }
    return "none";
}

/// The four keys of Reverb's own configuration file, which has them also when the limit is off.
void write_rate_limiting(PhpWriter& writer, const config::RateLimiting& limit) {
    writer.begin_array(4);
    writer.string("enabled");
    writer.boolean(limit.enabled);
    writer.string("max_attempts");
    writer.integer(limit.max_attempts);
    writer.string("decay_seconds");
    writer.integer(limit.decay.count());
    writer.string("terminate_on_limit");
    writer.boolean(limit.terminate_on_limit);
    writer.end();
}

/// All four keys or none: whoever finds the host will take the others for granted.
void write_options(PhpWriter& writer, const PublicAddress& address) {
    if (address.host.empty()) {
        writer.begin_array(0);
        writer.end();
        return;
    }
    writer.begin_array(4);
    writer.string("host");
    writer.string(address.host);
    writer.string("port");
    writer.integer(address.port);
    writer.string("scheme");
    writer.string(address.scheme);
    writer.string("useTLS");
    writer.boolean(address.scheme == "https");
    writer.end();
}

}  // namespace

ApplicationText::ApplicationText(std::string serialized) : serialized_(std::move(serialized)) {
    protocol::append_json_string(quoted_, serialized_);
}

std::optional<ApplicationText> ApplicationText::of(
    const config::AppSettings& app, const PublicAddress& address
) {
    PhpWriter writer;
    writer.begin_object(application_class, 11);
    writer.protected_property("id");
    writer.string(app.id);
    writer.protected_property("key");
    writer.string(app.key);
    writer.protected_property("secret");
    writer.string(app.secret);
    writer.protected_property("pingInterval");
    writer.integer(app.ping_interval.count());
    writer.protected_property("activityTimeout");
    writer.integer(app.activity_timeout.count());
    writer.protected_property("allowedOrigins");
    writer.strings(app.allowed_origins);
    writer.protected_property("maxMessageSize");
    writer.integer(static_cast<std::int64_t>(app.max_message_size));
    writer.protected_property("maxConnections");
    if (app.max_connections) {
        writer.integer(*app.max_connections);
    } else {
        writer.null();
    }
    writer.protected_property("acceptClientEventsFrom");
    writer.string(name_of(app.accept_client_events_from));
    writer.protected_property("rateLimiting");
    write_rate_limiting(writer, app.rate_limiting);
    writer.protected_property("options");
    write_options(writer, address);
    writer.end();

    std::string serialized = std::move(writer).take();
    if (!is_valid_utf8(serialized)) return std::nullopt;
    return ApplicationText(std::move(serialized));
}

std::optional<std::string> application_id(std::string_view serialized) {
    const auto object = PhpValue::parse(serialized);
    if (!object || object->type() != PhpType::object) return std::nullopt;
    if (object->text() != application_class) return std::nullopt;
    const auto id = php_string(object->find_protected("id"));
    if (!id) return std::nullopt;
    return std::string(*id);
}

}  // namespace fanfare::cluster::reverb
