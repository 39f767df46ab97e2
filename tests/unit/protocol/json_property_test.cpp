// SPDX-License-Identifier: MIT
#include "support/random_json.hpp"

#include "fanfare/protocol/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>

namespace fanfare::protocol {
namespace {

using fanfare::testing::RandomJson;
using fanfare::testing::WrittenJson;
using Json = nlohmann::json;

/// `text` in a block of its own size, so that ASan sees a read past it.
struct ExactCopy {
    std::unique_ptr<char[]> bytes;
    std::string_view view;

    explicit ExactCopy(std::string_view text)
        : bytes(std::make_unique<char[]>(text.size())), view(bytes.get(), text.size()) {
        std::ranges::copy(text, bytes.get());
    }
};

void expect_same(const WrittenJson& written, std::string_view input, const RawJson& parsed) {
    EXPECT_EQ(parsed.is_object(), written.is_object);
    ASSERT_EQ(parsed.values().size(), written.values.size());
    for (std::size_t i = 0; i < written.values.size(); ++i) {
        const std::string_view raw = parsed.values()[i];
        EXPECT_EQ(raw, written.values[i]);
        EXPECT_GE(raw.data(), input.data());
        EXPECT_LE(raw.data() + raw.size(), input.data() + input.size());
        EXPECT_EQ(Json::parse(raw), Json::parse(written.values[i]));
    }
    for (std::size_t i = 0; i < written.keys.size(); ++i) {
        const auto last = std::find(written.keys.rbegin(), written.keys.rend(), written.keys[i]);
        const auto index = static_cast<std::size_t>(written.keys.rend() - last) - 1;
        EXPECT_EQ(parsed.find(written.keys[i]), written.values[index]) << "last one wins";
    }
}

TEST(RawJsonProperty, every_member_is_the_exact_bytes_that_were_written) {
    for (std::uint32_t seed = 0; seed < 3'000; ++seed) {
        const WrittenJson written = RandomJson(seed).document();
        const ExactCopy input(written.text);
        const auto parsed = RawJson::parse(input.view);
        ASSERT_TRUE(parsed) << "seed " << seed << ": " << written.text;
        expect_same(written, input.view, *parsed);
        ASSERT_FALSE(HasFailure()) << "seed " << seed << ": " << written.text;
    }
}

TEST(RawJsonProperty, members_are_where_the_document_model_finds_them) {
    for (std::uint32_t seed = 0; seed < 1'000; ++seed) {
        const std::string text = RandomJson(seed).document().text;
        const Json document = Json::parse(text);
        const auto parsed = RawJson::parse(text);
        ASSERT_TRUE(parsed);
        if (document.is_array()) {
            ASSERT_EQ(parsed->values().size(), document.size());
            for (std::size_t i = 0; i < document.size(); ++i) {
                ASSERT_EQ(Json::parse(parsed->values()[i]), document[i]) << text;
            }
        } else {
            for (const auto& [key, value] : document.items()) {
                ASSERT_EQ(Json::parse(parsed->find(key)), value) << text;
            }
        }
    }
}

// No proper prefix of a document is one, and no document survives a byte too many.
TEST(RawJsonProperty, cut_and_extended_documents_are_refused) {
    for (std::uint32_t seed = 0; seed < 60; ++seed) {
        std::string text = RandomJson(seed).document().text;
        while (text.find_last_of("]}") + 1 < text.size()) text.pop_back();
        for (std::size_t size = 0; size < text.size(); ++size) {
            const ExactCopy cut(std::string_view(text).substr(0, size));
            ASSERT_FALSE(RawJson::parse(cut.view)) << cut.view;
        }
        for (const char extra : {',', ']', '}', '"', '0', 'x', '[', '{', '\x0b'}) {
            ASSERT_FALSE(RawJson::parse(text + extra)) << text << extra;
        }
    }
}

// Whatever one byte is turned into, the verdict is that of the document model (with its own
// exceptions: the model reads scalars, a byte order mark and what follows a zero byte).
TEST(RawJsonProperty, damaged_documents_are_judged_like_the_document_model) {
    for (std::uint32_t seed = 0; seed < 1'500; ++seed) {
        RandomJson random(seed);
        std::string text = random.document().text;
        text[random.below(text.size())] = static_cast<char>(1 + random.below(255));
        const Json document = Json::parse(text, nullptr, false);
        const bool is_expected = document.is_structured() && !text.starts_with("\xef\xbb\xbf");
        ASSERT_EQ(RawJson::parse(text).has_value(), is_expected) << "seed " << seed << ": " << text;
    }
}

}  // namespace
}  // namespace fanfare::protocol
