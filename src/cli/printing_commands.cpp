// SPDX-License-Identifier: MIT
#include "printing_commands.hpp"

#include "fanfare/config/reference.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace fanfare::cli {

namespace {

namespace fs = std::filesystem;

/// The part of the command line that the service needs to have the same configuration. `loaded`
/// knows the `.env` of this folder, in which the service will not be.
std::vector<std::string> arguments_of(const config::Flags& flags, const config::Loaded& loaded) {
    std::vector<std::string> arguments{"start"};
    const auto add = [&](const std::string& name, const std::optional<std::string>& value) {
        if (value) arguments.insert(arguments.end(), {name, *value});
    };
    add("--host", flags.host);
    add("--port", flags.port);
    add("--path", flags.path);
    add("--hostname", flags.hostname);
    add("--shards", flags.shards);
    if (flags.debug) arguments.emplace_back("--debug");
    if (flags.config_file) add("--config", fs::absolute(*flags.config_file).string());
    const fs::path env_file = fs::absolute(loaded.files.back()).lexically_normal();
    if (fs::exists(env_file)) add("--env-file", env_file.string());
    return arguments;
}

/// The files that the settings name. What is not set is empty.
std::vector<fs::path> files_of(const config::Settings& settings) {
    const config::TlsSettings& tls = settings.server.tls;
    const config::ScalingSettings& scaling = settings.scaling;
    std::vector<fs::path> files{
        tls.certificate_file,
        tls.key_file,
        tls.client_ca_file,
        scaling.tls_ca_file,
        scaling.tls_certificate_file,
        scaling.tls_key_file,
    };
    for (const std::string& pair : tls.more_certificates) {
        const std::size_t colon = std::min(pair.find(':'), pair.size());
        files.emplace_back(pair.substr(0, colon));
        if (colon != pair.size()) files.emplace_back(pair.substr(colon + 1));
    }
    const config::AppsDatabaseSettings& apps = settings.apps_database;
    if (apps.driver == config::DatabaseDriver::sqlite) files.emplace_back(apps.database);
    for (const config::AppSettings& app : settings.apps) {
        files.emplace_back(app.webhook_delivery.tls_ca_file);
    }
    return files;
}

}  // namespace

PrintingCommands::PrintingCommands(
    CLI::App& program,
    const std::function<void(CLI::App&)>& add_flags,
    const config::Flags& flags,
    Load load
)
    : flags_(flags), load_(std::move(load)) {
    std::error_code unknown;  // then the package's
    const fs::path own = fs::read_symlink("/proc/self/exe", unknown);
    if (!unknown) service_.binary = own;

    CLI::App* systemd = program.add_subcommand("systemd", "Print a systemd unit that runs it");
    add_flags(*systemd);
    add_service_flags(*systemd);
    systemd->add_flag("--socket", is_socket_, "The socket unit that goes with it instead");
    systemd->callback([this] {
        const config::Loaded loaded = load_for_service();
        std::cout
            << (is_socket_ ? deployment::systemd_socket(loaded.settings)
                           : deployment::systemd_service(loaded.settings, service(loaded)));
    });

    CLI::App* supervisor =
        program.add_subcommand("supervisor", "Print a program of supervisor that runs it");
    add_flags(*supervisor);
    add_service_flags(*supervisor);
    supervisor->callback([this] {
        const config::Loaded loaded = load_for_service();
        std::cout << deployment::supervisor_program(loaded.settings, service(loaded));
    });

    CLI::App* nginx = program.add_subcommand("nginx", "Print a site of nginx in front of it");
    add_flags(*nginx);
    nginx->add_flag("--plain", site_.is_plain, "HTTP instead of HTTPS");
    nginx->add_option("--listen", site_.port, "Port of nginx instead of 443, or 80");
    nginx->add_option("--certificate", site_.certificate, "Instead of certbot's");
    nginx->add_option("--certificate-key", site_.certificate_key, "Instead of certbot's");
    nginx->callback([this] { std::cout << deployment::nginx_site(load_().settings, site_); });

    CLI::App* reference =
        program.add_subcommand("config-reference", "Print what every setting is and accepts");
    reference->add_flag("--man", is_man_page_, "As the manual page fanfare.json(5)");
    reference->callback([this] {
        std::cout << (is_man_page_ ? config::reference_man_page() : config::reference_page());
    });
}

void PrintingCommands::add_service_flags(CLI::App& command) {
    command.add_option("--binary", service_.binary, "What is started (default: this program)");
    command.add_option("--user", service_.user, "Who runs it (default: fanfare)");
}

/// What is set by the environment would be missing in the service.
config::Loaded PrintingCommands::load_for_service() const {
    config::Loaded loaded = load_();
    for (const config::Origin& origin : loaded.origins) {
        if (!origin.source.starts_with("environment")) continue;
        std::cerr << "fanfare: " << origin.key << " is from the " << origin.source
                  << ", which the service does not have; put it into /etc/default/fanfare or a "
                     "configuration file\n";
    }
    return loaded;
}

deployment::Service PrintingCommands::service(const config::Loaded& loaded) const {
    deployment::Service service = service_;
    service.arguments = arguments_of(flags_, loaded);
    service.files = files_of(loaded.settings);
    for (const fs::path& file : loaded.files) {
        service.files.push_back(fs::absolute(file).lexically_normal());
    }
    return service;
}

}  // namespace fanfare::cli
