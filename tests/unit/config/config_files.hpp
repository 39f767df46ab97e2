// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/loader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace fanfare::config {

/// A working directory of its own, with the files a test puts there.
class ConfigFiles : public testing::Test {
protected:
    ConfigFiles() {
        std::string name =
            (std::filesystem::temp_directory_path() / "fanfare-config-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::filesystem::filesystem_error("mkdtemp", {});
        directory_ = name;
    }

    ~ConfigFiles() override {
        std::error_code ignored;  // a leftover in /tmp fails no test
        std::filesystem::remove_all(directory_, ignored);
    }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(directory_ / name, std::ios::binary) << text;
    }

    void write_json(std::string_view text) const { write("fanfare.json", text); }

    void write_dotenv(std::string_view text) const { write(".env", text); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return (directory_ / name).string();
    }

    [[nodiscard]] Loaded load(const Environment& environment = {}, const Flags& flags = {}) const {
        return config::load(flags, environment, Places{directory_, directory_ / "fanfare.json"});
    }

    /// The complaint, with the name of the directory taken off; empty if there is none.
    [[nodiscard]] std::string error(const Environment& environment = {}, const Flags& flags = {})
        const {
        try {
            const Loaded loaded = load(environment, flags);
        } catch (const ConfigError& error) {
            return without_directory(error.what());
        }
        return {};
    }

    [[nodiscard]] std::string without_directory(std::string text) const {
        const std::string prefix = directory_.string() + "/";
        for (auto at = text.find(prefix); at != text.npos; at = text.find(prefix)) {
            text.erase(at, prefix.size());
        }
        return text;
    }

    [[nodiscard]] Origin origin(const Loaded& loaded, std::string_view key) const {
        const auto it =
            std::find_if(loaded.origins.begin(), loaded.origins.end(), [key](const Origin& each) {
                return each.key == key;
            });
        if (it == loaded.origins.end()) return {};
        return {it->key, it->value, without_directory(it->source)};
    }

    /// The three variables of an app, and more.
    static Environment app_and(Environment more) {
        more.insert(
            {{"REVERB_APP_ID", "7"},
             {"REVERB_APP_KEY", "key"},
             {"REVERB_APP_SECRET", "s3cret-s3cret"}}
        );
        return more;
    }

private:
    std::filesystem::path directory_;
};

}  // namespace fanfare::config
