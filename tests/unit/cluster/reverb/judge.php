<?php

/*
 * SPDX-License-Identifier: MIT
 *
 * A stand-in for the receiving and the sending end of a Reverb node (protocol.md 10.2): classes with
 * the names, properties and types that travel over the bus. Messages come and go as their length in
 * bytes, a line feed, the bytes.
 *
 *   php judge.php read                  reads messages, prints a line of JSON about each
 *   php judge.php write <seed> <count>  makes messages, each followed by JSON that says what it means
 */

declare(strict_types=1);

namespace Fanfare\Judge {
    use Laravel\Reverb\Application;
    use Laravel\Reverb\Protocols\Pusher\MetricType;
    use Laravel\Reverb\Protocols\Pusher\PendingMetric;

    require __DIR__ . '/../../../support/reverb_classes.php';

    // ---- reading

    function next_message(): ?string
    {
        $line = fgets(STDIN);
        if ($line === false) {
            return null;
        }
        $length = (int) $line;

        return $length === 0 ? '' : stream_get_contents(STDIN, $length);
    }

    function read_all(): void
    {
        while (($bytes = next_message()) !== null) {
            try {
                $told = told($bytes);
            } catch (\Throwable $problem) {
                $told = ['error' => get_class($problem)];
            }
            echo json_encode($told, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION), "\n";
        }
    }

    // ---- writing

    function chance(int $in): bool
    {
        return mt_rand(1, $in) === 1;
    }

    function text(): string
    {
        $pieces = ['a', '7', '"', '\\', '/', "\0", "\n", ';}', '{i:0;', "\u{e9}", "\u{20ac}", "\u{1f600}", "\x7f", ' '];
        $text = '';
        for ($left = mt_rand(0, 8); $left > 0; $left--) {
            $text .= $pieces[array_rand($pieces)];
        }

        return chance(50) ? str_repeat($text, 5000) : $text;
    }

    function value(int $depth): mixed
    {
        return match (mt_rand(0, $depth === 0 ? 5 : 8)) {
            0 => null,
            1 => chance(2),
            2 => mt_rand(-1000, 1000) * 4503599627370496,
            3 => mt_rand(-1000000, 1000000) / 1024 * 10 ** mt_rand(-20, 20),
            4, 5 => text(),
            6 => array_map(fn () => value($depth - 1), array_fill(0, mt_rand(0, 3), null)),
            default => keyed($depth),
        };
    }

    function keyed(int $depth): array
    {
        $array = [];
        for ($left = mt_rand(0, 4); $left > 0; $left--) {
            $array[text()] = value($depth - 1);
        }

        return $array;
    }

    function texts(int $least): array
    {
        return array_map(fn () => text(), array_fill(0, mt_rand($least, 4), null));
    }

    function application(string $id): Application
    {
        return Application::of([
            'id' => $id,
            'key' => text(),
            'secret' => text(),
            'pingInterval' => mt_rand(),
            'activityTimeout' => -mt_rand(),
            'allowedOrigins' => texts(0),
            'maxMessageSize' => PHP_INT_MAX,
            'maxConnections' => chance(2) ? null : mt_rand(),
            'acceptClientEventsFrom' => 'members',
            'rateLimiting' => chance(2) ? null : keyed(3),
            'options' => chance(2) ? [] : keyed(3) + ['ratio' => chance(2) ? INF : 0.1],
        ]);
    }

    function event(int $flags): array
    {
        $payload = ['event' => text()];
        $channels = texts(1);
        $raw = static fn (mixed $value) => json_encode($value, $flags);
        $expected = ['kind' => 'event', 'event' => $payload['event'], 'user_id' => ''];
        if (chance(2)) {
            $payload += ['channels' => $channels, 'data' => text()];
        } else {
            $channels = [$channels[0]];
            $payload += ['channel' => $channels[0], 'data' => value(4)];
            if (chance(2)) {
                $payload['user_id'] = text();
                $expected['user_id'] = $raw($payload['user_id']);
            }
        }
        $expected += ['channels' => $channels, 'data' => $raw($payload['data'])];
        $message = ['type' => 'message', 'application' => null, 'payload' => $payload];
        if (chance(2)) {
            $message['socket_id'] = $expected['socket_id'] = '12.34';
        }

        return [$message, $expected];
    }

    function terminate(): array
    {
        $user = text();

        return [
            ['type' => 'terminate', 'application' => null, 'payload' => ['user_id' => $user]],
            ['kind' => 'terminate', 'user_id' => $user],
        ];
    }

    function metric(string $app): array
    {
        $type = MetricType::cases()[mt_rand(0, 3)];
        $maybe = static fn () => chance(2) ? null : text();
        $options = match ($type) {
            MetricType::CHANNELS => chance(2)
                ? ['filter' => $maybe(), 'info' => $maybe()]
                : ['info' => text(), 'channels' => texts(0)],
            MetricType::CHANNEL => ['channel' => text(), 'info' => text()],
            MetricType::CHANNEL_USERS => ['channel' => text()],
            MetricType::CONNECTIONS => [],
        };
        $metric = PendingMetric::of([
            'subscribers' => null,
            'data' => [],
            'key' => 'QeciusM2PA',
            'application' => application($app),
            'type' => $type,
            'options' => $options,
        ]);

        return [
            ['type' => 'metrics', 'payload' => serialize($metric)],
            ['kind' => 'metric', 'type' => $type->name, 'options' => (object) $options],
        ];
    }

    function answer(int $flags): array
    {
        $payload = chance(2) ? keyed(3) : array_values(keyed(3));

        return [
            ['type' => 'QeciusM2PA', 'payload' => $payload],
            ['kind' => 'answer', 'payload' => json_encode($payload, $flags)],
        ];
    }

    function print_text(string $text): void
    {
        echo strlen($text), "\n", $text;
    }

    function write_all(int $seed, int $count): void
    {
        mt_srand($seed);
        $styles = [0, JSON_UNESCAPED_SLASHES, JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION, JSON_PRETTY_PRINT];
        for (; $count > 0; $count--) {
            $flags = JSON_THROW_ON_ERROR | $styles[array_rand($styles)];
            // Inner values of a pretty text are indented: their exact bytes are known on their own only.
            $is_pretty = ($flags & JSON_PRETTY_PRINT) !== 0;
            $app = text();
            [$message, $expected] = match (mt_rand(0, 4)) {
                0, 1 => $is_pretty ? terminate() : event($flags),
                2 => terminate(),
                3 => metric($app),
                4 => $is_pretty ? metric($app) : answer($flags),
            };
            if (array_key_exists('application', $message)) {
                $message['application'] = serialize(application($app));
            }
            print_text(json_encode($message, $flags));
            print_text(json_encode($expected + ['app' => $app], JSON_THROW_ON_ERROR));
        }
    }

    // As in Laravel, a warning is an exception.
    set_error_handler(static fn (int $level, string $text) => throw new \ErrorException($text, 0, $level));

    if ($argv[1] === 'read') {
        read_all();
    } else {
        write_all((int) $argv[2], (int) $argv[3]);
    }
}
