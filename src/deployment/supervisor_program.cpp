// SPDX-License-Identifier: MIT
#include "command_line.hpp"
#include "template_text.hpp"

#include "fanfare/deployment/files.hpp"

#include <string_view>

namespace fanfare::deployment {

namespace {

constexpr std::string_view program_text =
    R"(; Fanfare under supervisor, as `fanfare supervisor` prints it for the configuration in force.
; Put it into /etc/supervisor/conf.d/fanfare.conf, then: supervisorctl update
; A reload of the apps: supervisorctl signal HUP fanfare
[program:fanfare]
command={{COMMAND}}
user={{USER}}
directory=/
autostart=true
; What ends within a second, a wrong configuration (2) too, is tried again, each time a second later than before.
; What ends after that is started anew, unless it was a stop (0) or, again, a wrong configuration.
autorestart=unexpected
exitcodes=0,2
startsecs=1
startretries=1000
; SIGTERM drains: the drain window, then the last clients and webhooks.
stopsignal=TERM
stopwaitsecs={{STOP}}
redirect_stderr=true
stdout_logfile=/var/log/supervisor/fanfare.log
stdout_logfile_maxbytes=50MB
stdout_logfile_backups=5
)";

}  // namespace

std::string supervisor_program(const config::Settings& settings, const Service& service) {
    return filled(
        program_text,
        {
            {"COMMAND", command_line(service, "%")},
            {"USER", service.user},
            {"STOP", std::to_string(stop_patience(settings).count())},
        }
    );
}

}  // namespace fanfare::deployment
