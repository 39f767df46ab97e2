// SPDX-License-Identifier: MIT
//
// webhook_driver <fanfare.json>: the webhooks of a daemon without the daemon. It reads commands
// from standard input, one a line, and writes its log and its answers to standard output:
//
//   occupied <app> <time_ms> <channel>          emits channel_occupied
//   whisper <app> <time_ms> <channel> <json>    emits client_event with this data
//   configure                                   reads the file again
//   counters                                    prints one line
//   stop <ms>                                   stops with this patience, and ends

#include "fanfare/config/loader.hpp"
#include "fanfare/protocol/webhook_events.hpp"
#include "fanfare/webhooks/dispatcher.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <iostream>
#include <sstream>
#include <string>

namespace fanfare::webhooks {

namespace {

config::Settings load(const char* file) {
    config::Flags flags;
    flags.config_file = file;
    return config::load(flags, {}).settings;
}

void emit(Dispatcher& dispatcher, const std::string& command, std::istringstream& words) {
    namespace events = protocol::webhook_events;
    std::string app;
    Event event;
    std::string data;
    words >> app >> event.time_ms >> event.channel >> std::ws;
    std::getline(words, data);
    if (command == "occupied") {
        event.name = "channel_occupied";
        event.json = events::channel_occupied(event.channel);
    } else {
        event.name = "client_event";
        event.json = events::client_event(event.channel, "client-e", data, {1, 2}, std::nullopt);
    }
    dispatcher.emit(app, event);
}

void print(const Counters& counters) {
    std::cout << "counters delivered=" << counters.delivered
              << " failed_attempts=" << counters.failed_attempts
              << " dead_letters=" << counters.dead_letters << " dropped=" << counters.dropped
              << " queued=" << counters.queued << std::endl;
}

/// The file has all the apps there ever are.
void configure(Dispatcher& dispatcher, const char* file) {
    for (const auto& app : load(file).apps) dispatcher.configure(app.id, &app);
}

int run(const char* file) {
    spdlog::logger log("webhooks", std::make_shared<spdlog::sinks::stdout_sink_mt>());
    log.set_pattern("%l %v");
    log.set_level(spdlog::level::debug);
    log.flush_on(spdlog::level::debug);
    const SystemClock clock;
    Dispatcher dispatcher({}, clock, make_secure_random(), log);
    configure(dispatcher, file);
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string command;
        words >> command;
        if (command == "stop") {
            int patience_ms = 0;
            words >> patience_ms;
            dispatcher.stop(std::chrono::milliseconds(patience_ms));
            break;
        }
        if (command == "configure") {
            configure(dispatcher, file);
        } else if (command == "counters") {
            print(dispatcher.counters());
        } else {
            emit(dispatcher, command, words);
        }
    }
    print(dispatcher.counters());
    return 0;
}

}  // namespace

}  // namespace fanfare::webhooks

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    return fanfare::webhooks::run(argv[1]);
}
