// SPDX-License-Identifier: MIT
#include "support/certificates.hpp"

#include <cstdlib>
#include <stdexcept>

namespace fanfare::testing {

Certificates::Certificates() {
    make("authority", "-addext keyUsage=keyCertSign");
}

void Certificates::sign(const std::string& name, const std::string& alternative_names) const {
    make(
        name,
        "-CA " + authority() + " -CAkey " + key("authority") +
            " -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=" +
            alternative_names
    );
}

void Certificates::make(const std::string& name, const std::string& arguments) const {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        "-nodes -days 2 -subj /CN=" +
        name + " -keyout " + key(name) + " -out " + certificate(name) + " " + arguments + " >" +
        folder_.path("log") + " 2>&1";
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error("openssl cannot make a certificate: " + command);
    }
}

}  // namespace fanfare::testing
