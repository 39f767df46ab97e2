<?php

/*
 * SPDX-License-Identifier: MIT
 *
 * The PHP of a Reverb node for the tests that have none (reverb_peer.mjs): a line of JSON in, a line of
 * JSON out. Messages travel in base64.
 *
 *   {"read": message}   what a Reverb node finds in it, or {"error": …} where it would end
 *   {"write": {…}}      {"message": …}, made as a Reverb node makes it
 */

declare(strict_types=1);

namespace Fanfare\Judge {
    use Laravel\Reverb\Application;
    use Laravel\Reverb\Protocols\Pusher\MetricType;
    use Laravel\Reverb\Protocols\Pusher\PendingMetric;

    require __DIR__ . '/reverb_classes.php';

    function application(string $id): Application
    {
        return Application::of([
            'id' => $id,
            'key' => 'key of the Reverb node',
            'secret' => 'its secret',
            'pingInterval' => 60,
            'activityTimeout' => 30,
            'allowedOrigins' => ['*'],
            'maxMessageSize' => 10000,
            'maxConnections' => null,
            'acceptClientEventsFrom' => 'members',
            'rateLimiting' => null,
            'options' => ['host' => 'localhost', 'port' => 443, 'scheme' => 'https', 'useTLS' => true],
        ]);
    }

    function metric(array $wish): PendingMetric
    {
        return PendingMetric::of([
            'subscribers' => null,
            'data' => [],
            'key' => $wish['key'],
            'application' => application($wish['app']),
            'type' => constant(MetricType::class . '::' . $wish['type']),
            'options' => $wish['options'] ?? [],
        ]);
    }

    function written(array $wish): string
    {
        $message = match ($wish['kind']) {
            'message', 'terminate' => [
                'type' => $wish['kind'],
                'application' => serialize(application($wish['app'])),
                'payload' => $wish['payload'],
            ],
            'metrics' => ['type' => 'metrics', 'payload' => serialize(metric($wish))],
            'answer' => ['type' => $wish['key'], 'payload' => $wish['payload']],
        };
        if (isset($wish['socket_id'])) {
            $message['socket_id'] = $wish['socket_id'];
        }

        return json_encode($message, JSON_THROW_ON_ERROR);
    }

    function reply(array $request): array
    {
        try {
            return array_key_exists('read', $request)
                ? told(base64_decode($request['read'], true))
                : ['message' => base64_encode(written($request['write']))];
        } catch (\Throwable $problem) {
            return ['error' => get_class($problem) . ': ' . $problem->getMessage()];
        }
    }

    // As in Laravel, a warning is an exception.
    set_error_handler(static fn (int $level, string $text) => throw new \ErrorException($text, 0, $level));

    while (($line = fgets(STDIN)) !== false) {
        echo json_encode(reply(json_decode($line, true)), JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
    }
}
