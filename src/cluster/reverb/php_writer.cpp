// SPDX-License-Identifier: MIT
#include "php_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace fanfare::cluster::reverb {

void PhpWriter::null() {
    out_ += "N;";
}

void PhpWriter::boolean(bool value) {
    out_ += value ? "b:1;" : "b:0;";
}

void PhpWriter::integer(std::int64_t value) {
    out_ += "i:";
    out_ += std::to_string(value);
    out_ += ';';
}

void PhpWriter::real(double value) {
    out_ += "d:";
    if (std::isnan(value)) {
        out_ += "NAN";
    } else if (std::isinf(value)) {
        out_ += value < 0 ? "-INF" : "INF";
    } else {
        std::array<char, 32> digits;  // the shortest text that gives this number takes 24
        const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
        out_.append(digits.begin(), end);
    }
    out_ += ';';
}

void PhpWriter::string(std::string_view bytes) {
    quoted('s', bytes);
    out_ += ';';
}

void PhpWriter::strings(std::span<const std::string> list) {
    begin_array(list.size());
    std::int64_t index = 0;
    for (const std::string& bytes : list) {
        integer(index++);
        string(bytes);
    }
    end();
}

void PhpWriter::enum_case(std::string_view type, std::string_view name) {
    std::string both(type);
    both += ':';
    both += name;
    quoted('E', both);
    out_ += ';';
}

void PhpWriter::begin_array(std::size_t members) {
    counted('a', members);
    out_ += '{';
}

void PhpWriter::begin_object(std::string_view type, std::size_t properties) {
    quoted('O', type);
    out_ += ':';
    out_ += std::to_string(properties);
    out_ += ":{";
}

void PhpWriter::end() {
    out_ += '}';
}

void PhpWriter::protected_property(std::string_view name) {
    string(std::string("\0*\0", 3).append(name));
}

void PhpWriter::counted(char tag, std::size_t count) {
    out_ += tag;
    out_ += ':';
    out_ += std::to_string(count);
    out_ += ':';
}

void PhpWriter::quoted(char tag, std::string_view bytes) {
    counted(tag, bytes.size());
    out_ += '"';
    out_ += bytes;
    out_ += '"';
}

}  // namespace fanfare::cluster::reverb
