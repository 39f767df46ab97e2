// SPDX-License-Identifier: MIT
#include "fanfare/protocol/signature.hpp"

#include <algorithm>
#include <map>

namespace fanfare::protocol {

namespace {

constexpr std::size_t max_candidates = 4;

enum class BodyMd5 { computed, as_sent };

/// Cuts `[]` or `[0]` off an array's parameter, as PHP writes them.
bool cut_array_brackets(std::string& name) {
    const std::size_t bracket = name.find('[');
    if (bracket == std::string::npos || !name.ends_with(']')) return false;
    const bool is_array = name.find_first_not_of("0123456789", bracket + 1) == name.size() - 1;
    if (is_array) name.resize(bracket);
    return is_array;
}

/// `a=1&b=2`, sorted by key. A repeated parameter (`info[]=x&info[]=y`) becomes `info=x,y`.
std::string canonical_query(const SignedRequest& request, bool decoded, BodyMd5 body_md5) {
    std::map<std::string, std::string> sorted;
    for (const Parameter& parameter : request.query.parameters()) {
        std::string name = parameter.name;
        const bool is_array = cut_array_brackets(name);
        if (name == "auth_signature") continue;
        const std::string_view value = decoded ? parameter.value : parameter.raw_value;
        const auto [entry, is_new] = sorted.try_emplace(std::move(name), value);
        if (is_new) continue;
        if (is_array) {
            entry->second.append(1, ',').append(value);
        } else {
            entry->second = value;
        }
    }
    if (body_md5 == BodyMd5::computed) {
        sorted.erase("body_md5");
        if (!request.body_md5.empty()) sorted.emplace("body_md5", request.body_md5);
    }
    std::string text;
    for (const auto& [name, value] : sorted) {
        if (!text.empty()) text.push_back('&');
        text.append(name).append(1, '=').append(value);
    }
    return text;
}

template <typename T>
void add_unique(std::vector<T>& list, T value) {
    if (std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
}

std::vector<std::string> path_forms(const SignedRequest& request) {
    std::string_view bare = request.path;
    if (bare.starts_with(request.prefix)) bare.remove_prefix(request.prefix.size());
    std::vector<std::string> forms{std::string(bare)};
    add_unique(forms, percent_decode(bare, false));
    add_unique(forms, std::string(request.path));
    add_unique(forms, percent_decode(request.path, false));
    return forms;
}

}  // namespace

std::string subscription_to_sign(
    SocketId id, std::string_view channel, std::string_view channel_data
) {
    std::string text = to_string(id);
    text.append(1, ':').append(channel);
    if (!channel_data.empty()) text.append(1, ':').append(channel_data);
    return text;
}

AuthString split_auth(std::string_view auth) {
    const std::size_t colon = auth.find(':');
    if (colon == std::string_view::npos) return {};
    return {auth.substr(0, colon), auth.substr(colon + 1)};
}

std::vector<std::string> request_to_sign(const SignedRequest& request) {
    std::vector<std::string> queries{canonical_query(request, true, BodyMd5::computed)};
    // Some clients sign the MD5 of an empty body.
    if (request.body_md5.empty() && request.query.has("body_md5")) {
        queries.push_back(canonical_query(request, true, BodyMd5::as_sent));
    }
    add_unique(queries, canonical_query(request, false, BodyMd5::computed));

    std::vector<std::string> texts;
    for (const std::string& path : path_forms(request)) {
        for (const std::string& query : queries) {
            if (texts.size() == max_candidates) return texts;
            std::string text(request.method);
            text.append(1, '\n').append(path).append(1, '\n').append(query);
            add_unique(texts, std::move(text));
        }
    }
    return texts;
}

}  // namespace fanfare::protocol
