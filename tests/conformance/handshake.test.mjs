// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon, WITH_TLS } from '../support/daemon.mjs';
import { encodeFrame } from '../support/frames.mjs';
import { fetchRaw, HttpConnection } from '../support/http.mjs';
import { appPath, expectRefused, PusherClient } from '../support/pusher_client.mjs';
import { acceptFor, RawWebSocket, upgradeBytes } from '../support/raw_websocket.mjs';

const path = appPath(testApp());

describe('upgrade', () => {
    const daemon = useDaemon();

    test('r001_upgrade_gives_101_with_the_right_accept_key', async () => {
        // The example of RFC 6455, section 1.3.
        const key = 'dGhlIHNhbXBsZSBub25jZQ==';
        assert.equal(acceptFor(key), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
        const socket = await RawWebSocket.open(daemon, path, { key });
        assert.equal(socket.handshake.version, 'HTTP/1.1');
        assert.equal(socket.handshake.status, 101);
        assert.equal(socket.handshake.headers.upgrade.toLowerCase(), 'websocket');
        assert.equal(socket.handshake.headers.connection.toLowerCase(), 'upgrade');
        assert.equal(socket.handshake.headers['sec-websocket-accept'], acceptFor(key));
        assert.equal(socket.handshake.headers['x-powered-by'], undefined);
    });

    test('r001_no_sub_protocol_and_no_extension_is_selected', async () => {
        const socket = await RawWebSocket.open(daemon, path, {
            headers: {
                'Sec-WebSocket-Protocol': 'pusher, chat',
                'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
            },
        });
        assert.equal(socket.handshake.headers['sec-websocket-protocol'], undefined);
        assert.equal(socket.handshake.headers['sec-websocket-extensions'], undefined);
    });

    test('r001_header_names_and_tokens_are_case_insensitive', async () => {
        await PusherClient.connect(daemon, {
            headers: { Upgrade: 'WebSocket', Connection: 'keep-alive, upgrade' },
        });
        await PusherClient.connect(daemon, {
            headers: { Upgrade: undefined, upgrade: 'websocket', Connection: undefined, connection: 'Upgrade' },
        });
    });

    test('r001_the_key_in_the_path_is_percent_decoded', async () => {
        const encoded = testApp().key.replace('-', '%2D');
        const socket = await RawWebSocket.open(daemon, `/app/${encoded}?protocol=7`);
        await new PusherClient(socket).expect('pusher:connection_established');
    });

    test('r001_a_trailing_slash_is_404', async () => {
        const socket = await RawWebSocket.open(daemon, `/app/${testApp().key}/`, { anyStatus: true });
        assert.equal(socket.handshake.status, 404);
        assert.match(socket.handshake.body, /^Not found\./);
    });

    test('r001_an_upgrade_byte_by_byte_works', async () => {
        const connection = await HttpConnection.open(daemon);
        await connection.writePieces(upgradeBytes(path), 1);
        assert.equal((await connection.response()).status, 101);
        connection.close();
    });

    test('r002_first_frame_is_connection_established', async () => {
        const client = await PusherClient.connect(daemon);
        const { text, keys, data, inner } = client.established;
        assert.deepEqual(keys, ['event', 'data']);
        assert.equal(typeof data, 'string');
        assert.deepEqual(Object.keys(inner()), ['socket_id', 'activity_timeout']);
        assert.equal(
            text,
            `{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"${client.socketId}\\",\\"activity_timeout\\":30}"}`,
        );
        await client.expectNothing();
    });

    test('r002_messages_in_the_segment_of_the_upgrade_are_handled_after_it', async () => {
        const early = Buffer.concat([
            encodeFrame({ payload: '{"event":"pusher:ping"}' }),
            encodeFrame({ payload: '{"event":"pusher:subscribe","data":{"channel":"early"}}' }),
        ]);
        const client = await PusherClient.connect(daemon, { early });
        await client.expectText('{"event":"pusher:pong"}');
        await client.expect('pusher_internal:subscription_succeeded', (got) => got.channel === 'early');
    });

    test('r012_get_without_upgrade_is_426', async () => {
        const response = await fetchRaw(daemon, { target: path });
        assert.equal(response.status, 426);
        assert.doesNotMatch(response.body, /</, 'text, not HTML');
    });

    test('r012_upgrade_on_up_and_on_the_api_is_an_ordinary_answer', async () => {
        const up = await RawWebSocket.open(daemon, '/up', { anyStatus: true });
        assert.equal(up.handshake.status, 200);
        assert.deepEqual(up.handshake.json(), { health: 'OK' });
        assert.equal(up.handshake.headers.upgrade, undefined);
        const api = await RawWebSocket.open(daemon, '/apps/app/channels', { anyStatus: true });
        assert.equal(api.handshake.status, 401);
        const unknown = await RawWebSocket.open(daemon, '/nowhere', { anyStatus: true });
        assert.equal(unknown.handshake.status, 404);
        assert.match(unknown.handshake.body, /^Not found\./);
    });
});

describe('activity_timeout', () => {
    const apps = [
        testApp(),
        namedApp('short', { activity_timeout: 7 }),
        namedApp('long', { activity_timeout: 120 }),
    ];
    const daemon = useDaemon({ apps });

    test('r004_activity_timeout_is_the_apps_and_never_0', async () => {
        for (const [app, seconds] of [[apps[0], 30], [apps[1], 7], [apps[2], 120]]) {
            const client = await PusherClient.connect(daemon, { app });
            assert.equal(client.established.inner().activity_timeout, seconds);
        }
    });
});

for (const configured of ['ws', '/ws', '/ws/']) {
    describe(`prefix written ${configured}`, () => {
        const daemon = useDaemon({ server: { path: configured } });

        test(`r005_prefix_${configured.replaceAll('/', 'slash_')}_holds_for_every_route`, async () => {
            const client = await PusherClient.connect(daemon, { prefix: '/ws' });
            await client.subscribe('orders');
            assert.equal((await fetchRaw(daemon, { target: '/ws/up' })).status, 200);
            const event = { name: 'e', channel: 'orders', data: '1' };
            const sent = await daemon.api().post('/events', event, { prefix: '/ws' });
            assert.equal(sent.status, 200, sent.body);
            await client.expect('e');

            const bare = await RawWebSocket.open(daemon, path, { anyStatus: true });
            assert.equal(bare.handshake.status, 404);
            assert.equal((await fetchRaw(daemon, { target: '/up' })).status, 404);
            assert.equal((await daemon.api().post('/events', event)).status, 404);
        });
    });
}

describe('protocol version', () => {
    const daemon = useDaemon();

    test('r006_versions_4_to_7_and_none_are_accepted', async () => {
        for (const query of ['', 'client=js', 'protocol=4', 'protocol=5', 'protocol=6', 'protocol=7']) {
            await PusherClient.connect(daemon, { query });
        }
        await PusherClient.connect(daemon, { query: 'flash=false&x=y&protocol=7&unknown=%20&version=' });
    });

    test('r006_other_integers_are_4007', async () => {
        for (const version of ['0', '1', '2', '3', '8', '99']) {
            const refused = appPath(testApp(), `protocol=${version}`);
            await expectRefused(daemon, refused, 4007, 'Unsupported protocol version');
        }
    });

    test('r006_what_is_not_an_integer_is_4006', async () => {
        for (const version of ['abc', '7.0', '7x', '0x7']) {
            const refused = appPath(testApp(), `protocol=${version}`);
            await expectRefused(daemon, refused, 4006, 'Invalid version string format');
        }
    });
});

describe('refusals', () => {
    const apps = [
        testApp(),
        namedApp('off', { enabled: false }),
        namedApp('secure', { tls_only: true }),
        namedApp('mine', { allowed_origins: ['mine.test'] }),
    ];
    const [, off, secure, mine] = apps;
    const daemon = useDaemon({ apps });

    test('r007_unknown_key_is_4001_and_tcp_is_closed', async () => {
        await expectRefused(daemon, '/app/nobody?protocol=7', 4001, 'Application does not exist');
    });

    test('r013_every_refusal_sends_the_error_first_and_the_same_close_second', async () => {
        const tls = 'Application only accepts SSL connections, reconnect using wss://';
        if (!WITH_TLS) await expectRefused(daemon, appPath(secure), 4000, tls);
        await expectRefused(daemon, '/app/app-keY', 4001, 'Application does not exist');
        await expectRefused(daemon, appPath(off), 4003, 'Application disabled');
        await expectRefused(daemon, appPath(mine), 4009, 'Origin not allowed');
    });

    test('r013_checks_come_in_the_documented_order', async () => {
        // App before enabled before TLS before protocol before origin.
        await expectRefused(daemon, '/app/nobody?protocol=99', 4001);
        await expectRefused(daemon, appPath(off, 'protocol=99'), 4003);
        await expectRefused(daemon, appPath(secure, 'protocol=99'), WITH_TLS ? 4007 : 4000);
        await expectRefused(daemon, appPath(mine, 'protocol=99'), 4007);
    });
});
