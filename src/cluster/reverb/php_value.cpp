// SPDX-License-Identifier: MIT
#include "php_value.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace fanfare::cluster::reverb {

namespace {

/// The whole of `text` as a number. Unsigned types refuse a sign, and all of them a `+`.
template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end;
}

bool read_real(std::string_view text, double& number) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (text == "INF") return number = infinity, true;
    if (text == "-INF") return number = -infinity, true;
    if (text == "NAN") return number = std::numeric_limits<double>::quiet_NaN(), true;
    // from_chars knows more spellings of these three than PHP does.
    if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return false;
    return read_number(text, number);
}

/// One value with everything but what its members are: those follow its opening brace.
struct Token {
    PhpType type = PhpType::null;
    std::string_view text;
    std::int64_t integer = 0;
    double real = 0;
    std::size_t members = 0;
};

}  // namespace

/// Walks over the text once. A container that is open is a count of what it still lacks.
class PhpReader {
public:
    explicit PhpReader(std::string_view text) : text_(text) {}

    bool read(PhpValue& value) {
        Token token;
        if (!read_token(token)) return false;
        value.type_ = token.type;
        value.text_ = token.text;
        value.integer_ = token.integer;
        value.real_ = token.real;
        if (is_container(token.type)) {
            for (std::size_t left = token.members; left > 0; --left) {
                PhpMember member;
                if (!read_name(token.type, member.name)) return false;
                const std::size_t begin = at_;
                if (!skip_value()) return false;
                member.value = text_.substr(begin, at_ - begin);
                value.members_.push_back(member);
            }
            if (!take('}')) return false;
        }
        return at_ == text_.size();
    }

private:
    struct Open {
        PhpType type = PhpType::array;
        std::size_t members_left = 0;
    };

    static bool is_container(PhpType type) {
        return type == PhpType::array || type == PhpType::object;
    }

    /// A value below the outermost one, with all that is in it.
    bool skip_value() {
        std::array<Open, max_php_depth - 1> open;
        std::size_t depth = 0;
        do {
            Token token;
            if (!read_token(token)) return false;
            if (is_container(token.type)) {
                if (depth == open.size()) return false;
                open[depth++] = {token.type, token.members};
            }
            while (depth > 0 && open[depth - 1].members_left == 0) {
                if (!take('}')) return false;
                --depth;
            }
            if (depth > 0) {
                std::string_view name;
                --open[depth - 1].members_left;
                if (!read_name(open[depth - 1].type, name)) return false;
            }
        } while (depth > 0);
        return true;
    }

    /// An array has strings and integers for keys, an object strings only.
    bool read_name(PhpType container, std::string_view& name) {
        Token key;
        if (!read_token(key)) return false;
        name = key.text;
        return key.type == PhpType::string ||
               (key.type == PhpType::integer && container == PhpType::array);
    }

    bool read_token(Token& token) {
        if (at_ == text_.size()) return false;
        switch (text_[at_++]) {
            case 'N':
                return take(';');
            case 'b':
                token.type = PhpType::boolean;
                return read_scalar(token.text) && (token.text == "0" || token.text == "1") &&
                       read_number(token.text, token.integer);
            case 'i':
                token.type = PhpType::integer;
                return read_scalar(token.text) && read_number(token.text, token.integer);
            case 'd':
                token.type = PhpType::real;
                return read_scalar(token.text) && read_real(token.text, token.real);
            case 's':
                token.type = PhpType::string;
                return read_quoted(token.text) && take(';');
            case 'E':
                token.type = PhpType::enum_case;
                return read_quoted(token.text) && take(';');
            case 'a':
                token.type = PhpType::array;
                return read_count(token.members) && take('{');
            case 'O':
                token.type = PhpType::object;
                return read_quoted(token.text) && read_count(token.members) && take('{');
            default:
                return false;
        }
    }

    bool take(char expected) {
        if (at_ == text_.size() || text_[at_] != expected) return false;
        ++at_;
        return true;
    }

    /// `:…` up to a delimiter, which is taken too. Numbers are short: a search for the end of one
    /// never goes far, whatever the text is.
    bool read_field(char delimiter, std::string_view& field) {
        constexpr std::size_t longest = 40;
        if (!take(':')) return false;
        const std::size_t length = text_.substr(at_, longest).find(delimiter);
        if (length == std::string_view::npos) return false;
        field = text_.substr(at_, length);
        at_ += length + 1;
        return true;
    }

    bool read_scalar(std::string_view& digits) { return read_field(';', digits); }

    bool read_count(std::size_t& count) {
        std::string_view digits;
        return read_field(':', digits) && read_number(digits, count);
    }

    /// `:3:"abc"`; the length is what ends it, so it may hold anything.
    bool read_quoted(std::string_view& bytes) {
        std::size_t length = 0;
        if (!read_count(length) || !take('"') || length > text_.size() - at_) return false;
        bytes = text_.substr(at_, length);
        at_ += length;
        return take('"');
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::optional<PhpValue> PhpValue::parse(std::string_view text) {
    PhpValue value;
    if (!PhpReader(text).read(value)) return std::nullopt;
    return value;
}

std::string_view PhpValue::find(std::string_view name) const {
    for (std::size_t i = members_.size(); i-- > 0;) {
        if (members_[i].name == name) return members_[i].value;
    }
    return {};
}

std::string_view PhpValue::find_protected(std::string_view name) const {
    constexpr std::string_view mark("\0*\0", 3);
    for (std::size_t i = members_.size(); i-- > 0;) {
        std::string_view full = members_[i].name;
        if (!full.starts_with(mark)) continue;
        full.remove_prefix(mark.size());
        if (full == name) return members_[i].value;
    }
    return {};
}

std::optional<std::string_view> php_string(std::string_view raw) {
    const auto value = PhpValue::parse(raw);
    if (!value || value->type() != PhpType::string) return std::nullopt;
    return value->text();
}

}  // namespace fanfare::cluster::reverb
