// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually, pace } from '../support/deadline.mjs';
import { opcode } from '../support/frames.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const SECOND = 1000;
const PING = '{"event":"pusher:ping"}';
const noPong = 'Pong reply not received in time';

describe('liveness', { concurrency: true }, () => {
    const quick = { ping_interval: 1, pong_timeout: 1 };
    const apps = [
        testApp(quick),
        namedApp('calm', { ping_interval: 3, pong_timeout: 1 }),
        namedApp('slow'),
        namedApp('pruned', quick),
    ];
    const [, calm, slow, pruned] = apps;
    const daemon = useDaemon({ apps });

    /// Waits for the server's ping; it may not come before the interval (less the wheel's grain).
    async function expectPing(client, since) {
        await client.expectText(PING);
        const idle = Date.now() - since;
        assert.ok(idle > 0.7 * SECOND, `pinged after ${idle} ms of an interval of 1000`);
    }

    test('r016_pusher_ping_with_any_data_is_answered_by_a_bare_pong', async () => {
        const client = await PusherClient.connect(daemon, { app: slow });
        for (const data of ['', ',"data":{}', ',"data":null', ',"data":"x"', ',"data":7', ',"data":[1]']) {
            client.sendText(`{"event":"pusher:ping"${data}}`);
            await client.expectText('{"event":"pusher:pong"}');
        }
    });

    test('r017_ws_ping_payload_is_echoed_also_between_fragments', async () => {
        const { socket } = await PusherClient.connect(daemon, { app: slow });
        for (const payload of ['', 'p', Buffer.from([0, 255, 254, 0]), Buffer.alloc(125, 0xfe)]) {
            socket.send({ op: opcode.ping, payload });
            await socket.expectFrame(opcode.pong, payload);
        }
        socket.send({ payload: '{"event":"pusher', fin: false });
        socket.send({ op: opcode.ping, payload: 'between' });
        await socket.expectFrame(opcode.pong, 'between');
        socket.send({ op: opcode.continuation, payload: ':ping"}' });
        await socket.expectFrame(opcode.text, '{"event":"pusher:pong"}');
    });

    test('r018_an_idle_client_is_pinged_and_then_closed_with_4201', async () => {
        const start = Date.now();
        const client = await PusherClient.connect(daemon);
        await expectPing(client, start);
        await client.expectTermination(4201, noPong);
        // From the start on, as the ping may have been read late.
        const waited = Date.now() - start;
        assert.ok(waited > 1.7 * SECOND, `closed after ${waited} ms; both times are 1000`);
    });

    test('r018_outbound_frames_are_no_sign_of_life', async () => {
        const client = await PusherClient.connect(daemon);
        await client.subscribe('busy');
        const publishing = (async () => {
            for (let i = 0; i < 12; i += 1) {
                await daemon.api().publish('busy', 'e', '1');
                await pace(150);
            }
        })();
        await client.seek('pusher:ping', undefined, 2.5 * SECOND);
        await publishing;
    });

    test('r019_a_client_that_used_control_frames_gets_ws_pings', async () => {
        const use = async (op, reply) => {
            const start = Date.now();
            const { socket } = await PusherClient.connect(daemon);
            socket.send({ op, payload: 'x' });
            if (reply) await socket.expectFrame(opcode.pong, 'x');
            for (let round = 0; round < 2; round += 1) {
                await socket.expectFrame(opcode.ping, '');
                socket.send({ op: opcode.pong, payload: '' });
            }
            assert.ok(Date.now() - start > 1.4 * SECOND);
            await socket.expectFrame(opcode.ping, '');
            const last = await new PusherClient(socket).expectError(4201, noPong);
            assert.equal(last.code, 4201);
            await socket.expectClose(4201);
        };
        await Promise.all([use(opcode.ping, true), use(opcode.pong, false)]);
    });

    test('r020_every_kind_of_inbound_frame_answers_the_servers_ping', async () => {
        const answers = {
            'pusher:pong': ({ client }) => client.send('pusher:pong', { data: {} }),
            'any text': ({ client }) => client.send('foo', { channel: 'x' }),
            'a malformed text': ({ client }) => client.sendText('{'),
            binary: ({ socket }) => socket.send({ op: opcode.binary, payload: '{"event":"foo","channel":"x"}' }),
            'a fragment': ({ socket, round }) =>
                socket.send({ op: round === 0 ? opcode.text : opcode.continuation, payload: ' ', fin: false }),
            'a control frame': ({ socket }) => socket.send({ op: opcode.pong }),
        };
        const run = async ([name, answer]) => {
            const client = await PusherClient.connect(daemon);
            for (let round = 0; round < 3; round += 1) {
                // The next frame must be a ping each time: not error 4201.
                let frame = await client.socket.next(`ping ${round} (${name})`);
                if (frame?.payload.includes('Invalid message')) frame = await client.socket.next('ping');
                const isPing = frame.op === opcode.ping || frame.payload.toString() === PING;
                assert.ok(isPing, `${name}: ${frame.payload}`);
                answer({ client, socket: client.socket, round });
            }
            client.socket.destroy();
        };
        await Promise.all(Object.entries(answers).map(run));
    });

    test('r020_a_client_that_keeps_talking_is_not_pinged', async () => {
        const talk = async (speak) => {
            const client = await PusherClient.connect(daemon, { app: calm });
            for (let i = 0; i < 14; i += 1) {
                await pace(300);
                speak(client);
            }
            await client.expectNothing();
        };
        await Promise.all([
            talk((client) => client.send('pusher:pong')),
            talk((client) => client.socket.send({ op: opcode.pong })),
            talk((client) => client.send('foo', { channel: 'x' })),
        ]);
    });

    test('r020_a_dead_unsubscribed_connection_is_pruned_and_no_longer_counted', async () => {
        const api = daemon.api(pruned);
        const client = await PusherClient.connect(daemon, { app: pruned });
        client.socket.socket.pause();
        await eventually(async () => (await api.connections()) === 1, 'it is counted');
        await eventually(
            async () => (await api.connections()) === 0,
            'the silent connection is pruned',
            10 * SECOND,
        );
    });
});
