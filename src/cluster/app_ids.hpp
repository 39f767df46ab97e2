// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fanfare::cluster {

/// The ids of the apps that this node knows, by AppIndex. Nodes speak of apps by id.
class AppIds {
public:
    /// False if the app was known already. A new one has the next index.
    bool add(AppIndex app, const std::string& id) {
        if (app < ids_.size()) return false;
        ids_.push_back(id);
        indices_.emplace(ids_.back(), app);
        return true;
    }

    [[nodiscard]] const std::string& operator[](AppIndex app) const { return ids_[app]; }

    [[nodiscard]] std::optional<AppIndex> find(std::string_view id) const {
        const auto found = indices_.find(id);
        if (found == indices_.end()) return std::nullopt;
        return found->second;
    }

    [[nodiscard]] std::size_t size() const { return ids_.size(); }

private:
    std::deque<std::string> ids_;
    std::unordered_map<std::string_view, AppIndex> indices_;  // into ids_
};

}  // namespace fanfare::cluster
