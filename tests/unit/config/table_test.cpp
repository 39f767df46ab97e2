// SPDX-License-Identifier: MIT
#include "fanfare/config/table.hpp"

#include "config_files.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace fanfare::config {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class Root>
void expect_complete_rows() {
    for (const auto& row : table<Root>()) {
        const Description& about = row.about;
        EXPECT_FALSE(about.key.empty());
        EXPECT_FALSE(about.env.empty()) << about.key;
        EXPECT_TRUE(about.doc.ends_with('.')) << about.key;
        EXPECT_FALSE(about.rule.noun.empty()) << about.key;
        EXPECT_FALSE(expectation(about.rule).empty()) << about.key;
        const bool is_list = about.rule.kind == Kind::list;  // whose items may be any text
        EXPECT_TRUE(is_list || (about.rule.kind == Kind::text) == (about.rule.normalise != nullptr))
            << about.key;
    }
}

/// Any value the rule accepts that is not the default.
Value another_value(const Rule& rule, const Value& now) {
    for (const char* const text :
         {"true", "false", "1", "2", "4100", "5000", "redis://h", "10.0.0.1", "key:1", "other"}) {
        const auto value = parse_text(rule, text);
        if (value && *value != now) return *value;
    }
    for (const std::string_view word : rule.choices) {
        const auto value = parse_text(rule, word);
        if (value && *value != now) return *value;
    }
    return now;
}

template <class Root>
void expect_rows_with_fields_of_their_own() {
    for (const auto& changed : table<Root>()) {
        Root root;
        const Value value = another_value(changed.about.rule, changed.get(root));
        changed.set(root, value);
        EXPECT_EQ(changed.get(root), value) << changed.about.key;
        for (const auto& other : table<Root>()) {
            const bool is_same = &other == &changed;
            EXPECT_EQ(other.get(root) != other.get(Root{}), is_same)
                << changed.about.key << " and " << other.about.key;
        }
    }
}

/// The defaults have to pass the rules that guard them, but for what has none.
template <class Root>
void expect_valid_defaults() {
    const std::set<std::string_view> required{"app_id", "key", "secret"};
    for (const auto& row : table<Root>()) {
        const Value value = row.get(Root{});
        const auto* text = std::get_if<std::string>(&value);
        const auto* number = std::get_if<std::uint64_t>(&value);
        if (text != nullptr && !required.contains(row.about.key)) {
            EXPECT_EQ(parse_text(row.about.rule, *text), value) << row.about.key;
        }
        if (number != nullptr && row.about.rule.kind == Kind::number) {
            EXPECT_EQ(parse_text(row.about.rule, std::to_string(*number)), value) << row.about.key;
        }
    }
}

class Example : public ConfigFiles {
protected:
    Example() {
        std::ifstream in(FANFARE_EXAMPLE_CONFIG);
        json_ = nlohmann::json::parse(in, nullptr, true, true);
        Flags flags;
        flags.config_file = FANFARE_EXAMPLE_CONFIG;
        loaded_ = load({}, flags);
    }

    template <class Root>
    static void expect_all_keys(const nlohmann::json& object) {
        for (const auto& row : table<Root>()) {
            std::string pointer = "/" + std::string(row.about.key);
            std::replace(pointer.begin(), pointer.end(), '.', '/');
            EXPECT_TRUE(object.contains(nlohmann::json::json_pointer(pointer))) << row.about.key;
        }
    }

    template <class Root>
    static void expect_defaults(const Root& root, const std::set<std::string_view>& except) {
        for (const auto& row : table<Root>()) {
            if (except.contains(row.about.key)) continue;
            EXPECT_EQ(row.get(root), row.get(Root{})) << row.about.key;
        }
    }

    nlohmann::json json_;
    Loaded loaded_;
};

TEST(Table, every_row_is_complete) {
    expect_complete_rows<Settings>();
    expect_complete_rows<AppSettings>();
}

TEST(Table, every_row_has_a_field_of_its_own) {
    expect_rows_with_fields_of_their_own<Settings>();
    expect_rows_with_fields_of_their_own<AppSettings>();
}

TEST(Table, every_default_passes_its_rule) {
    expect_valid_defaults<Settings>();
    expect_valid_defaults<AppSettings>();
}

TEST(Table, no_variable_is_read_twice) {
    std::multiset<std::string_view> names;
    for (const auto& row : table<Settings>()) names.insert(row.about.env);
    for (const auto& row : table<AppSettings>()) names.insert(row.about.env);
    for (const Ignored& ignored : ignored_variables()) names.insert(ignored.name);
    for (const std::string_view name : names) EXPECT_EQ(names.count(name), 1U) << name;
}

TEST_F(Example, has_every_key_of_the_table) {
    expect_all_keys<Settings>(json_);
    ASSERT_EQ(json_.at("apps").size(), 1U);
    expect_all_keys<AppSettings>(json_.at("apps").at(0));
}

TEST_F(Example, is_the_defaults_apart_from_the_apps_credentials) {
    expect_defaults(loaded_.settings, {});
    ASSERT_EQ(loaded_.settings.apps.size(), 1U);
    expect_defaults(loaded_.settings.apps[0], {"app_id", "key", "secret"});
    EXPECT_THAT(loaded_.warnings, IsEmpty());
}

TEST_F(Example, names_every_variable_and_flag) {
    std::ifstream in(FANFARE_EXAMPLE_CONFIG);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto expect_names = [&text](const Description& about) {
        EXPECT_NE(text.find("[" + std::string(about.env)), text.npos) << about.env;
        EXPECT_NE(text.find(about.flag), text.npos) << about.flag;
    };
    for (const auto& row : table<Settings>()) expect_names(row.about);
    for (const auto& row : table<AppSettings>()) expect_names(row.about);
}

}  // namespace

}  // namespace fanfare::config
