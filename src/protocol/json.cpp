// SPDX-License-Identifier: MIT
#include "fanfare/protocol/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace fanfare::protocol {

namespace {

using Json = nlohmann::json;

/// Hands characters to the parser and tells how far it has read.
struct TrackedIterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    const char* at;
    const char** read_up_to;

    char operator*() const { return *at; }

    TrackedIterator& operator++() {
        *read_up_to = ++at;
        return *this;
    }

    TrackedIterator operator++(int) {
        TrackedIterator old = *this;
        ++*this;
        return old;
    }

    friend bool operator==(const TrackedIterator& a, const TrackedIterator& b) {
        return a.at == b.at;
    }
};

}  // namespace

/// Receives the parser's events and keeps the bytes of each direct member. The parser reports a
/// token as soon as it has read it, so the reading position is the token's end; only a number has
/// its end one character earlier, because it takes the next character to see that it is over.
class RawJsonBuilder : public nlohmann::json_sax<Json> {
public:
    RawJsonBuilder(RawJson& result, const char* const& read_up_to, unsigned max_depth)
        : result_(result), read_up_to_(read_up_to), max_depth_(max_depth) {}

    bool null() override { return scalar(4); }

    bool boolean(bool value) override { return scalar(value ? 4 : 5); }

    bool number_integer(number_integer_t) override { return number(); }

    bool number_unsigned(number_unsigned_t) override { return number(); }

    bool number_float(number_float_t, const string_t&) override { return number(); }

    bool string(string_t&) override {
        if (depth_ == 1) add_value(first_byte_of_value(), read_up_to_);
        return depth_ >= 1;
    }

    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(true); }

    bool end_object() override { return close(); }

    bool start_array(std::size_t) override { return open(false); }

    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (depth_ == 1) {
            result_.keys_.push_back(name);
            token_end_ = read_up_to_;
        }
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

private:
    bool scalar(std::ptrdiff_t length) {
        if (depth_ == 1) add_value(read_up_to_ - length, read_up_to_);
        return depth_ >= 1;
    }

    bool number() {
        if (depth_ == 1) add_value(first_byte_of_value(), read_up_to_ - 1);
        return depth_ >= 1;
    }

    bool open(bool is_object) {
        if (depth_ == 0) {
            result_.is_object_ = is_object;
            token_end_ = read_up_to_;
        }
        if (depth_ == 1) nested_begin_ = read_up_to_ - 1;
        return ++depth_ <= max_depth_;
    }

    bool close() {
        if (--depth_ == 1) add_value(nested_begin_, read_up_to_);
        return true;
    }

    /// Between the last token and a value stand only white space, a colon or a comma.
    [[nodiscard]] const char* first_byte_of_value() const {
        const char* at = token_end_;
        while (std::string_view(" \t\r\n:,").find(*at) != std::string_view::npos) ++at;
        return at;
    }

    void add_value(const char* begin, const char* end) {
        result_.values_.emplace_back(begin, static_cast<std::size_t>(end - begin));
        token_end_ = end;
    }

    RawJson& result_;
    const char* const& read_up_to_;
    unsigned max_depth_;
    const char* token_end_ = nullptr;
    const char* nested_begin_ = nullptr;
    unsigned depth_ = 0;
};

std::optional<RawJson> RawJson::parse(std::string_view text, unsigned max_depth) {
    if (text.starts_with("\xef\xbb\xbf")) return std::nullopt;  // the parser would skip it
    if (text.find('\0') != std::string_view::npos)
        return std::nullopt;  // and take this for the end
    RawJson result;
    const char* read_up_to = text.data();
    RawJsonBuilder builder(result, read_up_to, max_depth);
    const TrackedIterator begin{text.data(), &read_up_to};
    const TrackedIterator end{text.data() + text.size(), &read_up_to};
    if (!Json::sax_parse(begin, end, &builder)) return std::nullopt;
    return result;
}

std::string_view RawJson::find(std::string_view key) const {
    for (std::size_t i = keys_.size(); i-- > 0;) {
        if (keys_[i] == key) return values_[i];
    }
    return {};
}

std::optional<std::string> string_value(std::string_view raw) {
    if (!is_string(raw)) return std::nullopt;
    const std::string_view inner = raw.substr(1, raw.size() - 2);
    if (inner.find('\\') == std::string_view::npos) return std::string(inner);
    Json value = Json::parse(raw, nullptr, false);
    if (!value.is_string()) return std::nullopt;
    return std::move(value.get_ref<std::string&>());
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    out.push_back('"');
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(text, copied, i - copied);
        copied = i + 1;
        switch (byte) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += "\\u00";
                out.push_back(digits[byte >> 4]);
                out.push_back(digits[byte & 0xf]);
        }
    }
    out.append(text, copied);
    out.push_back('"');
}

std::string json_string(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

}  // namespace fanfare::protocol
