// SPDX-License-Identifier: MIT
#include "doctor_command.hpp"

#include "fanfare/config/environment.hpp"
#include "fanfare/doctor/doctor.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <iostream>
#include <utility>

namespace fanfare::cli {

DoctorCommand::DoctorCommand(
    CLI::App& program,
    const std::function<void(CLI::App&)>& add_flags,
    const config::Flags& flags,
    Load load
)
    : flags_(flags),
      load_(std::move(load)),
      command_(program.add_subcommand(
          "doctor", "Find out what is wrong between Laravel, the server and its clients"
      )) {
    add_flags(*command_);
    command_->add_option(
        "--laravel", laravel_, "The folder of the app, or its .env (default: the .env in use)"
    );
    command_->add_option(
        "--public", public_url_, "URL where clients and Laravel find the server (default: .env)"
    );
    command_->add_flag("--json", is_json_, "For scripts");
}

bool DoctorCommand::is_asked_for() const {
    return command_->parsed();
}

int DoctorCommand::run() const {
    doctor::Patient patient;
    patient.load = load_;
    patient.environment = config::environment_of(environ);
    patient.is_laravel_named = laravel_.has_value();
    if (laravel_) {
        patient.laravel = *laravel_;
    } else if (flags_.env_file) {
        patient.laravel = *flags_.env_file;
    }
    patient.public_url = public_url_;
    const doctor::Findings findings = doctor::examine(patient);
    std::cout << (is_json_ ? doctor::to_json(findings) : doctor::to_text(findings)) << std::flush;
    switch (doctor::worst_of(findings)) {
        case doctor::Severity::error:
            return 2;
        case doctor::Severity::warning:
            return 1;
        default:
            return 0;
    }
}

}  // namespace fanfare::cli
