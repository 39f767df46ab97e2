// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { encodeFrame } from '../support/frames.mjs';
import { appPath } from '../support/pusher_client.mjs';
import { RawWebSocket } from '../support/raw_websocket.mjs';

const path = appPath(testApp());

describe('malformed handshakes', () => {
    const daemon = useDaemon();

    /// The upgrade is answered by `status`, and nothing but the end follows, whatever the client sends.
    async function expectStatus(status, request) {
        const socket = await RawWebSocket.open(daemon, path, { anyStatus: true, ...request });
        assert.equal(socket.handshake.status, status, socket.handshake.body);
        assert.equal(socket.handshake.headers['sec-websocket-accept'], undefined);
        assert.doesNotMatch(socket.handshake.body, /</);
        socket.write(encodeFrame({ payload: '{"event":"pusher:ping"}' }));
        await socket.expectEnd();
        assert.equal(socket.unparsed.length, 0, `bytes after the answer: ${socket.unparsed}`);
        return socket.handshake;
    }

    test('r011_no_key_or_a_wrong_one_is_400', async () => {
        await expectStatus(400, { headers: { 'Sec-WebSocket-Key': undefined } });
        await expectStatus(400, { key: 'c2hvcnQ=' });
        await expectStatus(400, { key: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' });
        await expectStatus(400, { key: '!!!!!!!!!!!!!!!!!!!!!!==' });
    });

    test('r011_no_connection_upgrade_is_400', async () => {
        await expectStatus(400, { headers: { Connection: undefined } });
        await expectStatus(400, { headers: { Connection: 'close' } });
    });

    test('r011_no_host_is_400', async () => {
        await expectStatus(400, { headers: { Host: undefined } });
    });

    test('r011_another_websocket_version_is_426_naming_13', async () => {
        for (const version of ['12', '8', 'abc', '', undefined]) {
            const answer = await expectStatus(426, { headers: { 'Sec-WebSocket-Version': version } });
            assert.equal(answer.headers['sec-websocket-version'], '13');
        }
    });

    test('r011_another_upgrade_is_426', async () => {
        await expectStatus(426, { headers: { Upgrade: 'h2c' } });
        await expectStatus(426, { headers: { Upgrade: undefined } });
    });

    test('r011_a_wrong_method_is_no_upgrade', async () => {
        const socket = await RawWebSocket.open(daemon, path, { anyStatus: true, method: 'POST' });
        assert.ok([400, 405].includes(socket.handshake.status), `status ${socket.handshake.status}`);
    });
});
