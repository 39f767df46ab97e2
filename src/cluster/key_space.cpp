// SPDX-License-Identifier: MIT
#include "key_space.hpp"

#include <charconv>
#include <cstdint>

namespace fanfare::cluster {

namespace {

/// Texts between colons, and nothing that looks like a hash tag.
std::string escape(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
        if (std::string_view("%:{}").find(c) == std::string_view::npos) {
            escaped.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            escaped += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return escaped;
}

std::optional<std::string> unescape(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain.push_back(text[i]);
            continue;
        }
        unsigned byte = 0;
        const char* const digits = text.data() + i + 1;
        if (text.size() - i < 3 ||
            std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
            return std::nullopt;
        }
        plain.push_back(static_cast<char>(byte));
        i += 2;
    }
    return plain;
}

/// FNV-1a: every node of every version has to agree.
unsigned bucket_of(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : name) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    return static_cast<unsigned>((hash ^ (hash >> 32)) % KeySpace::buckets);
}

}  // namespace

KeySpace::KeySpace(std::string_view name_space)
    : root_("fanfare:" + escape(name_space) + ":"),
      nodes_(root_ + "{nodes}:"),
      cluster_topic_(nodes_ + "all") {}

std::string KeySpace::bucket(unsigned number) const {
    return root_ + "{" + std::to_string(number) + "}:";
}

std::string KeySpace::index(unsigned number, std::string_view node) const {
    return bucket(number) + "n:" + std::string(node);
}

std::string KeySpace::name_of(ChannelName channel) {
    return escape(channel.app_id) + ":" + std::string(channel.name);
}

KeySpace::ChannelKeys KeySpace::of(ChannelName channel) const {
    ChannelKeys keys;
    keys.name = name_of(channel);
    keys.number = bucket_of(keys.name);
    keys.bucket = bucket(keys.number);
    return keys;
}

std::optional<std::pair<std::string, std::string>> KeySpace::parse_name(std::string_view name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto app_id = unescape(name.substr(0, colon));
    if (!app_id) return std::nullopt;
    return std::pair{*std::move(app_id), std::string(name.substr(colon + 1))};
}

std::string_view KeySpace::name_in_topic(std::string_view topic) const {
    constexpr std::string_view mark = "}:t:";
    if (!topic.starts_with(root_)) return {};
    const std::size_t at = topic.find(mark, root_.size());
    return at == std::string_view::npos ? std::string_view{} : topic.substr(at + mark.size());
}

}  // namespace fanfare::cluster
