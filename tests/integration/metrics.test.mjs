// SPDX-License-Identifier: MIT
// What is counted while real clients and a real backend work, and how it is shown.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
    nextEvent,
    pusherClient,
    reachesState,
    serverSdk,
    useClients,
} from '../support/clients.mjs';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import { metricsAnywhere, metricsPage, samplesOf, showsValue, valueOf } from '../support/metrics.mjs';
import { promtool } from '../support/prometheus.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const server = { soketi_monitoring: true, max_backlog: 4_000_000, max_request_size: 1_000_000, ...metricsAnywhere };

/// Runs `action` and expects that it adds these amounts, and soon, to the values called `name` or
/// `[name, labels]`. An amount that is a function says whether it is right.
async function expectGrowth(daemon, action, expected) {
    const read = async () => {
        const samples = samplesOf(await metricsPage(daemon));
        return expected.map(([wanted]) => valueOf(samples, ...[wanted].flat()));
    };
    const before = await read();
    await action();
    let last;
    const isRight = ([, amount], i) => (typeof amount === 'function' ? amount(last[i]) : last[i] === amount);
    await eventually(async () => {
        last = (await read()).map((value, i) => value - before[i]);
        return expected.every(isRight);
    }, 'the right amounts').catch(() => {
        const wrong = expected.filter((each, i) => !isRight(each, i)).map(([wanted]) => wanted);
        assert.fail(`not as expected: ${JSON.stringify(wrong)}; all grew by ${last}`);
    });
    return last;
}

const ofApp = (name, app) => [`fanfare_app_${name}`, { app: app.app_id }];

async function subscribedClient(daemon, channel, app) {
    const client = await PusherClient.connect(daemon, { app });
    await client.subscribe(channel);
    return client;
}

