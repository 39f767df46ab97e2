// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// JSON texts as no tidy serialiser would write them, from a seed: odd white space, needless
/// escapes, numbers in every notation. The generator knows where each direct member of the document
/// stands.
namespace fanfare::testing {

/// A text and the exact texts of its direct members.
struct WrittenJson {
    std::string text;
    bool is_object = false;
    std::vector<std::string> keys;    ///< decoded; empty in an array
    std::vector<std::string> values;  ///< as written
};

class RandomJson {
public:
    explicit RandomJson(std::uint32_t seed) : random_(seed) {}

    /// An object or an array, with white space around it.
    WrittenJson document() {
        WrittenJson written;
        written.is_object = coin();
        written.text = space() + (written.is_object ? "{" : "[");
        const std::size_t count = below(6);
        for (std::size_t i = 0; i < count; ++i) {
            written.text += i == 0 ? space() : space() + "," + space();
            if (written.is_object) {
                written.keys.push_back(text());
                written.text += string(written.keys.back()) + space() + ":" + space();
            }
            written.values.push_back(value(4));
            written.text += written.values.back();
        }
        written.text += space() + (written.is_object ? "}" : "]") + space();
        return written;
    }

    /// Any text, well-formed UTF-8.
    std::string text() {
        static constexpr std::string_view pieces[] = {
            "a", "event", "\"", "\\", "/", "\n",          "\x01",         "\x7f",
            "{", "}",     "[",  ",",  ":", "\xc3\xa9",    "\xe2\x82\xac", "\xf0\x9f\x98\x80",
            "0", "-",     "\t", "\r", " ", "\xed\x9f\xbf"};
        std::string result;
        for (std::size_t left = below(8); left > 0; --left) {
            result += pieces[below(std::size(pieces))];
        }
        return result;
    }

    std::string value(unsigned depth) {
        switch (below(depth == 0 ? 6 : 9)) {
            case 0:
                return "null";
            case 1:
                return "true";
            case 2:
                return "false";
            case 3:
            case 4:
                return number();
            case 5:
                return string(text());
            case 6:
                return container('[', ']', depth);
            default:
                return container('{', '}', depth);
        }
    }

    std::size_t below(std::size_t limit) { return random_() % limit; }

    bool coin() { return below(2) == 0; }

private:
    std::string space() {
        std::string result;
        while (below(3) == 0) result += " \t\r\n"[below(4)];
        return result;
    }

    std::string digits() {
        std::string result;
        do result += static_cast<char>('0' + below(10));
        while (below(4) != 0);
        return result;
    }

    std::string number() {
        std::string result = coin() ? "-" : "";
        result += below(4) == 0 ? "0" : std::to_string(1 + below(9)) + digits();
        if (below(3) == 0) result += "." + digits();
        if (below(3) == 0) {
            result += coin() ? "e" : "E";
            result += std::vector{"", "+", "-"}[below(3)] + std::to_string(below(100));
        }
        return result;
    }

    /// `content` as a string, with some characters escaped that need no escape.
    std::string string(std::string_view content) {
        std::string result = "\"";
        for (const char c : content) {
            const auto byte = static_cast<unsigned char>(c);
            const bool must = byte < 0x20 || c == '"' || c == '\\';
            const bool may = byte < 0x80 && below(4) == 0;
            if (!must && !may) {
                result += c;
            } else if ((c == '"' || c == '\\' || c == '/') && coin()) {
                result += std::string("\\") + c;
            } else {
                const std::string_view hex = coin() ? "0123456789abcdef" : "0123456789ABCDEF";
                result += std::string("\\u00") + hex[byte >> 4] + hex[byte & 0xf];
            }
        }
        return result + "\"";
    }

    std::string container(char open, char close, unsigned depth) {
        std::string result(1, open);
        for (std::size_t left = below(4); left > 0; --left) {
            result += space();
            if (open == '{') result += string(text()) + space() + ":" + space();
            result += value(depth - 1) + space();
            if (left > 1) result += ",";
        }
        return result + space() + close;
    }

    std::mt19937 random_;
};

}  // namespace fanfare::testing
