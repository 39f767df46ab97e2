// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { eventually } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const succeeded = (channel) =>
    `{"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"${channel}"}`;

describe('subscriptions', () => {
    const apps = [
        testApp(),
        namedApp('capped', { max_subscriptions: 3 }),
        namedApp('short', { max_channel_name_length: 20 }),
        namedApp('lenient', { channel_charset: 'lenient' }),
        namedApp('reverb', { subscription_errors: 'reverb' }),
        namedApp('channel', { subscription_errors: 'channel' }),
    ];
    const [, capped, short, lenient, reverb, channelOnly] = apps;
    const daemon = useDaemon({ apps });

    test('r034_the_confirmation_is_the_documented_text', async () => {
        const client = await PusherClient.connect(daemon);
        for (const channel of ['orders', 'private-orders', 'private-encrypted-orders']) {
            client.sendSubscribe(channel);
            await client.expectText(succeeded(channel));
        }
    });

    test('r034_the_confirmation_precedes_every_event_of_the_channel', async () => {
        let publishing = true;
        let sent = 0;
        const publisher = (async () => {
            while (publishing) {
                const number = String(sent++);
                await daemon.api().publish(['race-0', 'race-1', 'race-2', 'race-3'], 'e', number);
            }
        })();
        try {
            for (let round = 0; round < 40; round += 1) {
                const client = await PusherClient.connect(daemon);
                await client.subscribe(`race-${round % 4}`);
                // What was published before may still be on its way to a node that follows it since
                // an earlier round.
                const confirmed = sent;
                const first = Number((await client.expect('e')).data);
                assert.ok(first <= confirmed, `${first} came first, not ${confirmed}`);
                assert.equal(Number((await client.expect('e')).data), first + 1, 'no gap after it');
                client.socket.destroy();
            }
        } finally {
            publishing = false;
            await publisher;
        }
    });

    test('r035_subscribing_twice_answers_twice_and_counts_once', async () => {
        const client = await PusherClient.connect(daemon);
        await client.subscribe('twice');
        client.sendSubscribe('twice');
        await client.expectText(succeeded('twice'));
        await eventually(async () => {
            const info = { info: 'subscription_count' };
            const got = await daemon.api().query('/channels/twice', info);
            assert.deepEqual(got, { occupied: true, subscription_count: 1 });
            return true;
        }, 'it is counted once');
        await daemon.api().publish('twice', 'once', '1');
        await client.expect('once');
        await client.fence(daemon.api(), 'twice');
        client.unsubscribe('twice');
        await client.expectNothing();
        await eventually(
            async () => !(await daemon.api().query('/channels/twice')).occupied,
            'the channel is empty',
        );
    });

    test('r036_a_failed_subscription_gets_both_frames_and_leaves_no_trace', async () => {
        const client = await PusherClient.connect(daemon);
        for (const channel of ['private-secret', 'presence-secret', 'private-encrypted-secret']) {
            for (const auth of [{ auth: `app-key:${'0'.repeat(64)}` }, { auth: null }, { auth: '' }, {}]) {
                const data = { channel, ...auth };
                if (channel.startsWith('presence')) data.channel_data = '{"user_id":"1"}';
                client.send('pusher:subscribe', { data });
                await client.expectText(
                    `{"event":"pusher:subscription_error","data":"{\\"type\\":\\"AuthError\\",\\"error\\":\\"Connection is unauthorized\\",\\"status\\":401}","channel":"${channel}"}`,
                );
                await client.expectText(
                    '{"event":"pusher:error","data":"{\\"code\\":4009,\\"message\\":\\"Connection is unauthorized\\"}"}',
                );
            }
            const api = daemon.api();
            const info = { info: 'subscription_count,user_count' };
            assert.deepEqual(await api.query(`/channels/${channel}`, info), { occupied: false });
            const listed = await api.query('/channels');
            assert.ok(!(channel in listed.channels), `${channel} is listed`);
        }
        const users = await daemon.api().query('/channels/presence-secret/users');
        assert.deepEqual(users, { users: [] });
        // Still usable, and not a member by mistake.
        await daemon.api().publish('private-secret', 'e', '1');
        await client.subscribe('private-secret');
        await client.fence(daemon.api(), 'private-secret');
    });

    test('r036_subscription_errors_chooses_the_frames', async () => {
        const refused = { data: { channel: 'private-x', auth: 'no' } };
        const first = await PusherClient.connect(daemon, { app: reverb });
        first.send('pusher:subscribe', refused);
        await first.expectError(4009, 'Connection is unauthorized');
        await first.expectNothing();
        const second = await PusherClient.connect(daemon, { app: channelOnly });
        second.send('pusher:subscribe', refused);
        await second.expect('pusher:subscription_error', (got) => got.channel === 'private-x');
        await second.expectNothing();
    });

    test('r036_hash_channels_are_refused_to_who_is_not_signed_in', async () => {
        const client = await PusherClient.connect(daemon);
        for (const channel of ['#server-to-user-7', '#other', '#']) {
            client.sendSubscribe(channel);
            const got = await client.expect('pusher:subscription_error');
            assert.equal(got.channel, channel);
            await client.expectError(4009);
        }
    });

    /// Every name is refused with InvalidChannel and the connection goes on.
    async function expectInvalid(client, names) {
        for (const channel of names) {
            client.sendSubscribe(channel);
            await client.expectSubscriptionError(channel, { type: 'InvalidChannel', status: 4009 });
        }
        await client.expectNothing();
    }

    test('r038_names_too_long_empty_or_with_a_forbidden_character_are_refused', async () => {
        const client = await PusherClient.connect(daemon);
        await expectInvalid(client, ['', 'x'.repeat(201), `private-${'x'.repeat(193)}`]);
        await expectInvalid(client, ['a b', 'a:b', 'a/b', 'a"b', 'a\\b', 'a\nb', 'ä', 'a#b', 'a*b', 'a\u0000']);
        const longest = 'x'.repeat(200);
        for (const name of [longest, 'aZ0_-=@,.;', '-', 'null', 'Laravel.User.1']) {
            await client.subscribe(name);
        }
    });

    test('r038_the_length_limit_is_the_apps', async () => {
        const client = await PusherClient.connect(daemon, { app: short });
        await client.subscribe('x'.repeat(20));
        await expectInvalid(client, ['x'.repeat(21)]);
    });

    test('r038_the_lenient_charset_allows_what_json_and_paths_bear', async () => {
        const client = await PusherClient.connect(daemon, { app: lenient });
        for (const name of ['orders:42', 'größe', 'a*b', '日本', 'a#b', "it's"]) await client.subscribe(name);
        await expectInvalid(client, ['a b', 'a"b', 'a\\b', 'a/b', 'a\tb', 'a\u007fb', '']);
    });

    test('r039_subscriptions_per_connection_are_capped', async () => {
        const client = await PusherClient.connect(daemon, { app: capped });
        for (const channel of ['a', 'b', 'private-c']) await client.subscribe(channel);
        client.sendSubscribe('d');
        await client.expectSubscriptionError('d', { type: 'LimitReached', code: 4301 });
        await client.subscribe('a');
        client.unsubscribe('b');
        await client.subscribe('d');
        client.sendSubscribe('presence-e', '{"user_id":"1"}');
        await client.expectSubscriptionError('presence-e', { type: 'LimitReached', code: 4301 });
        await (await PusherClient.connect(daemon, { app: capped })).subscribe('e');
    });

    test('r044_prefixes_need_their_hyphen_and_their_case', async () => {
        const client = await PusherClient.connect(daemon);
        for (const name of [
            'privatefoo',
            'presencefoo',
            'cachefoo',
            'private_foo',
            'Private-x',
            'PRESENCE-x',
            'xprivate-x',
            'private',
            'presence',
        ]) {
            client.send('pusher:subscribe', { data: { channel: name } });
            await client.expectText(succeeded(name));
        }
        const counts = await daemon.api().query('/channels/presencefoo', {
            info: 'user_count,subscription_count',
        });
        assert.deepEqual(counts, { occupied: true, subscription_count: 1 });
    });
});
