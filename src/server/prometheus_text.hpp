// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare::server {

/// Writes Prometheus' text format, version 0.0.4: each family with its head, then its samples.
class PrometheusText {
public:
    struct Label {
        std::string_view name;
        std::string_view value;  ///< any text
    };

    using Labels = std::initializer_list<Label>;

    /// `type` is counter, gauge or histogram; `help` is one line. The samples that follow are of
    /// this family, whose name has to outlive them.
    void begin_family(std::string_view name, std::string_view help, std::string_view type);

    void add(Labels labels, std::uint64_t value) { add("", labels, std::to_string(value)); }

    void add(Labels labels, double value);

    /// `suffix` follows the family's name: `_bucket`, `_sum`, `_count`.
    void add(std::string_view suffix, Labels labels, std::string_view value);

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
    std::string_view family_;
};

/// A number as the format has it.
[[nodiscard]] std::string to_prometheus(double value);

}  // namespace fanfare::server
