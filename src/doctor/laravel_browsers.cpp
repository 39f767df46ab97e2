// SPDX-License-Identifier: MIT
#include "addresses.hpp"
#include "findings.hpp"
#include "laravel_judgement.hpp"
#include "names.hpp"

#include "fanfare/config/error.hpp"

#include <array>

namespace fanfare::doctor {

namespace {

constexpr const char* area = "laravel";
constexpr const char* build = ", then npm run build";

using config::printable;

/// The variables that Vite puts into the scripts of the app.
class Browsers {
public:
    Browsers(const Laravel& laravel, const config::AppSettings* app)
        : laravel_(laravel), app_(app), prefix_(laravel.prefix()), vite_("VITE_" + prefix_) {}

    Findings judge() {
        if (!has_any()) {
            return {notice(
                area,
                laravel_.env_file.string() + ": no " + vite_ + "_… is set",
                "Laravel Echo takes its key and address from them, if Vite builds the front end.",
                lines()
            )};
        }
        judge_key();
        judge_host();
        judge_literals();
        judge_mixed_content();
        if (findings_.empty()) findings_.push_back(ok(area, "browsers get key and address"));
        return std::move(findings_);
    }

private:
    static constexpr std::array<const char*, 4> ends{"_APP_KEY", "_HOST", "_PORT", "_SCHEME"};

    [[nodiscard]] bool has_any() const {
        for (const char* end : ends) {
            if (laravel_.find(vite_ + end) != nullptr) return true;
        }
        return false;
    }

    /// What `reverb:install` writes.
    [[nodiscard]] std::string lines() const {
        std::string text;
        for (const char* end : ends) text += vite_ + end + "=\"${" + prefix_ + end + "}\"\n";
        return text + "in " + laravel_.env_file.string() + ", below those that they name" + build;
    }

    [[nodiscard]] std::string copied(const std::string& end) const {
        return vite_ + end + "=\"${" + prefix_ + end + "}\" in " + laravel_.where(vite_ + end) +
               build;
    }

    void judge_key() {
        const std::string name = vite_ + "_APP_KEY";
        const std::string key = laravel_.get(name);
        if (key == laravel_.get(prefix_ + "_APP_KEY") || key.find("${") != key.npos) return;
        if (key.empty()) {
            findings_.push_back(warning(
                area,
                laravel_.env_file.string() + ": " + name + " is missing",
                "Echo has no app key: browsers cannot connect.",
                copied("_APP_KEY")
            ));
            return;
        }
        const std::string what = laravel_.where(name) + ": " + name + " is " + printable(key) +
                                 ", " + prefix_ + "_APP_KEY is " +
                                 printable(laravel_.get(prefix_ + "_APP_KEY"));
        if (app_ != nullptr && has_key(*app_, key)) {
            findings_.push_back(notice(
                area,
                what,
                "Both are keys of the app " + printable(app_->id) +
                    ", of which one is in previous_keys and not meant to stay.",
                "Before it is taken out: " + copied("_APP_KEY")
            ));
            return;
        }
        findings_.push_back(error(
            area,
            what,
            "Browsers connect to another app than Laravel publishes to, or to none (4001).",
            copied("_APP_KEY")
        ));
    }

    void judge_host() {
        const std::string name = vite_ + "_HOST";
        const std::string host = laravel_.get(name);
        if (host.find("${") != host.npos || parse_host(host)) return;
        if (host.empty()) {
            findings_.push_back(warning(
                area,
                laravel_.env_file.string() + ": " + name + " is missing",
                "Echo does not know where the server is.",
                copied("_HOST")
            ));
            return;
        }
        if (lacks_brackets(host)) {
            findings_.push_back(error(
                area,
                laravel_.where(name) + ": " + name + " is " + printable(host),
                "Echo puts it into a URL as it is, where an IPv6 address has brackets.",
                name + "=[" + host + "] in " + laravel_.where(name) + build
            ));
            return;
        }
        findings_.push_back(error(
            area,
            laravel_.where(name) + ": " + name + " is " + printable(host),
            "That is no host that a browser can connect to.",
            vite_ + "_HOST=ws.example.com in " + laravel_.where(name) +
                ", with the server's public name" + build
        ));
    }

    /// `${NAME}` of a variable that is not there, or only below.
    void judge_literals() {
        for (const char* end : ends) {
            const std::string name = vite_ + end;
            const std::string value = laravel_.get(name);
            if (value.find("${") == value.npos) continue;
            findings_.push_back(error(
                area,
                laravel_.where(name) + ": " + name + " is literally " + printable(value),
                "Nothing above that line has this name, so it is not replaced.",
                "Move the line below the one that it names" + std::string(build)
            ));
        }
    }

    void judge_mixed_content() {
        const bool is_secure_page = laravel_.get("APP_URL").starts_with("https://");
        const std::string name = vite_ + "_SCHEME";
        if (!is_secure_page || laravel_.get(name, "https") != "http") return;
        const std::string what = laravel_.where(name) + ": " + name + " is http, APP_URL is https";
        const std::string fix = name + "=https with the port of TLS (" + vite_ + "_PORT=443) in " +
                                laravel_.where(name) + build;
        const auto host = parse_host(laravel_.get(vite_ + "_HOST"));
        if (host && is_loopback_host(*host)) {
            findings_.push_back(warning(
                area,
                what,
                "Safari refuses ws:// from a page that came over HTTPS (mixed content); Chrome and "
                "Firefox allow it to this machine only.",
                fix
            ));
            return;
        }
        findings_.push_back(error(
            area,
            what,
            "Browsers refuse ws:// from a page that came over HTTPS (mixed content).",
            fix
        ));
    }

    const Laravel& laravel_;
    const config::AppSettings* app_;  ///< null if it is not known
    std::string prefix_;
    std::string vite_;
    Findings findings_;
};

}  // namespace

Findings judge_browsers(const Laravel& laravel, const config::Settings& settings) {
    return Browsers(laravel, app_of(laravel, settings)).judge();
}

}  // namespace fanfare::doctor
