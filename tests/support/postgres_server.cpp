// SPDX-License-Identifier: MIT
#include "support/free_port.hpp"
#include "support/server_process.hpp"
#include "support/sql_server.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>

namespace fanfare::testing {

namespace {

/// Debian has the programs of each version in a folder of its own.
std::vector<std::string> program_folders() {
    std::vector<std::string> folders;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
        folders.push_back(entry.path() / "bin");
    }
    std::sort(folders.rbegin(), folders.rend());
    folders.insert(folders.end(), {"/usr/bin", "/usr/local/bin"});
    return folders;
}

class PostgresServer final : public SqlServer {
public:
    PostgresServer() : port_(free_port()) {
        run_to_end(
            {find_program("initdb", program_folders()),
             "--pgdata=" + folder_.path("data"),
             "--username=owner",
             "--auth-local=trust",
             "--auth-host=scram-sha-256",
             "--encoding=UTF8",
             "--locale=C.UTF-8",
             "--no-sync"},
            folder_.path("log")
        );
        PostgresServer::start();
        const std::string password = odd_password;
        std::string quoted;
        for (const char c : password) quoted += c == '\'' ? "''" : std::string(1, c);
        ask("CREATE ROLE reader LOGIN PASSWORD '" + quoted + "'");
        ask("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader");
    }

    [[nodiscard]] config::AppsDatabaseSettings settings() const override {
        config::AppsDatabaseSettings settings;
        settings.driver = config::DatabaseDriver::postgres;
        settings.port = port_;
        settings.database = "postgres";
        settings.username = "reader";
        settings.password = odd_password;
        return settings;
    }

    void execute(const std::string& statement) override { ask(statement); }

    void stop() override {
        process_->signal(SIGQUIT);  // without telling the clients, but with all children
        process_->wait();
        process_.reset();
    }

    void start() override {
        process_.emplace(
            std::vector<std::string>{
                find_program("postgres", program_folders()),
                "-D",
                folder_.path("data"),
                "-p",
                std::to_string(port_),
                "-k",
                folder_.path(""),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=16MB"},
            folder_.path("log")
        );
        wait_until([this] { return answers(); }, "postgres does not start");
    }

    void freeze() override { process_->freeze(); }

    void thaw() override { process_->thaw(); }

private:
    [[nodiscard]] bool answers() {
        if (!process_->is_running()) throw std::runtime_error("postgres ends at once");
        try {
            ask("SELECT 1");
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    }

    void ask(const std::string& statement) const {
        const std::string target = "host=" + folder_.path("") + " port=" + std::to_string(port_) +
                                   " user=owner dbname=postgres client_encoding=UTF8";
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
            PQconnectdb(target.c_str()), &PQfinish
        );
        PQsetNoticeProcessor(
            connection.get(), [](void*, const char*) {}, nullptr
        );
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(
            PQexec(connection.get(), statement.c_str()), &PQclear
        );
        const auto status = PQresultStatus(result.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
        throw std::runtime_error(statement + ": " + PQerrorMessage(connection.get()));
    }

    ServerFolder folder_;
    std::uint16_t port_;
    std::optional<ServerProcess> process_;
};

}  // namespace

std::unique_ptr<SqlServer> make_postgres() {
    return std::make_unique<PostgresServer>();
}

}  // namespace fanfare::testing
