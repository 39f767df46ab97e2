// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fanfare::protocol {

/// Decodes `%XX`; with `plus_is_space` also `+`, as in queries. A broken escape stays as it is.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space);

struct Parameter {
    std::string name;  ///< decoded and in lower case; brackets are kept
    std::string value;
    std::string_view raw_value;  ///< as it came; a view into the query
};

/// The parameters of a URL, in their order.
class QueryString {
public:
    /// `query` is what follows the `?`, and has to outlive this object.
    explicit QueryString(std::string_view query);

    /// `name` is in lower case. The decoded value, empty if there is none; of several the last
    /// counts.
    [[nodiscard]] std::string_view find(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;

    [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

private:
    std::vector<Parameter> parameters_;
};

}  // namespace fanfare::protocol
