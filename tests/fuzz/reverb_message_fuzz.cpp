// SPDX-License-Identifier: MIT
#include "reverb/answer.hpp"
#include "reverb/bus_message.hpp"
#include "reverb/php_value.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace fanfare::cluster::reverb;

void require(bool condition) {
    if (!condition) std::abort();
}

const ApplicationText& some_app() {
    static const auto text = [] {
        fanfare::config::AppSettings settings;
        settings.id = "7";
        return ApplicationText::of(settings, {});
    }();
    return *text;
}

/// Every member of a value is a value, and lies within the text.
void check_members(std::string_view text) {
    const auto value = PhpValue::parse(text);
    if (!value) return;
    for (const PhpMember& member : value->members()) {
        require(member.value.data() >= text.data());
        require(member.value.data() + member.value.size() <= text.data() + text.size());
        require(PhpValue::parse(member.value).has_value());
    }
}

void check_metric(const std::optional<PendingMetric>& pending) {
    if (!pending) return;
    const auto again = read_metric(serialize_metric(pending->key, some_app(), pending->metric));
    require(again && again->key == pending->key && again->app_id == "7");
    const auto& metric = pending->metric;
    require(again->metric.type == metric.type);
    if (metric.type == MetricType::channels) require(again->metric.listed == metric.listed);
    const bool has_channel =
        metric.type == MetricType::channel || metric.type == MetricType::channel_users;
    require(!has_channel || again->metric.channel == metric.channel);
}

/// What can be read can be written, and is the same then.
struct CheckedAgain {
    void operator()(const Unusable& unusable) const { require(!unusable.reason.empty()); }

    void operator()(const BusEvent& event) const {
        for (const std::string& channel : event.channels) {
            const auto text = encode_channel_event(
                some_app(), event.event, channel, event.data, event.user_id, event.socket_id
            );
            const auto message = decode(text.value());
            const auto& again = std::get<BusEvent>(message);
            require(again.app_id == "7" && again.event == event.event);
            require(again.channels.size() == 1 && again.channels.front() == channel);
            require(again.data == event.data && again.user_id == event.user_id);
            require(again.socket_id == event.socket_id);
        }
    }

    void operator()(const BusTerminate& terminate) const {
        const auto message = decode(encode_terminate(some_app(), terminate.user_id).value());
        require(std::get<BusTerminate>(message).user_id == terminate.user_id);
    }

    void operator()(const PendingMetric& pending) const {
        require(encode_metric(pending.key, some_app(), pending.metric).has_value());
        check_metric(pending);
    }

    void operator()(const MetricAnswer& answer) const {
        require(encode_answer(answer.key, answer.payload).has_value());
        for (const auto type :
             {MetricType::channels,
              MetricType::channel,
              MetricType::channel_users,
              MetricType::connections}) {
            AnswerMerge merge(type);
            require(merge.add(answer.payload) && merge.add(answer.payload));
        }
    }
};

}  // namespace

// A message on Reverb's bus, and the same bytes as the PHP values within one, which a fuzzer would
// hardly find behind their JSON escapes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::visit(CheckedAgain(), decode(bytes));
    check_members(bytes);
    check_metric(read_metric(bytes));
    (void)application_id(bytes);
    return 0;
}