describe('metrics of a server', () => {
    const strange = namedApp('a"strange"\\name');
    const apps = [testApp(), strange];
    const daemon = useDaemon({ apps, server });
    useClients();

    test('clients_events_and_deliveries_of_pusher_js_and_the_sdk_are_counted_by_app', async () => {
        const clients = [1, 2].map(() => pusherClient(daemon));
        const events = [];
        for (const client of clients) {
            await reachesState(client, 'connected');
            const channel = client.subscribe('orders');
            await nextEvent(channel, 'pusher:subscription_succeeded');
            events.push(nextEvent(channel, 'shipped'));
        }
        await showsValue(daemon, ...ofApp('connections', apps[0]), 2);
        await showsValue(daemon, ...ofApp('connections', strange), 0);
        await showsValue(daemon, 'fanfare_connections', {}, 2);
        await eventually(
            async () => valueOf(samplesOf(await metricsPage(daemon)), 'fanfare_channels') >= 1,
            'the channel is seen',
        );

        const trigger = async () => {
            await serverSdk(daemon).trigger('orders', 'shipped', { id: 1 });
            await Promise.all(events);
        };
        await expectGrowth(daemon, trigger, [
            ['fanfare_events_total', 1],
            ['fanfare_deliveries_total', 2],
            ['fanfare_messages_sent_total', 2],
            [ofApp('events_total', apps[0]), 1],
            [ofApp('deliveries_total', apps[0]), 2],
            [ofApp('messages_sent_total', apps[0]), 2],
            [ofApp('api_requests_total', apps[0]), 1],
            [['fanfare_api_requests_total', { route: 'events', status: '200' }], 1],
            [ofApp('deliveries_total', strange), 0],
            [ofApp('api_requests_total', strange), 0],
        ]);

        for (const client of clients) client.disconnect();
        await showsValue(daemon, ...ofApp('connections', apps[0]), 0);
        await showsValue(daemon, 'fanfare_connections', {}, 0);
        const samples = samplesOf(await metricsPage(daemon));
        assert.equal(
            valueOf(samples, 'fanfare_connections_opened_total'),
            valueOf(samples, 'fanfare_connections_ended_total'),
        );
    });

    test('the_fan_out_of_an_event_is_measured_once_on_each_shard_that_has_subscribers', async () => {
        const clients = [];
        for (let i = 0; i < 12; i += 1) clients.push(await subscribedClient(daemon, 'wide'));
        const withClients = samplesOf(await metricsPage(daemon)).filter(
            ({ name, value }) => name === 'fanfare_connections' && value > 0,
        );
        const publish = async () => {
            await daemon.api().publish('wide', 'e', 'x');
            for (const client of clients) await client.expect('e');
        };
        await expectGrowth(daemon, publish, [
            ['fanfare_fan_out_seconds_count', withClients.length],
            [['fanfare_fan_out_seconds_bucket', { le: '+Inf' }], withClients.length],
            ['fanfare_fan_out_seconds_sum', (seconds) => seconds > 0 && seconds < DEADLINE / 1000],
        ]);
        for (const client of clients) await client.close();
    });

    test('client_events_count_as_events_and_messages_of_clients', async () => {
        const [a, b] = [
            await subscribedClient(daemon, 'private-talk', strange),
            await subscribedClient(daemon, 'private-talk', strange),
        ];
        const whisper = async () => {
            a.send('client-hello', { channel: 'private-talk', data: {} });
            await b.expect('client-hello');
        };
        await expectGrowth(daemon, whisper, [
            [ofApp('messages_received_total', strange), 1],
            [ofApp('events_total', strange), 1],
            [ofApp('deliveries_total', strange), 1],
        ]);
        for (const client of [a, b]) await client.close();
    });

    test('bytes_of_messages_and_sockets_are_those_that_went', async () => {
        const client = await subscribedClient(daemon, 'bytes');
        const data = 'x'.repeat(5_000);
        const text = JSON.stringify({ event: 'e', data, channel: 'bytes' });
        const publish = async () => {
            await daemon.api().publish('bytes', 'e', data);
            await client.expect('e');
        };
        const frame = text.length + 4; // with its header
        await expectGrowth(daemon, publish, [
            [ofApp('sent_bytes_total', apps[0]), frame],
            [['fanfare_sent_bytes_total', { protocol: 'websocket' }], frame],
            [['fanfare_received_bytes_total', { protocol: 'http' }], (n) => n > 5_000 && n < 6_000],
        ]);
        await client.close();
    });

    test('requests_are_counted_by_route_and_status_and_refused_signatures_by_cause', async () => {
        const api = daemon.api();
        const wrong = daemon.api({ ...apps[0], secret: 'wrong' });
        const answers = (route, status) => ['fanfare_api_requests_total', { route, status }];
        await wrong.post('/events', { name: 'e', channel: 'c', data: '' }); // shows the status
        const ask = async () => {
            await wrong.post('/events', { name: 'e', channel: 'c', data: '' });
            await api.query('/channels');
            await api.query('/channels/c');
            await api.connections();
            await fetchRaw(daemon, { target: '/up' });
        };
        await expectGrowth(daemon, ask, [
            [answers('events', '401'), 1],
            [['fanfare_api_requests_refused_total', { reason: 'signature_mismatch' }], 1],
            [answers('channels', '200'), 1],
            [answers('channel', '200'), 1],
            [answers('connections', '200'), 1],
            [answers('health', '200'), 1],
            [ofApp('api_requests_total', apps[0]), 3],
        ]);
    });

    test('what_a_slow_reader_leaves_is_seen_in_the_queues_until_it_is_closed', async () => {
        const client = await subscribedClient(daemon, 'flood');
        client.socket.socket.pause();
        // The bound lets twenty events wait, so that the queue is seen before it is dropped.
        let hasWaited = false;
        const flood = async () => {
            await daemon.api().publish('flood', 'e', 'x'.repeat(200_000));
            const samples = samplesOf(await metricsPage(daemon));
            hasWaited ||=
                valueOf(samples, 'fanfare_queued_bytes') >= 200_000 &&
                valueOf(samples, 'fanfare_queued_messages') >= 1;
            return hasWaited && valueOf(samples, 'fanfare_connections') === 0;
        };
        const isGivenUp = () => eventually(flood, 'the slow reader is seen, and given up', 4 * DEADLINE);
        await expectGrowth(daemon, isGivenUp, [
            [['fanfare_connections_closed_total', { reason: 'slow_reader' }], 1],
        ]);
        client.socket.destroy();
        await showsValue(daemon, 'fanfare_queued_bytes', {}, 0);
        await showsValue(daemon, 'fanfare_queued_messages', {}, 0);
    });

    test('soketis_names_tell_the_same', async () => {
        const client = await subscribedClient(daemon, 'both');
        await daemon.api().publish('both', 'e', 'x');
        await client.expect('e');
        const samples = samplesOf(await metricsPage(daemon));
        const pairs = {
            connected: 'connections',
            new_connections_total: 'connections_opened_total',
            socket_received_bytes: 'received_bytes_total',
            socket_transmitted_bytes: 'sent_bytes_total',
            ws_messages_received_total: 'messages_received_total',
            ws_messages_sent_total: 'messages_sent_total',
            http_calls_received_total: 'api_requests_total',
        };
        for (const [theirs, ours] of Object.entries(pairs)) {
            const labels = { app_id: apps[0].app_id, port: String(daemon.port) };
            const value = valueOf(samples, `soketi_${theirs}`, labels);
            assert.ok(value > 0, theirs);
            assert.equal(value, valueOf(samples, ...ofApp(ours, apps[0])), theirs);
        }
        assert.ok(valueOf(samples, 'soketi_http_received_bytes') > 0);
        assert.ok(valueOf(samples, 'soketi_http_transmitted_bytes') > 0);
        assert.ok(valueOf(samples, 'soketi_new_disconnections_total') > 0);
        await client.close();
    });

    test('the_process_is_described_as_usual', async () => {
        const samples = samplesOf(await metricsPage(daemon));
        assert.ok(valueOf(samples, 'process_resident_memory_bytes') > 1_000_000);
        assert.ok(Math.abs(valueOf(samples, 'process_start_time_seconds') - Date.now() / 1000) < 600);
        assert.ok(valueOf(samples, 'process_open_fds') > 5);
        assert.ok(valueOf(samples, 'process_max_fds') > valueOf(samples, 'process_open_fds'));
        assert.match(await metricsPage(daemon), /^fanfare_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
    });

    test('promtool_finds_fault_with_soketis_names_only', async () => {
        const page = await metricsPage(daemon);
        const own = promtool(['check', 'metrics'], page.replace(/^(# \w+ )?soketi_.*\n/gm, ''));
        assert.deepEqual(own, { status: 0, output: '' });
        const all = promtool(['check', 'metrics'], page);
        assert.equal(all.status, 3, 'it is understood, but not liked');
        for (const line of all.output.trim().split('\n')) assert.match(line, /^soketi_\w+bytes .*_total/);
    });
});

describe('metrics of many apps', () => {
    // By the order of their ids, which is how they get their places.
    const apps = Array.from({ length: 103 }, (_, i) => namedApp(i === 0 ? 'other' : `z${1000 + i}`));
    const daemon = useDaemon({ apps, server: metricsAnywhere });

    test('those_beyond_the_bound_are_shown_together', async () => {
        const last = await Promise.all(
            apps.slice(-3).map((app) => subscribedClient(daemon, 'c', app)),
        );
        await subscribedClient(daemon, 'c', apps[0]);
        await daemon.api(apps[102]).publish('c', 'e', 'x');
        await last[2].expect('e');
        const samples = samplesOf(await metricsPage(daemon));
        const labels = new Set(samples.map(({ labels: { app } }) => app).filter(Boolean));
        assert.deepEqual(labels, new Set([...apps.slice(0, 100).map(({ app_id: id }) => id), 'other_']));
        const value = (name, app) => valueOf(samples, `fanfare_app_${name}`, { app });
        assert.equal(value('connections', 'other'), 1, 'an app of this name');
        assert.equal(value('connections', 'other_'), 3);
        assert.equal(value('events_total', 'other_'), 1);
        assert.equal(value('connections', 'z1099'), 0);
    });

    test('without_the_setting_nothing_has_soketis_names', async () => {
        assert.doesNotMatch(await metricsPage(daemon), /soketi/);
        assert.equal((await fetchRaw(daemon, { target: '/usage' })).status, 404);
    });
});
