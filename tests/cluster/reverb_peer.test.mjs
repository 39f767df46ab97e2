// SPDX-License-Identifier: MIT
// Fanfare nodes beside a Reverb node, which a PHP process stands for (protocol.md 10.2).
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { useCluster } from '../support/cluster.mjs';
import { namedApp, testApp } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { useReverbPeer } from '../support/reverb_peer.mjs';

const app = testApp({
    accept_client_events_from: 'all',
    max_connections: 1000,
    allowed_origins: ['*', 'b\u00fccher.example'],
    rate_limiting: { enabled: false, max_attempts: 7, decay_seconds: 9 },
});
const scaling = { mode: 'reverb' };

describe('what Fanfare says, as PHP reads it', () => {
    const apps = [app, namedApp('bare')];
    const server = { hostname: 'ws.example' };
    const cluster = useCluster({ nodes: 2, apps, scaling, server });
    const peer = useReverbPeer(cluster);
    const connect = (node) => PusherClient.connect(cluster.nodes[node]);
    const api = (node, ...rest) => cluster.nodes[node].api(...rest);
    const nextEvent = (event, mark) =>
        peer.next(({ type, payload }) => type === 'message' && payload.event === event, event, mark);
    after(() => peer.assertReadable());

    test('r134_an_application_with_all_its_types', async () => {
        const listener = await connect(0);
        await listener.subscribe('typed');
        await api(1).publish('typed', 'typed', 'x');
        const { application } = await nextEvent('typed');
        const { options, rateLimiting, ...rest } = application;
        assert.deepEqual(rest, {
            id: app.app_id,
            key: app.key,
            secret: app.secret,
            pingInterval: 60,
            activityTimeout: 30,
            allowedOrigins: ['*', 'b\u00fccher.example'],
            maxMessageSize: 10000,
            maxConnections: 1000,
            acceptClientEventsFrom: 'all',
        });
        assert.equal(rateLimiting.max_attempts, 7);
        assert.deepEqual(options, { host: 'ws.example', port: 443, scheme: 'https', useTLS: true });
        await api(0, apps[1]).publish('typed', 'bare', 'x');
        const bare = await nextEvent('bare');
        assert.equal(bare.application.id, 'bare');
        assert.equal(bare.application.maxConnections, null);
    });

    test('r134_a_trigger_is_one_message_for_all_its_channels', async () => {
        const { mark } = peer;
        const data = '{"a":"\\u0000 \\" \u20ac"}';
        await api(0).publish(['one', 'two', 'three'], 'many', data, { socket_id: '12.34' });
        const got = await nextEvent('many', mark);
        assert.deepEqual(got.payload, { event: 'many', channels: ['one', 'two', 'three'], data });
        assert.equal(got.socket_id, '12.34');
        await api(0).publish('one', 'single', 'd');
        const single = await nextEvent('single', mark);
        assert.deepEqual(single.payload, { event: 'single', channels: ['one'], data: 'd' });
        assert.equal(single.socket_id, null);
        assert.equal(peer.heard.length, mark + 2);
    });

    test('r134_a_batch_is_one_message_for_each_item', async () => {
        const { mark } = peer;
        const batch = ['x', 'y', 'z'].map((data, i) => ({ name: `item${i}`, channel: `c${i}`, data }));
        batch[1].socket_id = '1.2';
        assert.equal((await api(1).post('/batch_events', { batch })).status, 200);
        for (const [i, { data }] of batch.entries()) {
            const got = await nextEvent(`item${i}`, mark);
            assert.deepEqual(got.payload, { event: `item${i}`, channel: `c${i}`, data });
            assert.equal(got.socket_id, i === 1 ? '1.2' : null);
        }
        assert.equal(peer.heard.length, mark + 3);
    });

    test('r134_a_client_event_with_its_user', async () => {
        const { mark } = peer;
        const client = await connect(0);
        await client.join('presence-w', 7);
        const data = { deep: [[{ n: 1e3, t: '\u{1f600}' }]], none: null };
        client.whisper('presence-w', 'client-w', data);
        const got = await nextEvent('client-w', mark);
        assert.deepEqual(got.payload, {
            event: 'client-w',
            channel: 'presence-w',
            data,
            user_id: 7,
        });
        assert.equal(got.socket_id, client.socketId);
        client.sendText('{"event":"client-bare","channel":"presence-w"}');
        assert.equal((await nextEvent('client-bare', mark)).payload.event, 'client-bare');
    });

    test('r134_a_termination', async () => {
        const { mark } = peer;
        assert.equal((await api(0).post('/users/u%22%20%C3%A9/terminate_connections', {})).status, 200);
        const got = await peer.next(({ type }) => type === 'terminate', 'terminate', mark);
        assert.deepEqual(got.payload, { user_id: 'u" \u00e9' });
        assert.equal(got.application.id, app.app_id);
    });

    test('r135_questions_that_a_reverb_node_answers', async () => {
        const { mark } = peer;
        peer.answers = {
            CHANNELS: { both: { occupied: true, subscription_count: 5 }, 'presence-far': { user_count: 2 } },
            CHANNEL_USERS: [{ id: '1' }, { id: 'far' }],
        };
        const client = await connect(0);
        await client.subscribe('both');
        await client.join('presence-far', '1');
        const stats = await api(1).query('/channels/both', { info: 'subscription_count' });
        assert.deepEqual(stats, { occupied: true, subscription_count: 6 });
        const { users } = await api(1).query('/channels/presence-far/users');
        assert.deepEqual(users, [{ id: '1' }, { id: 'far' }]);
        const { channels } = await api(0).query('/channels', {
            filter_by_prefix: 'presence-',
            info: 'user_count',
        });
        assert.equal(channels['presence-far'].user_count, 3);
        const asked = peer.heard.slice(mark).flatMap(({ told }) => told?.metric ?? []);
        assert.deepEqual(
            asked.map(({ type, options }) => [type, options]),
            [
                ['CHANNELS', { info: 'occupied,user_count,subscription_count', channels: ['both'] }],
                ['CHANNEL_USERS', { channel: 'presence-far' }],
                ['CHANNELS', { filter: 'presence-', info: 'occupied,user_count,subscription_count' }],
            ],
        );
        for (const { key } of asked) assert.match(key, /^[A-Za-z0-9]{10}$/);
        await client.close();
    });

    test('r135_a_silent_node_is_waited_for_a_second_only', async () => {
        peer.answers = {};
        const client = await connect(0);
        await client.subscribe('patience');
        const start = Date.now();
        const stats = await api(1).query('/channels/patience', { info: 'subscription_count' });
        const took = Date.now() - start;
        assert.deepEqual(stats, { occupied: true, subscription_count: 1 });
        assert.ok(took >= 900 && took < 2500, `took ${took} ms`);
        await client.close();
    });
});

