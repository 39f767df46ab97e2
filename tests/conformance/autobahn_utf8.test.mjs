// SPDX-License-Identifier: MIT
// Autobahn's family 6: UTF-8 in text messages. Numbers are Autobahn's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testApp, useDaemon } from '../support/daemon.mjs';
import { whisperOf, withEcho } from '../support/echo.mjs';
import { encodeFrame, opcode } from '../support/frames.mjs';

const { continuation, text, binary } = opcode;

/// One text message with each byte in a fragment of its own.
const fragmentPerByte = (message) =>
    Buffer.concat(
        Array.from(message, (_, i) =>
            encodeFrame({
                op: i === 0 ? text : continuation,
                payload: message.subarray(i, i + 1),
                fin: i === message.length - 1,
            }),
        ),
    );

const bytes = (hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const valid = {
    '6_2_mixed_scripts': 'ce ba e1 bd b9 cf 83 ce bc ce b5 c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1',
    '6_5_kosme': 'ce ba e1 bd b9 cf 83 ce bc ce b5',
    '6_6_prefix_of_kosme': 'ce ba e1 bd b9',
    '6_7_first_of_each_length': 'c2 80 e0 a0 80 f0 90 80 80',
    '6_9_last_of_each_length': '7f df bf ef bf bf f4 8f bf bf',
    '6_11_around_the_surrogates': 'ed 9f bf ee 80 80 ef bf bd',
    '6_22_noncharacters':
        'ef bf be ef bf bf f0 9f bf be f0 9f bf bf f0 af bf be f1 8f bf bf f4 8f bf be',
    '6_23_replacement_and_specials': 'ef bf b9 ef bf ba ef bf bb ef bf bc ef bf bd',
};

const invalid = {
    '6_3_surrogate_in_the_middle': 'ce ba e1 bd b9 ed a0 80 65 64 69 74 65 64',
    '6_4_above_10ffff_in_the_middle': 'ce ba e1 bd b9 f4 90 80 80 65 64 69 74 65 64',
    '6_6_cut_sequences': 'ce ba e1 bd',
    '6_8_five_bytes': 'f8 88 80 80 80',
    '6_8_six_bytes': 'fc 84 80 80 80 80',
    '6_10_beyond_21_bits': 'f7 bf bf bf',
    '6_10_beyond_26_bits': 'fb bf bf bf bf',
    '6_12_lone_continuation_80': '80',
    '6_12_lone_continuation_bf': 'bf',
    '6_12_many_continuations': '80 bf 80 bf 80 bf',
    '6_13_lone_start_of_two': 'c3 20 c4 20 df 20',
    '6_13_lone_start_of_three': 'e0 20 ef 20',
    '6_13_lone_start_of_four': 'f0 20 f4 20',
    '6_13_fe_and_ff': 'fe ff',
    '6_14_last_byte_missing_of_two': 'c3',
    '6_14_last_byte_missing_of_three': 'e0 80',
    '6_14_last_byte_missing_of_four': 'f0 80 80',
    '6_15_concatenated_incomplete': 'c0 e0 80 f0 80 80',
    '6_17_overlong_slash_of_two': 'c0 af',
    '6_17_overlong_slash_of_three': 'e0 80 af',
    '6_17_overlong_slash_of_four': 'f0 80 80 af',
    '6_18_highest_overlong_of_two': 'c1 bf',
    '6_18_highest_overlong_of_three': 'e0 9f bf',
    '6_18_highest_overlong_of_four': 'f0 8f bf bf',
    '6_19_overlong_nul_of_two': 'c0 80',
    '6_19_overlong_nul_of_three': 'e0 80 80',
    '6_19_overlong_nul_of_four': 'f0 80 80 80',
    '6_20_first_high_surrogate': 'ed a0 80',
    '6_20_last_high_surrogate': 'ed af bf',
    '6_20_first_low_surrogate': 'ed b0 80',
    '6_20_last_low_surrogate': 'ed bf bf',
    '6_21_surrogate_pair': 'ed a0 80 ed b0 80',
    '6_21_last_surrogate_pair': 'ed af bf ed bf bf',
};

describe('autobahn utf-8', () => {
    const daemon = useDaemon({ apps: [testApp()] });

    for (const [name, hex] of Object.entries(valid)) {
        test(`r021_autobahn_${name}_is_relayed_as_sent`, async () => {
            await withEcho(daemon, async (echo) => {
                const message = whisperOf(bytes(hex));
                echo.socket.send({ payload: message });
                await echo.expectEcho(message);
                echo.socket.write(fragmentPerByte(message));
                await echo.expectEcho(message);
                await echo.socket.dribble(encodeFrame({ payload: message }));
                await echo.expectEcho(message);
                await echo.expectAlive();
            });
        });
    }

    for (const [name, hex] of Object.entries(invalid)) {
        test(`r021_autobahn_${name}_fails_with_1007`, async () => {
            const message = whisperOf(bytes(hex));
            const whole = encodeFrame({ payload: message });
            const ways = [
                (socket) => socket.write(whole),
                (socket) => socket.write(fragmentPerByte(message)),
                (socket) => socket.dribble(whole),
            ];
            for (const way of ways) {
                await withEcho(daemon, async (echo) => {
                    await way(echo.socket);
                    await echo.expectFailure(1007);
                });
            }
        });
    }

    test('r021_autobahn_6_6_a_message_may_not_end_inside_a_character', async () => {
        await withEcho(daemon, async (echo) => {
            echo.socket.send({ payload: bytes('ce ba e1 bd') });
            await echo.expectFailure(1007);
        });
        await withEcho(daemon, async (echo) => {
            echo.socket.send({ payload: bytes('ce ba e1'), fin: false });
            echo.socket.send({ op: continuation, payload: bytes('bd') });
            await echo.expectFailure(1007);
        });
    });

    test('r021_a_binary_message_with_invalid_utf8_reaches_nobody', async () => {
        // Section 0.6: whether the sender is told 1007 or 4200 is open, that nobody gets it is not.
        await withEcho(daemon, async (echo) => {
            echo.socket.send({ op: binary, payload: whisperOf(bytes('c0 af')) });
            const frame = await echo.socket.next('an answer');
            assert.ok(frame.op === opcode.close || /4200/.test(frame.payload), `${frame.payload}`);
            await echo.partner.fence(daemon.api(), 'echo');
        });
    });
});
