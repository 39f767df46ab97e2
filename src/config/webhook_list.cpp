// SPDX-License-Identifier: MIT
#include "webhook_list.hpp"

#include "nearest.hpp"
#include "object_reader.hpp"

#include "fanfare/config/http_url.hpp"
#include "fanfare/config/webhooks.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace fanfare::config {

namespace {

constexpr std::array<std::string_view, 7> event_names{
    "channel_occupied",
    "channel_vacated",
    "member_added",
    "member_removed",
    "client_event",
    "cache_miss",
    "subscription_count",
};

/// Those that Fanfare sends itself, and those that would change how the request is read.
constexpr std::array<const char*, 7> reserved_headers{
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "transfer-encoding",
    "user-agent",
};

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

bool is_header_name(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [marks](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
}

bool is_reserved(const std::string& header) {
    constexpr std::string_view pushers = "x-pusher-";
    return ::strncasecmp(header.c_str(), pushers.data(), pushers.size()) == 0 ||
           std::any_of(reserved_headers.begin(), reserved_headers.end(), [&](const char* name) {
               return ::strcasecmp(header.c_str(), name) == 0;
           });
}

std::map<std::string, std::string> read_headers(const Json& given, const std::string& where) {
    const bool are_texts =
        given.is_object() && std::all_of(given.begin(), given.end(), [](const Json& value) {
            return value.is_string();
        });
    if (!are_texts) {
        throw ConfigError(
            where + ": " + std::string(given.type_name()) +
            " is not a set of headers; expected an object of strings"
        );
    }
    return given.get<std::map<std::string, std::string>>();
}

WebhookSettings read_webhook(
    const Json& given, const std::string& file_name, const std::string& place
) {
    Draft<WebhookSettings> webhook;
    if (given.is_string()) {
        webhook.value.url = given.get<std::string>();
        return webhook.value;
    }
    if (!given.is_object()) {
        throw ConfigError(
            file_name + ": " + place + ": " + printable(given.dump()) +
            " is not a webhook; expected an object or a URL"
        );
    }
    ObjectReader<WebhookSettings>(file_name, place + ".", webhook).read(given);
    const auto headers = given.find("headers");
    if (headers != given.end() && !headers->is_null()) {
        webhook.value.headers = read_headers(*headers, file_name + ": " + place + ".headers");
    }
    return webhook.value;
}

void check_events(const std::vector<std::string>& events, const std::string& where) {
    const std::vector<std::string> known(event_names.begin(), event_names.end());
    for (const std::string& event : events) {
        if (std::find(known.begin(), known.end(), event) != known.end()) continue;
        const auto meant = nearest(event, known);
        throw ConfigError(
            where + ": " + printable(event) + " is not a webhook event; " +
            (meant ? "did you mean " + *meant + "?" : "expected some of " + joined(known))
        );
    }
}

/// A header's value may be a secret, and is not shown.
void check_headers(const std::map<std::string, std::string>& headers, const std::string& where) {
    for (const auto& [name, value] : headers) {
        if (!is_header_name(name)) {
            throw ConfigError(where + ": " + printable(name) + " is not the name of a header");
        }
        if (is_reserved(name)) {
            throw ConfigError(
                where + ": " + name + " is set by Fanfare or by HTTP; expected other headers"
            );
        }
        if (!is_header_value(value)) {
            throw ConfigError(
                where + "." + name + ": has a control character; expected a text of one line"
            );
        }
    }
}

/// `start` is how a webhook is shown in complaints, up to its number.
void check_list(const std::vector<WebhookSettings>& webhooks, const std::string& start) {
    for (std::size_t i = 0; i < webhooks.size(); ++i) {
        const std::string place = start + std::to_string(i) + "].";
        const WebhookSettings& webhook = webhooks[i];
        if (!is_http_url(webhook.url)) {
            const std::string shown = printable(shown_url(webhook.url));
            throw ConfigError(
                place + "url: " + (shown.empty() ? "\"\"" : shown) +
                " is not a URL; expected http:// or https:// and a host"
            );
        }
        check_events(webhook.events, place + "events");
        check_headers(webhook.headers, place + "headers");
    }
}

}  // namespace

std::vector<WebhookSettings> read_webhooks(
    const Json& given, const std::string& file_name, const std::string& place
) {
    if (!given.is_array()) {
        throw ConfigError(
            file_name + ": " + place + ": " + std::string(given.type_name()) +
            " is not a list of webhooks; expected an array of objects or URLs"
        );
    }
    std::vector<WebhookSettings> webhooks;
    for (std::size_t i = 0; i < given.size(); ++i) {
        webhooks.push_back(read_webhook(given[i], file_name, place + "[" + std::to_string(i) + "]")
        );
    }
    return webhooks;
}

void check_webhooks(const Draft<AppSettings>& app) {
    check_list(
        app.value.webhooks,
        app.sources[row_of<AppSettings>("webhooks")] + ": apps[" + printable(app.value.id) +
            "].webhooks["
    );
}

std::vector<WebhookSettings> parse_webhooks(std::string_view json, const std::string& where) {
    const Json given = Json::parse(json, nullptr, false);
    if (given.is_discarded()) {
        throw ConfigError(where + ": webhooks: not JSON; expected an array of objects or URLs");
    }
    std::vector<WebhookSettings> webhooks = read_webhooks(given, where, "webhooks");
    check_list(webhooks, where + ": webhooks[");
    return webhooks;
}

void add_webhook_origins(
    const Draft<AppSettings>& app, const std::string& prefix, std::vector<Origin>& origins
) {
    const auto& webhooks = app.value.webhooks;
    const std::string& source = app.sources[row_of<AppSettings>("webhooks")];
    for (std::size_t i = 0; i < webhooks.size(); ++i) {
        const WebhookSettings& webhook = webhooks[i];
        const auto add = [&](std::string_view key, const std::string& value) {
            if (value.empty()) return;
            const std::string place = prefix + "webhooks[" + std::to_string(i) + "].";
            origins.push_back({place + std::string(key), printable(value), source});
        };
        std::vector<std::string> headers;
        for (const auto& [name, value] : webhook.headers) headers.push_back(name);
        add("url", shown_url(webhook.url));
        add("events", joined(webhook.events));
        add("channel_prefix", webhook.channel_prefix);
        add("channel_suffix", webhook.channel_suffix);
        add("headers", joined(headers));
    }
}

}  // namespace fanfare::config
