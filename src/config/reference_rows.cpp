// SPDX-License-Identifier: MIT
#include "reference_rows.hpp"

#include <utility>

namespace fanfare::config {

namespace {

/// Credentials have no default, and are what nobody can do without.
std::string initial_of(const Description& about, const Value& value) {
    const bool is_required =
        about.key == "app_id" || about.key == "key" || about.key == "secret" || about.key == "url";
    return is_required ? "(required)" : format(about, value);
}

template <class Root>
std::vector<ReferenceRow> rows_under(std::string_view prefix) {
    std::vector<ReferenceRow> rows;
    for (const Setting<Root>& row : table<Root>()) {
        const Description& about = row.about;
        if (!about.key.starts_with(prefix)) continue;
        rows.push_back({
            about.key,
            about.env,
            about.flag,
            initial_of(about, row.get(Root{})),
            expectation(about.rule),
            about.doc,
        });
    }
    return rows;
}

ReferenceSection daemon_section(std::string title, std::string_view prefix, std::string about) {
    return {std::move(title), {std::move(about)}, true, rows_under<Settings>(prefix)};
}

}  // namespace

std::vector<ReferenceSection> reference_sections() {
    return {
        daemon_section(
            "server",
            "server.",
            "The daemon itself. A change needs a restart, but for debug and the files of TLS."
        ),
        daemon_section(
            "scaling", "scaling.", "Several servers as one, through Redis. They need a restart."
        ),
        daemon_section(
            "apps_database", "apps_database.", "Further apps, from a table. They need a restart."
        ),
        {"apps",
         {"Objects in the array apps of the JSON file, one for each app. The variables are for one "
          "more app, that of REVERB_APP_ID. A reload brings a change into force."},
         true,
         rows_under<AppSettings>("")},
        {"webhooks",
         {"Objects in the array webhooks of an app. Besides these settings there is headers, an "
          "object of headers that are sent in addition; a webhook that filters nothing may be its "
          "URL alone."},
         false,
         rows_under<WebhookSettings>("")},
    };
}

}  // namespace fanfare::config
