// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const added = (channel, data) =>
    `{"event":"pusher_internal:member_added","data":${JSON.stringify(data)},"channel":"${channel}"}`;
const removed = (channel, id) =>
    `{"event":"pusher_internal:member_removed","data":${JSON.stringify(`{"user_id":${id}}`)},"channel":"${channel}"}`;

describe('presence', () => {
    const apps = [
        testApp(),
        namedApp('small', { max_presence_members: 3, max_presence_member_size: 100 }),
        namedApp('endless', { max_presence_members: 0, max_presence_member_size: 0 }),
    ];
    const [, small, endless] = apps;
    const daemon = useDaemon({ apps });
    const connect = (app = apps[0]) => PusherClient.connect(daemon, { app });

    /// A member that watches what the others cause, and the channel's fence.
    async function watcher(channel, app = apps[0]) {
        const client = await connect(app);
        await client.join(channel, 'watcher');
        return client;
    }

    test('r045_the_confirmation_lists_count_ids_and_hash_in_join_order', async () => {
        const channel = 'presence-list';
        await (await connect()).join(channel, 'zoe', { name: 'Zoë' });
        await (await connect()).join(channel, 'adam', { name: 'Adam', tags: [] });
        const third = await connect();
        const got = await third.subscribe(channel, '{"user_id":"mia"}');
        assert.deepEqual(got.keys, ['event', 'data', 'channel']);
        assert.equal(
            got.data,
            '{"presence":{"count":3,"ids":["zoe","adam","mia"],"hash":{"zoe":{"name":"Zoë"},"adam":{"name":"Adam","tags":[]},"mia":{}}}}',
        );
    });

    test('r045_hash_is_an_object_for_ids_0_to_n', async () => {
        const channel = 'presence-numbers';
        let last;
        for (const id of ['0', '1', '2']) last = await (await connect()).join(channel, id, { n: id });
        assert.deepEqual(last, {
            count: 3,
            ids: ['0', '1', '2'],
            hash: { 0: { n: '0' }, 1: { n: '1' }, 2: { n: '2' } },
        });
        assert.ok(!Array.isArray(last.hash));
    });

    test('r046_only_the_first_and_the_last_connection_of_a_user_count', async () => {
        const channel = 'presence-tabs';
        const watching = await watcher(channel);
        const tabs = [await connect(), await connect(), await connect()];
        await tabs[0].join(channel, '7', { tab: 1 });
        await watching.expectText(added(channel, '{"user_id":"7","user_info":{"tab":1}}'));
        for (const tab of tabs.slice(1)) {
            const list = await tab.join(channel, '7', { tab: 2 });
            assert.equal(list.count, 2);
            assert.deepEqual(list.hash['7'], { tab: 1 }, 'user_info of the first join is kept');
        }
        await watching.fence(daemon.api(), channel);
        const info = await daemon.api().query(`/channels/${channel}`, { info: 'user_count' });
        assert.deepEqual(info, { occupied: true, user_count: 2 });

        tabs[0].unsubscribe(channel);
        await tabs[0].expectNothing();
        await tabs[1].close();
        await watching.fence(daemon.api(), channel);
        await tabs[2].close();
        await watching.expectText(removed(channel, '"7"'));
        await watching.fence(daemon.api(), channel);
    });

    test('r046_tabs_joining_and_leaving_at_once_announce_one_pair', async () => {
        const channel = 'presence-rush';
        const watching = await watcher(channel);
        const tabs = await Promise.all(Array.from({ length: 10 }, () => connect()));
        await Promise.all(tabs.map((tab) => tab.join(channel, '9')));
        await watching.expect('pusher_internal:member_added');
        await watching.fence(daemon.api(), channel);
        await Promise.all(tabs.map((tab) => tab.close()));
        await watching.expectText(removed(channel, '"9"'));
        await watching.fence(daemon.api(), channel);
    });

    test('r047_the_joiner_is_in_its_own_list_and_not_told_about_itself', async () => {
        const channel = 'presence-self';
        const client = await connect();
        const list = await client.join(channel, '1', { name: 'One' });
        assert.deepEqual(list, { count: 1, ids: ['1'], hash: { 1: { name: 'One' } } });
        await client.fence(daemon.api(), channel);
        const second = await connect();
        await second.join(channel, '2');
        await second.fence(daemon.api(), channel);
        await client.expectText(added(channel, '{"user_id":"2","user_info":{}}'));
    });

    test('r050_a_number_and_a_string_of_the_same_text_are_one_user', async () => {
        const channel = 'presence-types';
        const watching = await watcher(channel);
        const [number, text] = [await connect(), await connect()];
        const first = await number.join(channel, 42, { n: 1 });
        assert.deepEqual(first.ids, ['watcher', '42']);
        await watching.expectText(added(channel, '{"user_id":42,"user_info":{"n":1}}'));
        const second = await text.join(channel, '42', { n: 2 });
        assert.equal(second.count, 2);
        const users = await daemon.api().query(`/channels/${channel}/users`);
        assert.deepEqual(users, { users: [{ id: 'watcher' }, { id: '42' }] });
        await text.close();
        await watching.fence(daemon.api(), channel);
        await number.close();
        const gone = await watching.expect('pusher_internal:member_removed');
        assert.equal(String(gone.inner().user_id), '42');
    });

    test('r050_ids_keep_the_json_type_they_were_signed_with', async () => {
        const channel = 'presence-keep';
        const watching = await watcher(channel);
        for (const [id, json] of [[5, '5'], ['5a', '"5a"']]) {
            const client = await connect();
            await client.join(channel, id);
            await watching.expectText(added(channel, `{"user_id":${json},"user_info":{}}`));
            await client.close();
            await watching.expectText(removed(channel, json));
        }
    });

    test('r051_missing_user_info_is_an_empty_object', async () => {
        const channel = 'presence-info';
        const watching = await watcher(channel);
        const client = await connect();
        const list = await client.join(channel, '1');
        assert.deepEqual(list.hash, { watcher: {}, 1: {} });
        await watching.expectText(added(channel, '{"user_id":"1","user_info":{}}'));
        const given = await connect();
        await given.subscribe(channel, '{"user_id":"2","user_info":{}}');
        await watching.expectText(added(channel, '{"user_id":"2","user_info":{}}'));
    });

    test('r051_an_unusable_user_id_is_refused_and_leaves_no_trace', async () => {
        const channel = 'presence-no-id';
        const client = await connect();
        for (const data of [
            '{}',
            '{"user_info":{"name":"x"}}',
            '{"user_id":null}',
            '{"user_id":""}',
            '{"user_id":[]}',
            '{"user_id":["1"]}',
            '{"user_id":{}}',
            '{"user_id":true}',
            `{"user_id":"${'x'.repeat(129)}"}`,
        ]) {
            client.sendSubscribe(channel, data);
            const got = await client.expect('pusher:subscription_error');
            assert.equal(got.inner().type, 'InvalidData', data);
            await client.expectError(4009);
        }
        client.sendSubscribe(channel);
        await client.expect('pusher:subscription_error');
        await client.expect('pusher:error');
        assert.deepEqual(await daemon.api().query(`/channels/${channel}`), { occupied: false });
        await client.join(channel, 'x'.repeat(128));
    });

    test('r052_subscribing_again_as_another_user_removes_the_old_one', async () => {
        const channel = 'presence-switch';
        const watching = await watcher(channel);
        const client = await connect();
        await client.join(channel, 'old');
        await watching.expect('pusher_internal:member_added');
        const list = await client.join(channel, 'new');
        assert.deepEqual([...list.ids].sort(), ['new', 'watcher']);
        const [first, second] = await watching.take(2);
        assert.equal(first.text, removed(channel, '"old"'));
        assert.equal(second.text, added(channel, '{"user_id":"new","user_info":{}}'));
        await watching.fence(daemon.api(), channel);
        await client.join(channel, 'new');
        await watching.fence(daemon.api(), channel);
        await client.close();
        await watching.expectText(removed(channel, '"new"'));
    });

    test('r053_the_member_limit_counts_users_not_tabs', async () => {
        const channel = 'presence-full';
        const members = [];
        for (const id of ['1', '2', '3']) {
            members.push(await connect(small));
            await members.at(-1).join(channel, id);
        }
        const late = await connect(small);
        late.sendSubscribe(channel, '{"user_id":"4"}');
        await late.expectSubscriptionError(channel, { type: 'LimitReached', code: 4301 });
        const tab = await connect(small);
        assert.equal((await tab.join(channel, '2')).count, 3);
        await members[0].close();
        await members[1].seek('pusher_internal:member_removed');
        assert.equal((await late.join(channel, '4')).count, 3);
    });

    test('r053_who_may_not_become_another_user_remains_what_it_was', async () => {
        const channel = 'presence-stay';
        const members = [];
        for (const id of ['1', '2', '3', '3']) {
            members.push(await connect(small));
            await members.at(-1).join(channel, id);
        }
        const [first, , , last] = members;
        for (let i = 0; i < 2; i += 1) await first.expect('pusher_internal:member_added');
        last.sendSubscribe(channel, '{"user_id":"4"}');
        await last.expectSubscriptionError(channel, { type: 'LimitReached', code: 4301 });
        await last.fence(daemon.api(small), channel);
        await first.fence(daemon.api(small), channel);
        await members[2].close();
        await first.fence(daemon.api(small), channel);
        await last.close();
        await first.expectText(removed(channel, '"3"'));
    });

    test('r053_the_size_of_a_member_is_limited', async () => {
        const client = await connect(small);
        const sized = (size) => `{"user_id":"1","user_info":"${'x'.repeat(size - 30)}"}`;
        assert.equal(sized(100).length, 100);
        await client.subscribe('presence-sized', sized(100));
        const other = await connect(small);
        other.sendSubscribe('presence-sized', sized(101));
        await other.expectSubscriptionError('presence-sized', { type: 'LimitReached', code: 4301 });
    });

    test('r053_0_means_no_limit_and_the_default_is_100', async () => {
        for (const [app, limit] of [[endless, 110], [apps[0], 100]]) {
            const channel = 'presence-hundred';
            const clients = await Promise.all(Array.from({ length: limit }, () => connect(app)));
            await Promise.all(clients.map((client, i) => {
                client.sendSubscribe(channel, JSON.stringify({ user_id: String(i) }));
                return client.seek('pusher_internal:subscription_succeeded');
            }));
            const info = await daemon.api(app).query(`/channels/${channel}`, { info: 'user_count' });
            assert.equal(info.user_count, limit);
            if (app === endless) continue;
            const late = await connect(app);
            late.sendSubscribe(channel, '{"user_id":"101st"}');
            await late.expectSubscriptionError(channel, { type: 'LimitReached', code: 4301 });
        }
    });
});
