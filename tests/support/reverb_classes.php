<?php

/*
 * SPDX-License-Identifier: MIT
 *
 * Classes with the names, properties and types that travel over Reverb's bus (protocol.md 10.2).
 */

declare(strict_types=1);

namespace Laravel\Reverb {
    trait Facts
    {
        /** @param array<string, mixed> $values */
        public static function of(array $values): static
        {
            $made = new static();
            foreach ($values as $name => $value) {
                $made->$name = $value;
            }

            return $made;
        }

        /** @return array<string, mixed> without what was left uninitialised */
        public function facts(): array
        {
            return get_object_vars($this);
        }
    }

    final class Application
    {
        use Facts;

        protected string $id;
        protected string $key;
        protected string $secret;
        protected int $pingInterval;
        protected int $activityTimeout;
        protected array $allowedOrigins;
        protected int $maxMessageSize;
        protected ?int $maxConnections;
        protected string $acceptClientEventsFrom;
        protected ?array $rateLimiting;
        protected array $options;
    }
}

namespace Laravel\Reverb\Protocols\Pusher {
    enum MetricType
    {
        case CHANNELS;
        case CHANNEL;
        case CHANNEL_USERS;
        case CONNECTIONS;
    }

    final class PendingMetric
    {
        use \Laravel\Reverb\Facts;

        protected ?int $subscribers;
        protected array $data;
        protected string $key;
        protected \Laravel\Reverb\Application $application;
        protected MetricType $type;
        protected array $options;
    }
}

namespace Fanfare\Judge {
    use Laravel\Reverb\Application;
    use Laravel\Reverb\Protocols\Pusher\PendingMetric;

    /** Unserialises, and says whether PHP itself would have written the same bytes. */
    function unpacked(string $bytes, array &$told): object
    {
        $object = unserialize($bytes);
        $told['is_as_php_writes_it'] = serialize($object) === $bytes;

        return $object;
    }

    function app_facts(Application $application): array
    {
        return $application->facts();
    }

    function metric_facts(PendingMetric $metric): array
    {
        $facts = $metric->facts();
        $facts['application'] = app_facts($facts['application']);
        $facts['type'] = $facts['type']->name;

        return $facts;
    }

    function told(string $bytes): array
    {
        $array = json_decode($bytes, true, flags: JSON_THROW_ON_ERROR);
        $told = ['type' => $array['type']];
        switch ($array['type']) {
            case 'message':
            case 'terminate':
                $told['application'] = app_facts(unpacked($array['application'], $told));
                // Reverb works with arrays; an object still tells {} from [].
                $told['payload'] = json_decode($bytes, false, flags: JSON_THROW_ON_ERROR)->payload;
                $told['socket_id'] = $array['socket_id'] ?? null;
                break;
            case 'metrics':
                $told['metric'] = metric_facts(unpacked($array['payload'], $told));
                break;
            default:
                $told['payload'] = (static fn (array $payload) => $payload)($array['payload']);
        }

        return $told;
    }
}
