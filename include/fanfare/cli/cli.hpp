// SPDX-License-Identifier: MIT
#pragma once

namespace fanfare::cli {

/// The exit codes of the program.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;        ///< it could not run: the port is taken, …
inline constexpr int exit_configuration = 2;  ///< the command line or the configuration is wrong

/// The program: `fanfare start`, `fanfare check`, ….
[[nodiscard]] int run(int argc, char** argv);

}  // namespace fanfare::cli
