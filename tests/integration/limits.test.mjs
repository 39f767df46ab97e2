// SPDX-License-Identifier: MIT
// Limits of the whole node, and what is counted when one refuses. Each has its own text.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freePort, Daemon, namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { fetchRaw, HttpConnection } from '../support/http.mjs';
import { counted, expectCounted, metricsAnywhere, metricsOf } from '../support/metrics.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';

const manyFromThere = 'Too many connections from your address.';

describe('connections of an address', () => {
    const apps = [testApp(), namedApp('other', { max_connections: 1 })];
    const daemon = useDaemon({
        apps,
        server: { max_connections_per_ip: 4, trusted_proxies: ['127.0.0.1'], ...metricsAnywhere },
    });
    const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
    const connect = (address, app = apps[0]) =>
        PusherClient.connect(daemon, { app, ...from(address) });
    const refused = (address) =>
        expectRefused(daemon, appPath(apps[0]), 4100, manyFromThere, from(address));

    test('the_next_one_is_refused_whatever_its_app_and_shard', async () => {
        await connect('192.0.2.1', apps[1]);
        const clients = [];
        for (let i = 0; i < 3; i += 1) clients.push(await connect('192.0.2.1'));
        for (let i = 0; i < 4; i += 1) {
            await expectCounted(daemon, 'connections_refused', 'over_address_limit', () =>
                refused('192.0.2.1'),
            );
        }
        await connect('192.0.2.2');
        await clients[0].close();
        await eventually(() => connect('192.0.2.1'), 'a place is free again');
        await refused('192.0.2.1');
    });

    test('ipv6_counts_by_64_bits', async () => {
        for (let i = 0; i < 4; i += 1) await connect(`2001:db8:0:1::${i}`);
        await refused('2001:db8:0:1:ffff::1');
        await connect('2001:db8:0:2::1');
    });

    test('a_rush_does_not_pass_it', async () => {
        const attempts = await Promise.allSettled(
            Array.from({ length: 30 }, () => connect('192.0.2.3')),
        );
        assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 4);
    });

    test('who_is_refused_for_another_reason_takes_no_place', async () => {
        for (let i = 0; i < 6; i += 1) {
            await expectRefused(daemon, '/app/unknown', 4001, undefined, from('192.0.2.4'));
            await expectRefused(daemon, appPath(apps[1]), 4004, undefined, from('192.0.2.4'));
        }
        for (let i = 0; i < 4; i += 1) await connect('192.0.2.4');
    });
});

describe('API requests of an app', () => {
    const rate = 5;
    const apps = [testApp({ max_api_requests_per_second: rate }), namedApp('other')];
    const daemon = useDaemon({ apps, server: metricsAnywhere });

    /// The statuses of `count` requests that are sent at once.
    async function burst(bytes, count) {
        const connection = await HttpConnection.open(daemon);
        connection.write(Buffer.concat(Array(count).fill(bytes)));
        const responses = [];
        for (let i = 0; i < count; i += 1) responses.push(await connection.response());
        connection.close();
        return responses;
    }

    test('over_the_rate_the_answer_is_429_and_names_the_limit', async () => {
        const before = await counted(daemon, 'api_requests_refused', 'request_rate');
        const responses = await burst(daemon.api().bytes('GET', '/channels'), 50);
        const refused = responses.filter(({ status }) => status === 429);
        assert.equal(responses[0].status, 200);
        assert.ok(refused.length > 0 && refused.length <= 50 - rate, `${refused.length} refused`);
        assert.equal(
            refused[0].body,
            'The app may make 5 API requests in a second (max_api_requests_per_second).',
        );
        assert.equal(refused[0].headers['retry-after'], '1');
        assert.equal(
            await counted(daemon, 'api_requests_refused', 'request_rate'),
            before + refused.length,
        );
        await eventually(
            async () => (await daemon.api().get('/channels')).status === 200,
            'a second later there is room again',
        );
    });

    test('the_shards_share_one_budget', async () => {
        const start = Date.now();
        const bytes = daemon.api().bytes('GET', '/channels');
        const all = (await Promise.all(Array.from({ length: 16 }, () => burst(bytes, 5)))).flat();
        const allowed = all.filter(({ status }) => status === 200).length;
        const seconds = (Date.now() - start) / 1000;
        assert.ok(allowed <= rate + Math.ceil(seconds * rate), `${allowed} in ${seconds} s`);
    });

    test('other_apps_and_strangers_do_not_use_it_up', async () => {
        await eventually(async () => (await daemon.api().get('/channels')).status === 200, 'room');
        const unsigned = Buffer.from('GET /apps/app/channels HTTP/1.1\r\nHost: h\r\n\r\n');
        for (const { status } of await burst(unsigned, 50)) assert.equal(status, 401);
        for (const { status } of await burst(daemon.api(apps[1]).bytes('GET', '/channels'), 50)) {
            assert.equal(status, 200);
        }
        await eventually(async () => (await daemon.api().get('/channels')).status === 200, 'room');
    });
});

