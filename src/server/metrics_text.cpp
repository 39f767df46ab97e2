// SPDX-License-Identifier: MIT
#include "metrics_text.hpp"

#include <string_view>

namespace fanfare::server {

std::string prometheus_text(const std::function<std::uint64_t(Counter)>& total_of) {
    std::string text;
    std::string_view family;
    for (const CounterName& name : counter_names()) {
        if (name.family != family) {
            family = name.family;
            text.append("# HELP ").append(family).append(" ").append(help_of(family));
            text.append("\n# TYPE ").append(family).append(" counter\n");
        }
        text.append(family).append("{reason=\"").append(name.reason).append("\"} ");
        text.append(std::to_string(total_of(name.counter))).append("\n");
    }
    return text;
}

}  // namespace fanfare::server
