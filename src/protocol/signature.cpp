// SPDX-License-Identifier: MIT
#include "fanfare/protocol/signature.hpp"

#include <algorithm>

namespace fanfare::protocol {

namespace {

constexpr std::size_t max_candidates = 4;

enum class BodyMd5 { computed, as_sent };

struct SignedParameter {
    std::string_view name;
    std::string_view value;
    bool is_array;
};

/// The name without the `[]` or `[0]` that PHP writes behind an array's.
std::string_view without_brackets(std::string_view name) {
    const std::size_t bracket = name.find('[');
    if (bracket == std::string_view::npos || !name.ends_with(']')) return name;
    const bool is_array = name.find_first_not_of("0123456789", bracket + 1) == name.size() - 1;
    return is_array ? name.substr(0, bracket) : name;
}

std::vector<SignedParameter> sorted_parameters(
    const SignedRequest& request, bool decoded, BodyMd5 body_md5
) {
    std::vector<SignedParameter> sorted;
    sorted.reserve(request.query.parameters().size() + 1);
    for (const Parameter& parameter : request.query.parameters()) {
        const std::string_view name = without_brackets(parameter.name);
        if (name == "auth_signature") continue;
        if (name == "body_md5" && body_md5 == BodyMd5::computed) continue;
        const std::string_view value = decoded ? parameter.value : parameter.raw_value;
        sorted.push_back({name, value, name.size() != parameter.name.size()});
    }
    if (body_md5 == BodyMd5::computed && !request.body_md5.empty()) {
        sorted.push_back({"body_md5", request.body_md5, false});
    }
    std::ranges::stable_sort(sorted, {}, &SignedParameter::name);
    return sorted;
}

/// `a=1&b=2`, sorted by key. A repeated parameter (`info[]=x&info[]=y`) becomes `info=x,y`.
std::string canonical_query(const SignedRequest& request, bool decoded, BodyMd5 body_md5) {
    std::string text;
    std::size_t value_at = 0;
    std::string_view last_name;
    for (const SignedParameter& parameter : sorted_parameters(request, decoded, body_md5)) {
        if (value_at != 0 && parameter.name == last_name) {
            if (parameter.is_array) {
                text.push_back(',');
            } else {
                text.resize(value_at);  // of equal parameters the last counts
            }
        } else {
            if (!text.empty()) text.push_back('&');
            text.append(parameter.name).push_back('=');
            value_at = text.size();
            last_name = parameter.name;
        }
        text.append(parameter.value);
    }
    return text;
}

std::string to_sign(std::string_view method, std::string_view path, std::string_view query) {
    std::string text;
    text.reserve(method.size() + path.size() + query.size() + 2);
    return text.append(method).append(1, '\n').append(path).append(1, '\n').append(query);
}

std::string_view without_prefix(const SignedRequest& request) {
    std::string_view path = request.path;
    if (path.starts_with(request.prefix)) path.remove_prefix(request.prefix.size());
    return path;
}

template <typename T>
void add_unique(std::vector<T>& list, T value) {
    if (std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
}

std::vector<std::string> path_forms(const SignedRequest& request) {
    const std::string_view bare = without_prefix(request);
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

std::string signin_to_sign(SocketId id, std::string_view user_data) {
    std::string text = to_string(id);
    text.append("::user::").append(user_data);
    return text;
}

AuthString split_auth(std::string_view auth) {
    const std::size_t colon = auth.find(':');
    if (colon == std::string_view::npos) return {};
    return {auth.substr(0, colon), auth.substr(colon + 1)};
}

std::string likeliest_request_to_sign(const SignedRequest& request) {
    return to_sign(
        request.method, without_prefix(request), canonical_query(request, true, BodyMd5::computed)
    );
}

std::vector<std::string> request_to_sign(const SignedRequest& request) {
    std::vector<std::string> queries{canonical_query(request, true, BodyMd5::computed)};
    // Some clients sign the MD5 of an empty body.
    if (request.body_md5.empty() && request.query.has("body_md5")) {
        queries.push_back(canonical_query(request, true, BodyMd5::as_sent));
    }
    add_unique(queries, canonical_query(request, false, BodyMd5::computed));

    std::vector<std::string> texts;
    const std::vector<std::string> paths = path_forms(request);
    for (const std::string& query : queries) {
        for (const std::string& path : paths) {
            if (texts.size() == max_candidates) return texts;
            add_unique(texts, to_sign(request.method, path, query));
        }
    }
    return texts;
}

}  // namespace fanfare::protocol
