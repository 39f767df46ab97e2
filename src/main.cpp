// SPDX-License-Identifier: MIT
#include "fanfare/cli/cli.hpp"

int main(int argc, char** argv) {
    return fanfare::cli::run(argc, argv);
}