describe('what is counted', () => {
    const apps = [
        testApp({
            rate_limiting: { enabled: true, max_attempts: 5, decay_seconds: 60, terminate_on_limit: true },
        }),
        namedApp('small', {
            max_subscriptions: 1,
            max_channel_name_length: 10,
            max_event_name_length: 20,
            max_event_data: 10,
            max_message_size: 500,
            max_presence_members: 1,
            accept_client_events_from: 'members',
            max_client_events_per_second: 1,
            max_channels_per_event: 1,
            max_batch_size: 1,
        }),
    ];
    const small = apps[1];
    const daemon = useDaemon({ apps, server: { max_request_size: 2000, ...metricsAnywhere } });
    const connect = (app = small) => PusherClient.connect(daemon, { app });

    test('connections', async () => {
        const count = (reason, action) => expectCounted(daemon, 'connections_refused', reason, action);
        await count('unknown_app', () => expectRefused(daemon, '/app/unknown', 4001));
        await count('protocol_version', () =>
            expectRefused(daemon, appPath(small, 'protocol=3'), 4007),
        );
    });

    test('ends_of_connections', async () => {
        const count = (reason, action) => expectCounted(daemon, 'connections_closed', reason, action);
        const large = await connect();
        await count('message_size', async () => {
            large.sendText('x'.repeat(501));
            await large.socket.expectClose(1009);
        });
        const fast = await connect(apps[0]);
        await count('message_rate', async () => {
            for (let i = 0; i < 6; i += 1) fast.send('foo', { channel: 'x' });
            await fast.expectError(4301);
            await fast.socket.expectClose(4100);
        });
        assert.ok((await counted(daemon, 'messages_refused', 'rate')) >= 1);
        const broken = await connect();
        await count('malformed_messages', async () => {
            for (let i = 0; i < 21; i += 1) broken.sendText('{');
            for (let i = 0; i < 20; i += 1) await broken.expectError(4200);
            await broken.expectTermination(4100);
        });
        assert.ok((await counted(daemon, 'messages_refused', 'malformed')) >= 21);
    });

    test('subscriptions', async () => {
        const count = (reason, action) =>
            expectCounted(daemon, 'subscriptions_refused', reason, action);
        const client = await connect();
        const refused = (channel, code = 4301) => async () => {
            client.sendSubscribe(channel);
            await client.expect('pusher:subscription_error');
            await client.expectError(code);
        };
        await count('channel_name', refused('much-too-long', 4009));
        await count('unauthorized', async () => {
            client.send('pusher:subscribe', { data: { channel: 'private-x', auth: 'a:b' } });
            await client.expect('pusher:subscription_error');
            await client.expectError(4009);
        });
        await client.subscribe('one');
        await count('over_connection_limit', refused('two'));
    });

    test('client_events', async () => {
        const count = (reason, action) =>
            expectCounted(daemon, 'client_events_refused', reason, action);
        const client = await connect();
        const refused = (event, data, code = 4301) => async () => {
            client.whisper('room', event, data);
            await client.expectError(code);
        };
        await count('not_a_member', refused('client-a', 1, 4009));
        await client.subscribe('room');
        await count('name_length', refused(`client-${'x'.repeat(20)}`, 1));
        await count('data_size', refused('client-a', 'x'.repeat(11)));
        await count('rate', async () => {
            for (let i = 0; i < 2; i += 1) client.whisper('room', 'client-a', 1);
            await client.expectError(4301);
        });
    });

    test('api_requests', async () => {
        const count = (reason, action) =>
            expectCounted(daemon, 'api_requests_refused', reason, action);
        const api = daemon.api(small);
        const event = (more) => ({ name: 'e', data: 'd', channel: 'c', ...more });
        const post = (path, body, status = 400) => async () =>
            assert.equal((await api.post(path, body)).status, status);
        await count('malformed', post('/events', '[]'));
        await count('malformed', post('/events', {}, 422));
        await count('event_name_length', post('/events', event({ name: 'x'.repeat(21) })));
        await count('event_name_reserved', post('/events', event({ name: 'pusher:x' })));
        await count('event_data_size', post('/events', event({ data: 'x'.repeat(11) })));
        await count('channels_per_event', post('/events', event({ channels: ['a', 'b'] })));
        await count('channel_name', post('/events', event({ channel: 'a b' })));
        await count('batch_size', post('/batch_events', { batch: [event(), event()] }));
        await count('request_size', post('/events', event({ data: 'x'.repeat(2000) }), 413));
        await count('unknown_app', async () => {
            assert.equal((await fetchRaw(daemon, { target: '/apps/no/channels' })).status, 404);
        });
    });
});

describe('the metrics page', () => {
    const daemon = useDaemon({ server: metricsAnywhere });

    test('answers_get_metrics_and_nothing_else', async () => {
        const page = await fetchRaw(await metricsOf(daemon), { target: '/metrics' });
        assert.equal(page.status, 200);
        assert.match(page.headers['content-type'], /^text\/plain; version=0\.0\.4/);
        assert.match(page.body, /^# HELP .+\n# TYPE fanfare_\w+ gauge\n/);
        assert.ok(page.body.endsWith('\n'));
        for (const request of [{ target: '/' }, { target: '/metrics', method: 'DELETE' }]) {
            assert.equal((await fetchRaw(await metricsOf(daemon), request)).status, 404);
        }
        assert.equal((await fetchRaw(daemon, { target: '/metrics' })).status, 404, 'not for clients');
    });

    test('a_visitor_who_says_nothing_does_not_stay', async () => {
        const silent = await HttpConnection.open(await metricsOf(daemon));
        assert.equal((await fetchRaw(await metricsOf(daemon), { target: '/metrics' })).status, 200);
        silent.close();
    });

    test('a_port_that_is_taken_is_a_warning', async () => {
        const port = await freePort();
        const server = { metrics_address: `127.0.0.1:${port}` };
        const nodes = [new Daemon({ server }), new Daemon({ server })];
        try {
            for (const node of nodes) await node.start();
            const said = [
                `metrics url=http://127.0.0.1:${port}/metrics`,
                `no metrics (server.metrics_address): cannot listen on 127.0.0.1:${port}`,
            ];
            for (const [index, text] of said.entries()) {
                await eventually(() => nodes[index].log.includes(text), text);
            }
        } finally {
            for (const node of nodes) {
                await node.stop();
                node.remove();
            }
        }
    });
});