describe('what PHP says, as Fanfare does it', () => {
    const cluster = useCluster({ nodes: 2, apps: [app], scaling });
    const peer = useReverbPeer(cluster);
    const connect = (node) => PusherClient.connect(cluster.nodes[node]);
    const both = () => Promise.all([connect(0), connect(1)]);
    const api = (node) => cluster.nodes[node].api();

    test('r134_events_of_every_form_arrive', async () => {
        const clients = await both();
        for (const client of clients) await client.subscribe('php');
        for (const client of clients) await client.subscribe('php2');
        const data = '{"a":"\u00e9/\\u0000"}';
        await peer.event({ event: 'trigger', channels: ['php', 'php2', 'nobody'], data });
        await peer.event({ event: 'item', channel: 'php', data: 'd' });
        await peer.event({ event: 'client-x', channel: 'php', data: { a: [1] }, user_id: '9' });
        await peer.event({ event: 'dataless', channel: 'php' });
        for (const client of clients) {
            for (const channel of ['php', 'php2']) {
                const got = await client.expect('trigger');
                assert.deepEqual([got.channel, got.data], [channel, data]);
            }
            await client.expectText('{"event":"item","data":"d","channel":"php"}');
            await client.expectText('{"event":"client-x","channel":"php","data":{"a":[1]},"user_id":"9"}');
            await client.expect('dataless', (got) => got.data === null);
        }
    });

    test('r134_socket_id_of_a_reverb_node_excludes', async () => {
        const [sender, other] = await both();
        for (const client of [sender, other]) await client.subscribe('spare');
        await peer.event({ event: 'e', channels: ['spare'], data: 'd' }, { socket_id: sender.socketId });
        await other.expect('e');
        await sender.fence(api(1), 'spare');
    });

    test('r134_what_is_heard_is_not_said_again', async () => {
        const { mark } = peer;
        await peer.event({ event: 'once', channels: ['spare'], data: 'd' });
        await api(0).publish('spare', 'barrier', 'd');
        await peer.next(({ payload }) => payload?.event === 'barrier', 'barrier', mark);
        assert.equal(peer.heard.length, mark + 2);
    });

    test('r134_events_of_other_apps_are_for_others', async () => {
        const client = await connect(0);
        await client.subscribe('strange');
        await peer.event({ event: 'e', channels: ['strange'], data: 'd' }, { app: 'strange-app' });
        await client.fence(api(0), 'strange');
    });

    test('r134_a_termination_of_a_reverb_node_is_obeyed', async () => {
        const clients = await both();
        const other = await connect(0);
        for (const client of clients) await client.join('presence-end', '7');
        await other.join('presence-end', 'stays');
        await peer.terminate('7');
        for (const client of clients) await client.seek('pusher:error', (got) => got.inner().code === 4009);
        await other.expect('pusher_internal:member_removed');
    });

    test('r135_metrics_are_answered', async () => {
        const clients = [...(await both()), await connect(0)];
        for (const client of clients) await client.subscribe('m');
        for (const [i, id] of ['u0', 'u0', 'u1'].entries()) await clients[i].join('presence-m', id);
        const info = 'occupied,user_count,subscription_count,cache';
        const sorted = (answers) => answers.map((answer) => JSON.stringify(answer)).sort();
        for (const all of await peer.ask('CHANNELS', { filter: null, info: null })) {
            assert.deepEqual([all.m, all['presence-m']], [[], []]);
        }
        assert.deepEqual(sorted(await peer.ask('CHANNELS', { filter: 'presence-m', info })), [
            '{"presence-m":{"occupied":true,"user_count":1}}',
            '{"presence-m":{"occupied":true,"user_count":2}}',
        ]);
        assert.deepEqual(
            sorted(await peer.ask('CHANNELS', { info: 'subscription_count', channels: ['m', 'no'] })),
            ['{"m":{"subscription_count":1},"no":[]}', '{"m":{"subscription_count":2},"no":[]}'],
        );
        assert.deepEqual(sorted(await peer.ask('CHANNEL', { channel: 'm', info })), [
            '{"occupied":true,"subscription_count":1}',
            '{"occupied":true,"subscription_count":2}',
        ]);
        assert.deepEqual(sorted(await peer.ask('CHANNEL', { channel: 'no', info: '' })), [
            '{"occupied":false}',
            '{"occupied":false}',
        ]);
        const users = (await peer.ask('CHANNEL_USERS', { channel: 'presence-m' })).flat();
        assert.deepEqual(users.map(({ id }) => id).sort(), ['u0', 'u0', 'u1']);
        assert.deepEqual(await peer.ask('CHANNEL_USERS', { channel: 'presence-no' }), [[], []]);
        const idle = await connect(1);
        const sockets = (await peer.ask('CONNECTIONS')).flatMap((answer) => Object.keys(answer));
        for (const client of clients) assert.ok(sockets.includes(client.socketId));
        assert.ok(!sockets.includes(idle.socketId));
        for (const client of [...clients, idle]) await client.close();
    });

    test('r135_metrics_of_an_app_that_is_not_here_are_answered_too', async () => {
        const strange = { app: 'strange-app' };
        assert.deepEqual(await peer.ask('CONNECTIONS', {}, strange), [[], []]);
        assert.deepEqual(await peer.ask('CHANNEL', { channel: 'x', info: '' }, strange), [
            { occupied: false },
            { occupied: false },
        ]);
    });
});

