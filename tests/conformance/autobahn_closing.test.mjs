// SPDX-License-Identifier: MIT
// Autobahn's family 7 (closing) and the sizes and kinds of messages. Numbers are Autobahn's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { whisperOf, whisperOfSize, withEcho } from '../support/echo.mjs';
import { closePayload, opcode } from '../support/frames.mjs';

const { continuation, text, binary, close, ping } = opcode;
const hello = whisperOf('Hello, world!');

describe('closing', () => {
    const daemon = useDaemon();

    /// A CLOSE with this payload is answered with `code`.
    const answers = (payload, code, reason) =>
        withEcho(daemon, async (echo) => {
            echo.socket.send({ op: close, payload });
            const got = await echo.socket.expectClose(code);
            assert.deepEqual(got.messages, []);
            if (reason !== undefined) assert.equal(got.reason, reason);
        });

    test('r021_autobahn_7_1_1_a_message_before_close_is_still_handled', async () => {
        await withEcho(daemon, async (echo) => {
            echo.socket.send({ payload: hello });
            echo.socket.sendClose(1000);
            await echo.expectEcho(hello);
            await echo.socket.expectClose(1000);
        });
    });

    test('r021_autobahn_7_1_2_to_7_1_4_nothing_after_close_is_handled', async () => {
        const afterClose = [
            [{ op: close, payload: closePayload(1000) }],
            [{ op: ping, payload: 'late' }],
            [{ payload: hello }],
        ];
        for (const late of afterClose) {
            await withEcho(daemon, async (echo) => {
                echo.socket.sendClose(1000);
                for (const frame of late) echo.socket.send(frame);
                const got = await echo.socket.expectClose(1000);
                assert.deepEqual(got.messages, []);
                await echo.partner.fence(daemon.api(), 'echo');
            });
        }
    });

    test('r021_autobahn_7_1_5_close_inside_a_fragmented_message', async () => {
        await withEcho(daemon, async (echo) => {
            echo.socket.send({ payload: hello.subarray(0, 9), fin: false });
            echo.socket.sendClose(1000);
            echo.socket.send({ op: continuation, payload: hello.subarray(9) });
            await echo.socket.expectClose(1000);
            await echo.partner.fence(daemon.api(), 'echo');
        });
    });

    test('r024_autobahn_7_3_1_an_empty_close_is_answered_with_1000', async () => {
        await answers('', 1000);
    });

    test('r021_autobahn_7_3_2_a_close_of_one_byte_fails', async () => {
        await answers('a', 1002);
    });

    test('r024_autobahn_7_3_3_to_7_3_5_code_and_reason_are_echoed', async () => {
        await answers(closePayload(1000), 1000, '');
        await answers(closePayload(1000, 'Hello World!'), 1000, 'Hello World!');
        const longest = '*'.repeat(123);
        await answers(closePayload(1000, longest), 1000, longest);
        await answers(closePayload(3000, 'Grüße'), 3000, 'Grüße');
    });

    test('r021_autobahn_7_3_6_a_reason_of_124_bytes_fails', async () => {
        await answers(closePayload(1000, '*'.repeat(124)), 1002);
    });

    test('r021_autobahn_7_5_1_a_reason_of_invalid_utf8_fails', async () => {
        const reason = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex');
        await answers(Buffer.concat([closePayload(1000), reason]), 1007);
    });

    for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) {
        test(`r021_autobahn_7_7_valid_code_${code}_is_echoed`, () => answers(closePayload(code), code));
    }

    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999]) {
        test(`r021_autobahn_7_9_invalid_code_${code}_fails`, () => answers(closePayload(code), 1002));
    }

    test('r021_autobahn_7_13_codes_from_5000_end_the_connection', async () => {
        for (const code of [5000, 65535]) {
            await withEcho(daemon, async (echo) => {
                echo.socket.send({ op: close, payload: closePayload(code) });
                const frame = await echo.socket.next('CLOSE');
                assert.equal(frame.op, close);
            });
        }
    });
});

describe('message size and kind', () => {
    const limit = 1000;
    const daemon = useDaemon({ apps: [testApp({ max_message_size: limit })] });

    test('r022_a_message_of_exactly_the_limit_is_handled', async () => {
        await withEcho(daemon, async (echo) => {
            const message = whisperOfSize(limit);
            for (const op of [text, binary]) {
                echo.socket.send({ op, payload: message });
                await echo.expectEcho(message);
            }
            for (let at = 0; at < limit; at += 300) {
                const payload = message.subarray(at, at + 300);
                echo.socket.send({ op: at === 0 ? text : continuation, payload, fin: at + 300 >= limit });
            }
            await echo.expectEcho(message);
            await echo.expectAlive();
        });
    });

    test('r022_one_byte_more_is_1009', async () => {
        for (const op of [text, binary]) {
            await withEcho(daemon, async (echo) => {
                echo.socket.send({ op, payload: whisperOfSize(limit + 1) });
                await echo.expectFailure(1009);
            });
        }
    });

    test('r022_fragments_are_summed', async () => {
        await withEcho(daemon, async (echo) => {
            const message = whisperOfSize(limit + 1);
            echo.socket.send({ payload: message.subarray(0, 600), fin: false });
            echo.socket.send({ op: ping, payload: 'not counted' });
            await echo.socket.expectFrame(opcode.pong, 'not counted');
            echo.socket.send({ op: continuation, payload: message.subarray(600) });
            await echo.expectFailure(1009);
        });
    });

    test('r022_a_declared_length_over_the_limit_is_refused_before_it_is_sent', async () => {
        for (const declaredLength of [limit + 1, 1_000_000, 2 ** 40]) {
            await withEcho(daemon, async (echo) => {
                echo.socket.send({ declaredLength, payload: 'only a start' });
                await echo.expectFailure(1009);
            });
        }
    });

    test('r023_a_binary_frame_with_json_is_handled_as_text', async () => {
        await withEcho(daemon, async (echo) => {
            echo.socket.send({ op: binary, payload: '{"event":"pusher:ping"}' });
            await echo.socket.expectFrame(text, '{"event":"pusher:pong"}');
            echo.socket.send({ op: binary, payload: hello });
            await echo.expectEcho(hello);
            echo.socket.send({ op: binary, payload: Buffer.from([0, 1, 2]) });
            await echo.sender.expectError(4200, 'Invalid message format');
        });
    });
});
