// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { closeOf, opcode } from '../support/frames.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { channelAuth } from '../support/sign.mjs';

const malformed = 'Invalid message format';
const subscribe = (data) => `{"event":"pusher:subscribe","data":${data}}`;

describe('messages', () => {
    const daemon = useDaemon();

    /// Each text is answered by 4200 and the connection still works. 20 of them in 10 s would close it,
    /// so a new connection is used before.
    async function expectMalformed(texts) {
        let client;
        for (const [i, text] of texts.entries()) {
            if (i % 15 === 0) client = await PusherClient.connect(daemon);
            client.sendText(text);
            const got = await client.next(`an answer to ${text}`);
            assert.equal(got.event, 'pusher:error', `${text} is answered by ${got.text}`);
            assert.deepEqual(got.inner(), { code: 4200, message: malformed }, text);
            assert.equal(got.text.includes('"data":"{'), true);
            await client.expectNothing();
        }
    }

    test('r030_what_is_no_json_object_is_malformed', async () => {
        await expectMalformed([
            'hello',
            '',
            ' ',
            '{',
            '{"event":"pusher:ping"',
            '{"event":"pusher:ping"}}',
            '{"event":"pusher:ping"} x',
            '{"event":"pusher:ping"}{"event":"pusher:ping"}',
            '\ufeff{"event":"pusher:ping"}',
            '{"event":"pusher:ping",}',
            "{'event':'pusher:ping'}",
            '{event:"pusher:ping"}',
            '{"event":"pusher:ping"} // comment',
            '{"event":"pusher:\u0001ping"}',
            '{"event":"\\x"}',
            '{"event":"pusher:ping","data":01}',
            '{"event":"pusher:ping","data":NaN}',
            'null',
            'true',
            '42',
            '"pusher:ping"',
            '[]',
            '[{"event":"pusher:ping"}]',
            '{}',
        ]);
    });

    test('r030_event_must_be_a_non_empty_string', async () => {
        await expectMalformed([
            '{"data":{}}',
            '{"event":""}',
            '{"event":null,"channel":"c"}',
            '{"event":7}',
            '{"event":["pusher:ping"]}',
            '{"event":{"a":1}}',
            '{"Event":"pusher:ping"}',
        ]);
    });

    test('r030_subscribe_needs_an_object_with_a_string_channel', async () => {
        await expectMalformed([
            '{"event":"pusher:subscribe"}',
            subscribe('null'),
            subscribe('[]'),
            subscribe('"orders"'),
            subscribe('{}'),
            subscribe('{"channel":null}'),
            subscribe('{"channel":7}'),
            subscribe('{"channel":true}'),
            subscribe('{"channel":["a"]}'),
            '{"event":"pusher:subscribe","channel":"orders"}',
            subscribe('{"channel":"c","auth":7}'),
            subscribe('{"channel":"c","auth":{}}'),
            subscribe('{"channel":"c","channel_data":7}'),
            subscribe('{"channel":"c","channel_data":{"user_id":"1"}}'),
        ]);
        await expectMalformed([
            subscribe('{"channel":"c","channel_data":"not json"}'),
            subscribe('{"channel":"c","channel_data":"[]"}'),
            subscribe('{"channel":"c","channel_data":"7"}'),
            '{"event":"pusher:unsubscribe"}',
            '{"event":"pusher:unsubscribe","data":{}}',
            '{"event":"pusher:unsubscribe","data":{"channel":null}}',
        ]);
    });

    test('r030_nesting_deeper_than_64_is_malformed', async () => {
        const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
        await expectMalformed([
            `{"event":"pusher:ping","data":${nested(64)}}`,
            `{"event":"client-x","channel":"c","data":${nested(2000)}}`,
            '['.repeat(9000),
            `{"event":"pusher:ping","data":${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}}`,
        ]);
        const client = await PusherClient.connect(daemon);
        client.sendText(`{"event":"pusher:ping","data":${nested(60)}}`);
        await client.expectText('{"event":"pusher:pong"}');
    });

    test('r030_white_space_extra_keys_and_duplicate_keys_are_accepted', async () => {
        const client = await PusherClient.connect(daemon);
        for (const text of [
            ' \r\n\t{ "event" : "pusher:ping" }\n ',
            '{"x":1,"event":"pusher:ping","y":[{"event":"no"}]}',
            '{"event":"foo","event":"pusher:ping"}',
            '{"event":"pusher\\u003aping"}',
            '{"data":{"event":"foo"},"event":"pusher:ping"}',
        ]) {
            client.sendText(text);
            await client.expectText('{"event":"pusher:pong"}');
        }
        client.sendText(subscribe('{"channel":"first","channel":"last"}'));
        await client.expect('pusher_internal:subscription_succeeded', (got) => got.channel === 'last');
    });

    test('r030_a_flood_of_malformed_messages_is_closed_with_4100', async () => {
        const client = await PusherClient.connect(daemon);
        for (let i = 0; i < 40; i += 1) client.sendText('{');
        let answers = 0;
        for (;;) {
            const frame = await client.socket.next('4200 or CLOSE');
            if (frame.op === opcode.close) {
                assert.equal(closeOf(frame.payload).code, 4100);
                break;
            }
            if (frame.payload.includes('4200')) answers += 1;
        }
        assert.ok(answers >= 19 && answers <= 21, `${answers} answers before the close`);
    });

    test('r031_unknown_pusher_events_are_malformed', async () => {
        await expectMalformed([
            '{"event":"pusher:"}',
            '{"event":"pusher:foo","channel":"c"}',
            '{"event":"pusher:pusher:ping"}',
            '{"event":"pusher:connection_established","data":"{}"}',
            '{"event":"pusher:error","data":{}}',
            '{"event":"pusher:PING"}',
        ]);
    });

    test('r031_other_unknown_events_are_ignored_with_a_channel_and_malformed_without', async () => {
        const [client, other] = [await PusherClient.connect(daemon), await PusherClient.connect(daemon)];
        await client.subscribe('room');
        await other.subscribe('room');
        for (const event of ['foo', 'pusher_internal:member_added', 'Client-x', 'client', 'Pusher:ping', ' ']) {
            client.send(event, { channel: 'room', data: {} });
            await client.expectNothing();
        }
        await other.fence(daemon.api(), 'room');
        await expectMalformed([
            '{"event":"foo"}',
            '{"event":"foo","channel":null}',
            '{"event":"foo","channel":7}',
            '{"event":"pusher_internal:subscription_succeeded","data":"{}"}',
        ]);
    });

    test('r032_double_encoded_data_of_subscribe_works', async () => {
        const client = await PusherClient.connect(daemon);
        const send = (data) => client.send('pusher:subscribe', { data: JSON.stringify(data) });
        send({ channel: 'plain' });
        await client.expect('pusher_internal:subscription_succeeded', (got) => got.channel === 'plain');
        const auth = channelAuth(daemon.app, client.socketId, 'private-a');
        send({ channel: 'private-a', auth });
        await client.expect('pusher_internal:subscription_succeeded', (got) => got.channel === 'private-a');
        const member = '{"user_id":"1"}';
        send({
            channel: 'presence-a',
            channel_data: member,
            auth: channelAuth(daemon.app, client.socketId, 'presence-a', member),
        });
        await client.expect('pusher_internal:subscription_succeeded', (got) => got.channel === 'presence-a');
        client.send('pusher:unsubscribe', { data: '{"channel":"plain"}' });
        await client.expectNothing();
        await eventually(
            async () => !(await daemon.api().query('/channels/plain')).occupied,
            'the channel is empty',
        );
    });

    test('r033_unsubscribe_has_no_answer_and_ends_the_events', async () => {
        const [client, stays] = [await PusherClient.connect(daemon), await PusherClient.connect(daemon)];
        for (const channel of ['unknown', 'presence-unknown', '', 'x'.repeat(300)]) {
            client.unsubscribe(channel);
        }
        await client.expectNothing();
        await client.subscribe('news');
        await stays.subscribe('news');
        client.unsubscribe('news');
        await client.expectNothing();
        await daemon.api().publish('news', 'late', '1');
        await stays.expect('late');
        await client.expectNothing();
        client.unsubscribe('news');
        await client.expectNothing();
        await client.subscribe('news');
        await daemon.api().publish('news', 'again', '1');
        await client.seek('again'); // "late" may still be on its way from another node
    });

    test('r033_no_event_follows_an_unsubscribe_under_load', async () => {
        const client = await PusherClient.connect(daemon);
        let publishing = true;
        const publisher = (async () => {
            while (publishing) await daemon.api().publish('load', 'e', '1');
        })();
        for (let round = 0; round < 30; round += 1) {
            await client.subscribe('load');
            await client.expect('e');
            client.unsubscribe('load');
            client.send('pusher:ping');
            await client.seek('pusher:pong');
            // Answers keep the order: what comes after the pong comes after the unsubscription.
            await client.expectNothing();
        }
        publishing = false;
        await publisher;
    });
});
