// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { inWaves, pace } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const disabled = 'The app does not have client messaging enabled.';
const stranger = 'The client is not a member of the specified channel.';

describe('client events', () => {
    const apps = [
        testApp({ accept_client_events_from: 'members' }),
        namedApp('none', { accept_client_events_from: 'none' }),
        namedApp('members', { accept_client_events_from: 'members' }),
        namedApp('all', { accept_client_events_from: 'all' }),
        namedApp('limits', { max_event_name_length: 20, max_event_data: 50 }),
        namedApp('private', { client_events_public: false }),
        namedApp('calm', { max_client_events_per_second: 3 }),
    ];
    const [, none, members, all, limits, privateOnly, calm] = apps;
    const daemon = useDaemon({ apps });

    const connect = (app = apps[0]) => PusherClient.connect(daemon, { app });

    /// Several connections in a channel; with 2 shards they are on both.
    async function room(channel, count, app = apps[0]) {
        const clients = await inWaves(count, count, () => connect(app));
        for (const client of clients) await client.subscribe(channel);
        return clients;
    }

    test('r060_relayed_to_all_others_and_never_to_the_sender', async () => {
        for (const channel of ['room', 'private-room', 'private-encrypted-room']) {
            const [sender, ...others] = await room(channel, 8);
            const outsider = await connect();
            sender.whisper(channel, 'client-typing', { a: 1 });
            for (const client of others) {
                await client.expectText(
                    `{"event":"client-typing","channel":"${channel}","data":{"a":1}}`,
                );
            }
            await sender.fence(daemon.api(), channel);
            await outsider.expectNothing();
        }
    });

    test('r060_on_a_presence_channel_user_id_is_last', async () => {
        const [sender, other] = [await connect(), await connect()];
        await sender.join('presence-room', '7');
        await other.join('presence-room', '8');
        await sender.expect('pusher_internal:member_added');
        sender.whisper('presence-room', 'client-typing', { a: 1 });
        await other.expectText(
            '{"event":"client-typing","channel":"presence-room","data":{"a":1},"user_id":"7"}',
        );
        await sender.expectNothing();
    });

    test('r060_events_of_one_sender_keep_their_order', async () => {
        const [sender, ...others] = await room('ordered', 4);
        for (let i = 0; i < 300; i += 1) sender.whisper('ordered', 'client-n', i);
        for (const client of others) {
            for (let i = 0; i < 300; i += 1) await client.expect('client-n', (got) => got.data === i);
        }
    });

    test('r061_data_arrives_as_sent', async () => {
        const [sender, other] = await room('bytes', 2);
        for (const data of [
            '{}',
            '[]',
            '1.0',
            '1e3',
            '-0',
            '"5"',
            '"{\\"a\\":1}"',
            '""',
            'null',
            'true',
            '9007199254740993',
            '18446744073709551615',
            '123456789012345678901234567890',
            '0.1000000000000000055511151231257827',
            '{"a":{},"b":[],"c":[{}]}',
            '{"0":"a","1":"b"}',
            '{"b":1,"a":2,"b":3}',
            '{ "spaced" : [ 1 , 2 ] }',
            '"\\u00e9 é \\/ / \\ud83d\\ude00 😀"',
            '{"k":"line\\nbreak\\u0000"}',
        ]) {
            sender.sendText(`{"event":"client-x","channel":"bytes","data":${data}}`);
            const got = await other.next('client-x');
            assert.equal(got.text, `{"event":"client-x","channel":"bytes","data":${data}}`);
        }
        sender.sendText('{"event":"client-x","channel":"bytes"}');
        await other.expectText('{"event":"client-x","channel":"bytes","data":null}');
        sender.sendText('{"data":[1],"channel":"bytes","event":"client-x"}');
        await other.expectText('{"event":"client-x","channel":"bytes","data":[1]}');
    });

    test('r062_user_id_comes_from_the_subscription_with_its_json_type', async () => {
        const [text, number, other] = [await connect(), await connect(), await connect()];
        await other.join('presence-ids', 'watcher');
        await text.join('presence-ids', '7');
        await number.join('presence-ids', 8);
        for (const id of ['7', 8]) await other.expect('pusher_internal:member_added', (got) => got.inner().user_id === id);
        const forged = { channel: 'presence-ids', data: 1, user_id: '1', channels: ['x'], socket_id: '1.1', extra: {} };
        text.send('client-x', forged);
        await other.expectText('{"event":"client-x","channel":"presence-ids","data":1,"user_id":"7"}');
        number.send('client-x', forged);
        await other.expectText('{"event":"client-x","channel":"presence-ids","data":1,"user_id":8}');
    });

    test('r062_extra_keys_are_dropped_also_in_mode_all', async () => {
        const victim = await connect(all);
        const [other] = await room('x', 1, all);
        await victim.subscribe('victims');
        const outsider = await connect(all);
        outsider.send('client-x', { channel: 'x', channels: ['victims'], data: {}, user_id: '1', foo: 1 });
        await other.expectText('{"event":"client-x","channel":"x","data":{}}');
        await victim.fence(daemon.api(all), 'victims');
        const present = await connect(all);
        await present.join('presence-y', '5');
        outsider.send('client-x', { channel: 'presence-y', data: {}, user_id: '5' });
        await present.expectText('{"event":"client-x","channel":"presence-y","data":{}}');
    });

    test('r063_mode_none_refuses_with_4301_also_members', async () => {
        const [sender, other] = await room('room', 2, none);
        sender.whisper('room', 'client-x', {});
        await sender.expectError(4301, disabled);
        await other.fence(daemon.api(none), 'room');
    });

    test('r063_mode_members_refuses_strangers_with_4009', async () => {
        for (const app of [members, apps[0]]) {
            const [member] = await room('room-m', 1, app);
            const outsider = await connect(app);
            outsider.whisper('room-m', 'client-x', {});
            await outsider.expectError(4009, stranger);
            outsider.whisper('nobody-is-here', 'client-x', {});
            await outsider.expectError(4009, stranger);
            await member.fence(daemon.api(app), 'room-m');
            await outsider.subscribe('room-m');
            outsider.whisper('room-m', 'client-y', {});
            await member.expect('client-y');
            outsider.unsubscribe('room-m');
            outsider.whisper('room-m', 'client-z', {});
            await outsider.expectError(4009, stranger);
        }
    });

    test('r063_mode_all_relays_without_membership', async () => {
        const [member] = await room('open', 1, all);
        const outsider = await connect(all);
        outsider.whisper('open', 'client-x', { b: 2 });
        await member.expectText('{"event":"client-x","channel":"open","data":{"b":2}}');
        await outsider.expectNothing();
    });

    test('r063_public_channels_may_be_switched_off', async () => {
        const clients = await room('public', 2, privateOnly);
        clients[0].whisper('public', 'client-x', {});
        await clients[0].expect('pusher:error');
        await clients[1].fence(daemon.api(privateOnly), 'public');
        const [one, two] = await room('private-ok', 2, privateOnly);
        one.whisper('private-ok', 'client-x', {});
        await two.expect('client-x');
    });

    test('r063_limits_of_name_and_data_are_refused_with_4301', async () => {
        const [sender, other] = await room('private-l', 2, limits);
        const longest = `client-${'n'.repeat(13)}`;
        sender.whisper('private-l', longest, '"'.repeat(50));
        await other.expect(longest);
        sender.whisper('private-l', `${longest}n`, 1);
        await sender.expectError(4301);
        sender.whisper('private-l', 'client-x', 'x'.repeat(51));
        await sender.expectError(4301);
        await other.fence(daemon.api(limits), 'private-l');
    });

    test('r063_more_than_the_app_allows_in_a_second_are_refused_with_4301', async () => {
        const [sender, other] = await room('private-calm', 2, calm);
        for (let i = 0; i < 20; i += 1) sender.whisper('private-calm', 'client-n', i);
        sender.send('pusher:ping', { data: {} });
        let refused = 0;
        for (;;) {
            const got = await sender.next();
            if (got.event === 'pusher:pong') break;
            assert.deepEqual(got.inner(), { code: 4301, message: 'Rate limit exceeded' });
            refused += 1;
        }
        assert.ok(refused > 0 && refused <= 17, `${refused} of 20 were refused`);
        for (let i = refused; i < 20; i += 1) await other.expect('client-n');
        await other.fence(daemon.api(calm), 'private-calm');
        await pace(400); // a third of a second buys one
        sender.whisper('private-calm', 'client-again', 1);
        await other.seek('client-again');
    });

    test('r064_activity_on_another_app_changes_nothing', async () => {
        const [sender, other] = await room('same-name', 2, members);
        const closed = await connect(none);
        await closed.subscribe('same-name');
        const foreign = await connect(all);
        for (let round = 0; round < 5; round += 1) {
            closed.whisper('same-name', 'client-x', {});
            await closed.expectError(4301, disabled);
            foreign.whisper('same-name', 'client-foreign', {});
            sender.whisper('same-name', 'client-x', round);
            await other.expect('client-x', (got) => got.data === round);
        }
        await closed.fence(daemon.api(none), 'same-name');
        await sender.expectNothing();
        await foreign.expectNothing();
    });

    test('r065_missing_or_non_string_channel_is_malformed', async () => {
        const client = await connect();
        for (const text of [
            '{"event":"client-x","data":{}}',
            '{"event":"client-x","channel":null,"data":{}}',
            '{"event":"client-x","channel":7,"data":{}}',
            '{"event":"client-x","channel":["a"],"data":{}}',
            '{"event":"client-x","channel":{},"data":{}}',
            '{"event":"client-x","channel":"","data":{}}',
        ]) {
            client.sendText(text);
            await client.expectError(4200, 'Invalid message format');
        }
        await client.expectNothing();
    });
});
