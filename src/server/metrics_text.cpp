// SPDX-License-Identifier: MIT
#include "metrics_text.hpp"

#include <string_view>

namespace fanfare::server {

namespace {

void append_head(
    std::string& text, std::string_view name, std::string_view help, std::string_view type
) {
    text.append("# HELP ").append(name).append(" ").append(help);
    text.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_value(std::string& text, std::string_view name, std::uint64_t value) {
    text.append(name).append(" ").append(std::to_string(value)).append("\n");
}

void append_webhooks(std::string& text, const webhooks::Counters& webhooks) {
    append_head(
        text,
        "fanfare_webhook_events_total",
        "Events for webhooks, by what has become of them.",
        "counter"
    );
    append_value(text, R"(fanfare_webhook_events_total{result="delivered"})", webhooks.delivered);
    append_value(
        text, R"(fanfare_webhook_events_total{result="dead_letter"})", webhooks.dead_letters
    );
    append_value(text, R"(fanfare_webhook_events_total{result="dropped"})", webhooks.dropped);
    append_head(
        text,
        "fanfare_webhook_failed_attempts_total",
        "Requests to webhooks that were not answered with 2xx.",
        "counter"
    );
    append_value(text, "fanfare_webhook_failed_attempts_total", webhooks.failed_attempts);
    append_head(
        text, "fanfare_webhook_queued_events", "Events that wait or are under way.", "gauge"
    );
    append_value(text, "fanfare_webhook_queued_events", webhooks.queued);
}

}  // namespace

std::string prometheus_text(
    const std::function<std::uint64_t(Counter)>& total_of, const webhooks::Counters& webhooks
) {
    std::string text;
    std::string_view family;
    for (const CounterName& name : counter_names()) {
        if (name.family != family) {
            family = name.family;
            append_head(text, family, help_of(family), "counter");
        }
        text.append(family).append("{reason=\"").append(name.reason).append("\"} ");
        text.append(std::to_string(total_of(name.counter))).append("\n");
    }
    append_webhooks(text, webhooks);
    return text;
}

}  // namespace fanfare::server
