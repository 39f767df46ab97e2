// SPDX-License-Identifier: MIT
// Hostile and broken peers: a healthy pair must not notice them.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import net from 'node:net';
import { describe, test } from 'node:test';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { eventually, inWaves, pace } from '../support/deadline.mjs';
import { encodeFrame } from '../support/frames.mjs';
import { HttpConnection } from '../support/http.mjs';
import { appPath, PusherClient } from '../support/pusher_client.mjs';
import { RawWebSocket, upgradeBytes } from '../support/raw_websocket.mjs';
import { track } from '../support/sockets.mjs';

const path = appPath(testApp());

describe('garbage', () => {
    const daemon = useDaemon({ apps: [testApp({ accept_client_events_from: 'members' })] });

    /// A pair that whispers and receives published events while `attack` runs, none late or lost.
    async function whileAttacked(attack) {
        const [ann, bob] = [await PusherClient.connect(daemon), await PusherClient.connect(daemon)];
        await ann.subscribe('healthy');
        await bob.subscribe('healthy');
        let attacking = true;
        const healthy = (async () => {
            for (let i = 0; attacking || i < 5; i += 1) {
                ann.whisper('healthy', 'client-n', i);
                await bob.expect('client-n', (got) => got.data === i);
                await daemon.api().publish('healthy', 'e', String(i));
                for (const client of [ann, bob]) await client.expect('e', (got) => got.data === String(i));
                await pace(5);
            }
        })();
        const attacked = attack().finally(() => (attacking = false));
        await Promise.all([attacked, healthy]);
        await ann.close();
        await bob.close();
        await eventually(async () => (await daemon.api().connections()) === 0, 'no connection is left');
    }

    /// A bare TCP connection; resolves when it is open.
    const dial = () =>
        new Promise((resolve, reject) => {
            const socket = track(net.connect({ host: daemon.host, port: daemon.port }));
            socket.on('data', () => {});
            socket.once('connect', () => resolve(socket)).once('error', reject);
        });

    const closed = (socket) =>
        new Promise((resolve) => (socket.destroyed ? resolve() : socket.once('close', resolve)));

    test('r011_random_bytes_instead_of_a_request', () =>
        whileAttacked(() =>
            inWaves(200, 50, async () => {
                const socket = await dial();
                for (let i = 0; i < 4; i += 1) socket.write(randomBytes(randomInt(1, 2000)));
                socket.end();
                await closed(socket);
            }),
        ));

    test('r011_half_handshakes_that_are_cut_anywhere', () =>
        whileAttacked(() =>
            inWaves(200, 50, async (i) => {
                const head = upgradeBytes(path);
                const socket = await dial();
                socket.write(head.slice(0, i % head.length));
                await new Promise(setImmediate);
                if (i % 2) socket.destroy();
                else socket.resetAndDestroy();
            }),
        ));

    test('r021_random_bytes_as_frames', () =>
        whileAttacked(() =>
            inWaves(200, 50, async () => {
                const socket = await RawWebSocket.open(daemon, path);
                socket.write(randomBytes(randomInt(1, 4000)));
                socket.socket.end();
                await closed(socket.socket);
            }),
        ));

    test('r030_random_json_as_messages', () =>
        whileAttacked(() =>
            inWaves(100, 25, async () => {
                const client = await PusherClient.connect(daemon);
                const values = [null, 1, '', 'x', [], {}, { channel: 'healthy' }, '{"channel":1}', [[]]];
                const pick = () => values[randomInt(values.length)];
                const events = ['pusher:subscribe', 'pusher:unsubscribe', 'pusher:signin', 'client-', 'client-x', 'pusher:', ''];
                for (let i = 0; i < 30; i += 1) {
                    const event = events[randomInt(events.length)];
                    const channel = [undefined, 'elsewhere', 7, null][randomInt(4)];
                    client.sendText(JSON.stringify({ event, data: pick(), channel, auth: pick() }));
                }
                client.socket.socket.end();
                await closed(client.socket.socket);
            }),
        ));

    test('r049_abrupt_resets_of_subscribed_clients', () =>
        whileAttacked(() =>
            inWaves(200, 50, async (i) => {
                const client = await PusherClient.connect(daemon);
                client.sendSubscribe('presence-storm', `{"user_id":"${i % 10}"}`);
                client.sendSubscribe('healthy');
                if (i % 3 === 0) await client.next();
                client.socket.reset();
            }),
        ));

    test('r049_connecting_and_leaving_at_once', () =>
        whileAttacked(() =>
            inWaves(300, 100, async (i) => {
                const socket = await dial();
                if (i % 3 === 0) socket.write(upgradeBytes(path));
                if (i % 2) socket.resetAndDestroy();
                else socket.end();
                await closed(socket);
            }),
        ));

    test('r021_a_message_of_many_tiny_fragments', () =>
        whileAttacked(() =>
            inWaves(20, 10, async () => {
                const client = await PusherClient.connect(daemon);
                const frames = Array.from({ length: 5000 }, (_, i) =>
                    encodeFrame({ op: i === 0 ? 1 : 0, payload: i % 2 ? ' ' : '', fin: false }),
                );
                client.socket.write(Buffer.concat(frames));
                client.socket.send({ op: 0, payload: '{"event":"pusher:ping"}' });
                await client.expectText('{"event":"pusher:pong"}');
                client.socket.destroy();
            }),
        ));

    test('r095_slow_loris_requests_hold_nobody_up', () =>
        whileAttacked(async () => {
            const lorises = await inWaves(100, 50, () => dial());
            const head = upgradeBytes(path);
            for (let i = 0; i < 60; i += 1) {
                for (const socket of lorises) if (socket.writable) socket.write(head[i]);
                await pace(20);
            }
            for (const socket of lorises) socket.destroy();
        }));

    test('r095_requests_that_nobody_reads_the_answers_of', () =>
        whileAttacked(() =>
            inWaves(20, 20, async () => {
                const connection = await HttpConnection.open(daemon);
                const request = daemon.api().bytes('GET', '/channels');
                connection.write(Buffer.concat(Array.from({ length: 200 }, () => request)));
                connection.reset();
            }),
        ));

    test('r085_unpaired_surrogates_never_become_invalid_utf8', async () => {
        const client = await PusherClient.connect(daemon);
        await client.subscribe('surrogates');
        for (const data of ['\\ud800', '\\udc00x', '\\ud800\\ud800', 'a\\udbff']) {
            const body = `{"name":"e","channel":"surrogates","data":"${data}"}`;
            const { status } = await daemon.api().post('/events', body);
            assert.ok([200, 400].includes(status), `status ${status}`);
            if (status === 200) {
                const frame = await client.socket.next();
                new TextDecoder('utf-8', { fatal: true }).decode(frame.payload);
            }
        }
        await client.expectNothing();
        await client.close();
    });
});
