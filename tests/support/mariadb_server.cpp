// SPDX-License-Identifier: MIT
#include "support/free_port.hpp"
#include "support/server_process.hpp"
#include "support/sql_server.hpp"

#include <mysql.h>

#include <csignal>
#include <optional>
#include <stdexcept>

namespace fanfare::testing {

namespace {

using Connection = std::unique_ptr<MYSQL, decltype(&mysql_close)>;

const std::vector<std::string> program_folders{"/usr/sbin", "/usr/bin", "/usr/local/bin"};

class MariadbServer final : public SqlServer {
public:
    MariadbServer() : port_(free_port()) {
        run_to_end(
            {find_program("mariadb-install-db", program_folders),
             "--no-defaults",
             "--datadir=" + folder_.path("data"),
             "--auth-root-authentication-method=normal",
             "--skip-name-resolve",
             "--skip-test-db"},
            folder_.path("log")
        );
        MariadbServer::start();
        const Connection connection = connect();
        ask(*connection, "CREATE DATABASE shop CHARACTER SET utf8mb4");
        ask(*connection,
            "CREATE USER reader@'127.0.0.1' IDENTIFIED BY '" + escaped(*connection, odd_password) +
                "'");
        ask(*connection, "GRANT SELECT ON shop.* TO reader@'127.0.0.1'");
    }

    [[nodiscard]] config::AppsDatabaseSettings settings() const override {
        config::AppsDatabaseSettings settings;
        settings.driver = config::DatabaseDriver::mysql;
        settings.port = port_;
        settings.database = "shop";
        settings.username = "reader";
        settings.password = odd_password;
        return settings;
    }

    void execute(const std::string& statement) override {
        const Connection connection = connect();
        ask(*connection, "USE shop");
        ask(*connection, statement);
    }

    void stop() override {
        process_->signal(SIGKILL);
        process_->wait();
        process_.reset();
    }

    void start() override {
        process_.emplace(
            std::vector<std::string>{
                find_program("mariadbd", program_folders),
                "--no-defaults",
                "--datadir=" + folder_.path("data"),
                "--socket=" + folder_.path("socket"),
                "--pid-file=" + folder_.path("pid"),
                "--bind-address=127.0.0.1",
                "--port=" + std::to_string(port_),
                "--skip-name-resolve",
                "--skip-log-bin",
                "--innodb-buffer-pool-size=8M",
                "--innodb-flush-log-at-trx-commit=2"},
            folder_.path("log")
        );
        wait_until([this] { return answers(); }, "mariadbd does not start");
    }

    void freeze() override { process_->freeze(); }

    void thaw() override { process_->thaw(); }

private:
    [[nodiscard]] bool answers() {
        if (!process_->is_running()) throw std::runtime_error("mariadbd ends at once");
        try {
            ask(*connect(), "SELECT 1");
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    }

    [[nodiscard]] Connection connect() const {
        Connection connection(mysql_init(nullptr), &mysql_close);
        mysql_options(connection.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
        const std::string socket = folder_.path("socket");
        const MYSQL* const opened = mysql_real_connect(
            connection.get(), nullptr, "root", "", nullptr, 0, socket.c_str(), 0
        );
        if (opened == nullptr) throw std::runtime_error(mysql_error(connection.get()));
        return connection;
    }

    static void ask(MYSQL& connection, const std::string& statement) {
        if (mysql_query(&connection, statement.c_str()) != 0) {
            throw std::runtime_error(statement + ": " + mysql_error(&connection));
        }
        mysql_free_result(mysql_store_result(&connection));
    }

    static std::string escaped(MYSQL& connection, const std::string& text) {
        std::string out(2 * text.size() + 1, '\0');
        out.resize(mysql_real_escape_string(&connection, out.data(), text.data(), text.size()));
        return out;
    }

    ServerFolder folder_;
    std::uint16_t port_;
    std::optional<ServerProcess> process_;
};

}  // namespace

std::unique_ptr<SqlServer> make_mariadb() {
    return std::make_unique<MariadbServer>();
}

}  // namespace fanfare::testing
