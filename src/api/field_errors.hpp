// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::api {

/// What is wrong with the fields of a body, in Laravel's words and Reverb's form: an object from
/// field to list of texts, in the order in which they were found.
class FieldErrors {
public:
    /// `fault` follows "The … field", for example `is required.`
    void add(const std::string& field, std::string_view fault);

    [[nodiscard]] bool is_empty() const { return faults_.empty(); }

    [[nodiscard]] std::string to_json() const;

private:
    std::vector<std::pair<std::string, std::string>> faults_;
};

}  // namespace fanfare::api