describe('rubbish on the channel', () => {
    const cluster = useCluster({ nodes: 1, apps: [app], scaling, env: { FANFARE_DEBUG: '1' } });
    const peer = useReverbPeer(cluster);
    const node = cluster.nodes[0];

    const deep = (levels) => '['.repeat(levels) + ']'.repeat(levels);
    const text = async (wish) => (await peer.php.write({ app: app.app_id, ...wish })).toString();

    async function rubbish() {
        const payload = { event: 'rubbish', channels: ['c'], data: 'd' };
        const good = await text({ kind: 'message', payload });
        const metric = await text({ kind: 'metrics', key: 'QeciusM2PA', type: 'CONNECTIONS' });
        const { application } = JSON.parse(good);
        const message = (other) => JSON.stringify({ type: 'message', application, payload, ...other });
        const list = [
            '',
            'null',
            '7',
            '[]',
            '{}',
            'x'.repeat(5_000_000),
            deep(100_000),
            deep(600),
            '{"type":7}',
            '{"type":"message"}',
            '{"type":"unheard-of","payload":{}}',
            '{"type":"Unasked123","payload":{}}',
            '{"type":"Unasked123","payload":"text"}',
            '{"type":"metrics","payload":"O:45:"}',
            '{"type":"terminate","payload":{"user_id":"1"}}',
            message({ application: 'x' }),
            message({ application: null }),
            message({ application: 'a:0:{}' }),
            message({ application: `O:26:"Laravel\\Reverb\\Application":0:{}` }),
            message({ application: 'a:1:{i:0;'.repeat(50_000) }),
            message({ application: `${application.slice(0, -1)}` }),
            message({ application: application.replace(':11:', ':99999999999:') }),
            message({ payload: null }),
            message({ payload: [] }),
            message({ payload: 'text' }),
            message({ payload: { event: 'rubbish' } }),
            message({ payload: { event: 7, channels: ['c'], data: 'd' } }),
            message({ payload: { event: 'rubbish', channels: 'c', data: 'd' } }),
            message({ payload: { event: 'rubbish', channels: [['c']], data: 'd' } }),
            message({ type: 'terminate', payload: { user_id: {} } }),
            metric.replace('CONNECTIONS', 'CONJECTIONS'),
            metric.replace('QeciusM2PA', '../../etc/'),
            Buffer.from(message({}).replace('rubbish', 'rub\u00ffish'), 'latin1'),
        ];
        for (let cut = 1; cut < good.length; cut += 13) list.push(good.slice(0, cut));
        for (let cut = 1; cut < metric.length; cut += 13) list.push(metric.slice(0, cut));
        return list;
    }

    test('r135_changes_nothing', async () => {
        const client = await PusherClient.connect(node);
        await client.subscribe('c');
        for (const bytes of await rubbish()) {
            assert.equal(await peer.channel.publish(Buffer.from(bytes)), 2);
        }
        const many = Array.from({ length: 100_000 }, () => 'c');
        await peer.event({ event: 'many', channels: many, data: 'd'.repeat(10_000) });
        await client.expect('many');
        await client.fence(node.api(), 'c');
        assert.ok(node.process.isRunning);
        assert.match(node.log, /messages ignored/);
        assert.ok(node.log.match(/ warn.*messages ignored/gi).length < 5, 'warnings are few');
        assert.doesNotMatch(node.log, new RegExp(`its secret|${app.secret}`), 'no secret in the log');
        await client.close();
    });

    test('r135_random_damage_does_no_harm', async () => {
        const texts = [
            await text({ kind: 'message', payload: { event: 'e', channels: ['d'], data: 'd' } }),
            await text({ kind: 'metrics', key: 'QeciusM2PA', type: 'CHANNELS', options: { filter: 'x' } }),
            await text({ kind: 'terminate', payload: { user_id: 'nobody' } }),
        ];
        for (let i = 0; i < 600; i += 1) {
            const bytes = Buffer.from(texts[i % texts.length]);
            for (let hits = 1 + (i % 3); hits > 0; hits -= 1) {
                bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256);
            }
            peer.channel.publish(bytes);
        }
        const client = await PusherClient.connect(node);
        await client.subscribe('fine');
        await client.fence(node.api(), 'fine');
        const stats = await eventually(() => node.api().query('/channels/fine'), 'stats');
        assert.equal(stats.occupied, true);
    });
});
