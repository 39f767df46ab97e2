// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fanfare::cluster {

/// What was heard of each origin last. Origins number their messages and, after Redis was away,
/// send some again under the old number.
class Heard {
public:
    /// Whether this is the first time that message `seq` of `origin` is heard.
    bool is_news(const std::string& origin, std::uint64_t seq) {
        const auto found = std::ranges::find(last_, origin, [](const auto& e) { return e.first; });
        if (found == last_.end()) {
            // Every restart of a node is an origin more; those of long ago will not speak again.
            if (last_.size() == max_origins) last_.erase(last_.begin());
            last_.emplace_back(origin, seq);
            return true;
        }
        if (seq <= found->second) return false;
        found->second = seq;
        return true;
    }

    using Last = std::vector<std::pair<std::string, std::uint64_t>>;

    /// The last message of each origin.
    [[nodiscard]] const Last& pass() const { return last_; }

    void take_over(Last last) { last_ = std::move(last); }

private:
    static constexpr std::size_t max_origins = 64;

    Last last_;  // few
};

}  // namespace fanfare::cluster
