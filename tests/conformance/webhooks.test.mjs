// SPDX-License-Identifier: MIT
// What the daemon tells its apps; how requests are made, repeated and given up: tests/webhooks.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { counted, metricsAnywhere } from '../support/metrics.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { behaviours, WebhookReceiver } from '../support/webhook_receiver.mjs';

const debounce = Math.round(DEADLINE / 12);
const quick = { webhook_batch_window_ms: 20, webhook_debounce_ms: debounce };

describe('webhooks', () => {
    const app = testApp(quick);
    const filtered = namedApp('filtered', quick);
    const receivers = [new WebhookReceiver(app), new WebhookReceiver(filtered)];
    const [receiver, selective] = receivers;
    before(async () => {
        for (const each of receivers) await each.start();
        app.webhooks = [receiver.url];
        filtered.webhooks = [
            { url: selective.url, events: ['channel_occupied'], channel_prefix: 'private-' },
        ];
    });
    const daemon = useDaemon({ apps: [app, filtered], server: metricsAnywhere });
    after(() => receivers.forEach((each) => each.close()));
    const connect = (its = app) => PusherClient.connect(daemon, { app: its });

    const all = (channel, from = receiver) =>
        from.events.filter((event) => event.channel === channel);
    /// Those that each subscription causes have a test of their own.
    const about = (channel, from = receiver) =>
        all(channel, from).filter(({ name }) => name !== 'subscription_count');
    /// Waits for exactly these events about a channel; a later event of another is the barrier.
    async function expectEvents(channel, expected, from = receiver) {
        await eventually(
            () => about(channel, from).length >= expected.length,
            `${expected.length} events of ${channel}`,
        );
        assert.deepEqual(about(channel, from), expected);
    }

    test('r100_the_sdk_accepts_the_signature_and_reads_the_events', async () => {
        const client = await connect();
        await client.subscribe('signed');
        await expectEvents('signed', [{ name: 'channel_occupied', channel: 'signed' }]);
        assert.ok(receiver.requests.every(({ isValid }) => isValid));
        const names = receiver.requests[0].rawHeaders;
        for (const name of ['X-Pusher-Key', 'X-Pusher-Signature']) assert.ok(names.includes(name));
        assert.ok(Math.abs(receiver.requests[0].timeMs - Date.now()) < 60_000);
    });

    test('r100_what_is_given_up_is_logged_and_counted', async () => {
        const lost = () => counted(daemon, 'webhook_events', 'dead_letter', 'result');
        const before = await lost();
        receiver.answer(behaviours.status(410));
        const client = await connect();
        await client.subscribe('given-up');
        const line = /warn.* webhook given up app=app .*first_channel=given-up reason=/;
        await eventually(() => line.test(daemon.log), 'a line in the log');
        receiver.answer(behaviours.ok);
        assert.ok((await lost()) > before);
    });

    test('r101_a_channel_is_occupied_once_and_vacated_once_whoever_is_in_it', async () => {
        const channel = 'private-r101';
        const clients = await Promise.all([1, 2, 3, 4].map(() => connect()));
        for (const client of clients) await client.subscribe(channel);
        clients[0].unsubscribe(channel);
        await clients[0].expectNothing();
        for (const client of clients.slice(1)) await client.close();
        const occupied = { name: 'channel_occupied', channel };
        await expectEvents(channel, [occupied, { name: 'channel_vacated', channel }]);
        await clients[0].subscribe(channel);
        await expectEvents(channel, [occupied, { name: 'channel_vacated', channel }, occupied]);
    });

    test('r101_a_member_is_added_once_and_removed_once_whoever_it_connects_by', async () => {
        const channel = 'presence-r101';
        const clients = await Promise.all([1, 2, 3].map(() => connect()));
        await clients[0].join(channel, 7);
        await clients[1].join(channel, '7');
        await clients[2].join(channel, 'zoe');
        for (const client of clients) await client.close();
        await eventually(() => about(channel).length === 6, 'all events');
        const names = about(channel).map(({ name, user_id: id }) => [name, id]);
        assert.deepEqual(names.slice(0, 3), [
            ['channel_occupied', undefined],
            ['member_added', '7'],
            ['member_added', 'zoe'],
        ]);
        assert.deepEqual(names.slice(3, 5).sort(), [
            ['member_removed', '7'],
            ['member_removed', 'zoe'],
        ]);
        assert.deepEqual(names[5], ['channel_vacated', undefined]);
        assert.deepEqual(Object.keys(about(channel)[1]), ['name', 'channel', 'user_id']);
    });

    test('r102_who_returns_in_time_emits_nothing', async () => {
        const channel = 'presence-r102';
        const [one, two] = [await connect(), await connect()];
        await one.join(channel, '7');
        await one.close();
        await two.join(channel, '7');
        two.unsubscribe(channel);
        await two.join(channel, '7');
        const witness = await connect();
        await witness.join(channel, 'witness');
        await expectEvents(channel, [
            { name: 'channel_occupied', channel },
            { name: 'member_added', channel, user_id: '7' },
            { name: 'member_added', channel, user_id: 'witness' },
        ]);
    });

    test('r052_another_user_of_the_same_connection_is_a_change_of_members', async () => {
        const channel = 'presence-r052';
        const client = await connect();
        await client.join(channel, 'old');
        await client.join(channel, 'new');
        await expectEvents(channel, [
            { name: 'channel_occupied', channel },
            { name: 'member_added', channel, user_id: 'old' },
            { name: 'member_added', channel, user_id: 'new' },
            { name: 'member_removed', channel, user_id: 'old' },
        ]);
    });

    test('r036_refused_subscriptions_and_sign_ins_emit_nothing', async () => {
        const client = await connect();
        client.send('pusher:subscribe', { data: { channel: 'private-r036', auth: 'no' } });
        await client.expectSubscriptionError('private-r036', { type: 'AuthError', status: 401 });
        await client.signIn({ id: 'r036' });
        await client.subscribe('after-r036');
        await expectEvents('after-r036', [{ name: 'channel_occupied', channel: 'after-r036' }]);
        assert.deepEqual(about('private-r036'), []);
        assert.deepEqual(receiver.events.filter(({ channel }) => channel.startsWith('#')), []);
    });

    test('r105_client_events_of_private_and_presence_channels', async () => {
        const [one, two] = [await connect(), await connect()];
        await one.subscribe('public-r105');
        await one.subscribe('private-r105');
        await one.join('presence-r105', 7);
        one.whisper('public-r105', 'client-x', 1);
        one.whisper('private-r105', 'client-x', { a: 1.0 });
        one.whisper('private-r105', 'client-y', 'text');
        one.whisper('presence-r105', 'client-x', null);
        await two.subscribe('private-r105');
        const channel = 'private-r105';
        const common = { name: 'client_event', channel, socket_id: one.socketId };
        await eventually(() => about(channel).length === 3, 'two client events');
        assert.deepEqual(
            about(channel).slice(1).map((event) => [Object.keys(event).join(), event]),
            [
                { event: 'client-x', data: '{"a":1}' },
                { event: 'client-y', data: 'text' },
            ].map((fields) => ['name,channel,event,data,socket_id', { ...common, ...fields }]),
        );
        await eventually(() => about('presence-r105').length === 3, 'a client event of a member');
        const [, , ofMember] = about('presence-r105');
        assert.equal(ofMember.user_id, '7');
        assert.equal(ofMember.data, 'null');
        assert.equal(about('public-r105').length, 1);
    });

    test('r105_a_cache_miss_once_in_a_while', async () => {
        const channel = 'cache-r105';
        const clients = await Promise.all([1, 2, 3].map(() => connect()));
        for (const client of clients) await client.subscribe(channel);
        await eventually(() => about(channel).length >= 2, 'events');
        await daemon.api().publish(channel, 'e', '1');
        await (await connect()).subscribe(channel);
        const names = about(channel).map(({ name }) => name).sort();
        assert.deepEqual(names, ['cache_miss', 'channel_occupied']);
    });

    test('r105_subscription_counts', async () => {
        const channel = 'counted-r105';
        const [one, two] = [await connect(), await connect()];
        await one.subscribe(channel);
        await two.subscribe(channel);
        await two.close();
        const counts = () =>
            all(channel).filter(({ name }) => name === 'subscription_count');
        await eventually(() => counts().length === 3, 'three counts');
        assert.deepEqual(counts().map((event) => event.subscription_count), [1, 2, 1]);
    });

    test('r104_the_filters_of_an_endpoint_apply', async () => {
        const client = await connect(filtered);
        for (const channel of ['public', 'private-a', 'presence-a', 'private-b']) {
            if (channel.startsWith('presence-')) await client.join(channel, '7');
            else await client.subscribe(channel);
        }
        await eventually(() => selective.events.length >= 2, 'two events');
        assert.deepEqual(selective.events.map(({ channel }) => channel).sort(), [
            'private-a',
            'private-b',
        ]);
    });

    test('r103_a_hanging_receiver_delays_nobody', async () => {
        const client = await connect();
        const hang = 0.4 * DEADLINE;
        receiver.answerNext((response) => setTimeout(() => response.end(), hang));
        await client.subscribe('r103-hang');
        const start = Date.now();
        for (let i = 0; i < 50; i += 1) await client.subscribe(`r103-${i}`);
        assert.ok(Date.now() - start < 0.9 * hang, `took ${Date.now() - start} ms`);
        await eventually(() => about('r103-49').length === 1, 'the last event');
    });
});
