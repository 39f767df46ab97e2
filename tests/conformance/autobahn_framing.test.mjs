// SPDX-License-Identifier: MIT
// The cases of the Autobahn test suite, families 1 to 5 and 10, as raw frames. Numbers are Autobahn's.
import { describe, test } from 'node:test';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { Echo, whisperOf, whisperOfSize, withEcho } from '../support/echo.mjs';
import { encodeFrame, opcode } from '../support/frames.mjs';

const { continuation, text, binary, close, ping, pong } = opcode;
const hello = whisperOf('Hello, world!');
const [first, second] = [hello.subarray(0, 20), hello.subarray(20)];

describe('autobahn framing', () => {
    const daemon = useDaemon({ apps: [testApp({ max_message_size: 100_000 })] });

    /// Each frame list is sent at once, frame by frame and byte by byte; the outcome is the same.
    async function inEveryChop(frames, check) {
        const bytes = frames.map(encodeFrame);
        const chops = [
            (socket) => socket.write(Buffer.concat(bytes)),
            async (socket) => {
                for (const frame of bytes) await socket.dribble(frame, frame.length);
            },
            (socket) => socket.dribble(Buffer.concat(bytes)),
        ];
        for (const chop of chops) {
            await withEcho(daemon, async (echo) => {
                await chop(echo.socket);
                await check(echo);
            });
        }
    }

    /// The connection fails with 1002, whatever came before.
    const breaks = (frames) => inEveryChop(frames, (echo) => echo.expectFailure(1002));

    /// The same, but something was rightly relayed before.
    const breaksAfterHello = (frames) =>
        inEveryChop([{ payload: hello }, ...frames], async (echo) => {
            await echo.expectEcho(hello);
            await echo.expectFailure(1002);
        });

    for (const [family, op] of [['1_1', text], ['1_2', binary]]) {
        test(`r021_autobahn_${family}_messages_of_every_length_form`, async () => {
            await withEcho(daemon, async (echo) => {
                for (const size of [125, 126, 127, 128, 65535, 65536]) {
                    const message = whisperOfSize(size);
                    echo.socket.send({ op, payload: message });
                    await echo.expectEcho(message);
                    await echo.socket.dribble(encodeFrame({ op, payload: message }), 997);
                    await echo.expectEcho(message);
                }
                await echo.expectAlive();
            });
        });
    }

    test('r021_autobahn_1_1_1_and_6_1_an_empty_message_is_only_malformed_pusher', async () => {
        await withEcho(daemon, async ({ sender, socket }) => {
            socket.send({ op: text });
            await sender.expectError(4200, 'Invalid message format');
            socket.send({ op: text, fin: false });
            socket.send({ op: continuation, fin: false });
            socket.send({ op: continuation });
            await sender.expectError(4200, 'Invalid message format');
            socket.send({ op: binary });
            await sender.expectError(4200, 'Invalid message format');
            await sender.expectNothing();
        });
    });

    test('r021_autobahn_2_1_to_2_4_pings_of_up_to_125_bytes', async () => {
        for (const payload of ['', 'Hello', Buffer.from([0, 255, 254, 253]), Buffer.alloc(125, 0xfe)]) {
            await inEveryChop([{ op: ping, payload }], async (echo) => {
                await echo.socket.expectFrame(pong, payload);
                await echo.expectAlive();
            });
        }
    });

    test('r021_autobahn_2_5_a_ping_of_126_bytes_fails', async () => {
        await breaks([{ op: ping, payload: Buffer.alloc(126, 0xfe) }]);
    });

    test('r021_autobahn_2_7_to_2_9_unsolicited_pongs_are_ignored', async () => {
        const frames = [{ op: pong }, { op: pong, payload: 'unasked' }, { op: ping, payload: 'asked' }];
        await inEveryChop(frames, async (echo) => {
            await echo.socket.expectFrame(pong, 'asked');
            await echo.expectAlive();
        });
    });

    test('r021_autobahn_2_10_ten_pings_are_answered_in_order', async () => {
        const payloads = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
        await inEveryChop(payloads.map((payload) => ({ op: ping, payload })), async (echo) => {
            for (const payload of payloads) await echo.socket.expectFrame(pong, payload);
            await echo.expectAlive();
        });
    });

    test('r021_autobahn_3_reserved_bits_fail', async () => {
        await breaks([{ payload: hello, rsv: 1 }]);
        await breaks([{ payload: hello, rsv: 4 }, { op: ping }]);
        await breaks([{ op: binary, payload: hello, rsv: 5 }]);
        await breaks([{ op: ping, payload: 'x', rsv: 6 }]);
        await breaks([{ op: close, rsv: 7 }]);
        await breaksAfterHello([{ payload: hello, rsv: 2 }, { op: ping }]);
        await breaksAfterHello([{ payload: hello, rsv: 3 }, { op: ping }]);
    });

    test('r021_autobahn_4_1_reserved_data_opcodes_fail', async () => {
        for (const op of [3, 4, 5, 6, 7]) await breaks([{ op }]);
        await breaks([{ op: 4, payload: 'reserved opcode payload' }, { op: ping }]);
        await breaksAfterHello([{ op: 5 }, { op: ping }]);
    });

    test('r021_autobahn_4_2_reserved_control_opcodes_fail', async () => {
        for (const op of [11, 12, 13, 14, 15]) await breaks([{ op }]);
        await breaks([{ op: 12, payload: 'reserved opcode payload' }, { op: ping }]);
        await breaksAfterHello([{ op: 13 }, { op: ping }]);
    });

    test('r021_autobahn_5_1_and_5_2_fragmented_control_frames_fail', async () => {
        for (const op of [ping, pong, close]) {
            await breaks([{ op, payload: 'frag', fin: false }, { op: continuation, payload: 'ment' }]);
        }
    });

    test('r021_autobahn_5_3_to_5_8_fragments_make_one_message', async () => {
        const start = { op: text, payload: first, fin: false };
        const end = { op: continuation, payload: second };
        await inEveryChop([start, end], async (echo) => {
            await echo.expectEcho(hello);
            await echo.expectAlive();
        });
        await inEveryChop([start, { op: ping, payload: 'mid' }, end], async (echo) => {
            await echo.socket.expectFrame(pong, 'mid');
            await echo.expectEcho(hello);
            await echo.expectAlive();
        });
    });

    test('r021_autobahn_5_9_to_5_14_a_continuation_of_nothing_fails', async () => {
        for (const fin of [true, false]) {
            await breaks([{ op: continuation, payload: 'non-continuation', fin }, { payload: hello }]);
            await breaks([{ op: continuation, fin }, { payload: hello }]);
        }
    });

    test('r021_autobahn_5_15_a_continuation_after_a_finished_message_fails', async () => {
        for (const fin of [true, false]) {
            const frames = [
                { op: text, payload: first, fin: false },
                { op: continuation, payload: second },
                { op: continuation, payload: 'fragment3', fin },
                { payload: hello },
            ];
            await inEveryChop(frames, async (echo) => {
                await echo.expectEcho(hello);
                await echo.expectFailure(1002);
            });
        }
    });

    test('r021_autobahn_5_18_a_new_message_inside_a_message_fails', async () => {
        for (const op of [text, binary]) {
            await breaks([{ op: text, payload: first, fin: false }, { op, payload: second }]);
        }
    });

    test('r021_autobahn_5_19_and_5_20_five_fragments_with_pings_between', async () => {
        const fifth = Math.ceil(hello.length / 5);
        const piece = (i) => ({
            op: i === 0 ? text : continuation,
            payload: hello.subarray(i * fifth, (i + 1) * fifth),
            fin: i === 4,
        });
        const frames = [piece(0), piece(1), { op: ping, payload: 'one' }];
        frames.push(piece(2), piece(3), { op: ping, payload: 'two' }, piece(4));
        await inEveryChop(frames, async (echo) => {
            await echo.socket.expectFrame(pong, 'one');
            await echo.socket.expectFrame(pong, 'two');
            await echo.expectEcho(hello);
            await echo.expectAlive();
        });
    });

    test('r021_an_unmasked_frame_fails', async () => {
        await breaks([{ payload: hello, mask: false }]);
        await breaks([{ op: ping, mask: false }]);
    });

    test('r021_autobahn_10_1_1_65536_bytes_in_fragments_of_1300', async () => {
        const echo = await Echo.open(daemon);
        const message = whisperOfSize(65536);
        for (let at = 0; at < message.length; at += 1300) {
            echo.socket.send({
                op: at === 0 ? text : continuation,
                payload: message.subarray(at, at + 1300),
                fin: at + 1300 >= message.length,
            });
        }
        await echo.expectEcho(message);
        await echo.expectAlive();
        echo.destroy();
    });
});
