// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const name = 'pusher_internal:watchlist_events';

describe('watchlists', () => {
    const apps = [testApp({ watchlist_events: true }), namedApp('off')];
    const daemon = useDaemon({ apps });
    const connect = (app = apps[0]) => PusherClient.connect(daemon, { app });

    /// A connection of `id` that watches these users; and the state it was told.
    async function watch(id, watchlist) {
        const client = await connect();
        await client.signIn({ id, watchlist });
        const got = await client.expect(name);
        assert.deepEqual(got.keys, ['event', 'data']);
        return [client, got.inner().events];
    }

    const online = async (id) => {
        const client = await connect();
        await client.signIn({ id });
        return client;
    };

    test('r074_the_state_of_all_comes_after_the_sign_in', async () => {
        await online('a1');
        await online('a2');
        const [, events] = await watch('watcher-a', ['a1', 'a3', 'a2', 'a1']);
        assert.deepEqual(events, [
            { name: 'online', user_ids: ['a1', 'a2'] },
            { name: 'offline', user_ids: ['a3'] },
        ]);
    });

    test('r074_a_kind_without_users_is_left_out', async () => {
        const [, events] = await watch('watcher-b', ['b1', 'b2']);
        assert.deepEqual(events, [{ name: 'offline', user_ids: ['b1', 'b2'] }]);
    });

    test('r074_an_empty_watchlist_gets_no_frame', async () => {
        const client = await connect();
        await client.signIn({ id: 'watcher-c', watchlist: [] });
        await client.expectNothing();
    });

    test('r074_coming_is_told_at_once_and_going_after_three_seconds', async () => {
        const [watcher] = await watch('watcher-d', ['d1']);
        const first = await online('d1');
        const told = await watcher.expect(name);
        assert.deepEqual(told.inner().events, [{ name: 'online', user_ids: ['d1'] }]);
        const second = await online('d1');
        await first.close();
        const left = Date.now();
        await second.close();
        const gone = await watcher.expect(name, () => true, 15_000);
        assert.deepEqual(gone.inner().events, [{ name: 'offline', user_ids: ['d1'] }]);
        assert.ok(Date.now() - left >= 2900, `told after ${Date.now() - left} ms`);
    });

    test('r074_who_returns_in_time_was_never_gone', async () => {
        const [watcher] = await watch('watcher-e', ['e1', 'e2']);
        const first = await online('e1');
        await watcher.expect(name);
        await first.close();
        const [, state] = await watch('watcher-e', ['e1']);
        assert.deepEqual(state, [{ name: 'online', user_ids: ['e1'] }], 'it is only expected back');
        const again = await online('e1');
        await again.close();
        await online('e2');
        const next = await watcher.expect(name);
        assert.deepEqual(next.inner().events, [{ name: 'online', user_ids: ['e2'] }]);
    });

    test('r074_users_are_watched_that_watch_themselves_and_by_several', async () => {
        const [self] = await watch('f1', ['f1', 'f2']);
        const [other] = await watch('watcher-f', ['f2']);
        await online('f2');
        for (const client of [self, other]) {
            await client.seek(
                name,
                ({ data }) => data === '{"events":[{"name":"online","user_ids":["f2"]}]}',
            );
        }
    });

    test('r074_a_hundred_are_watched_and_more_are_an_error_after_success', async () => {
        const watchlist = Array.from({ length: 101 }, (_, i) => `g${i}`);
        const client = await connect();
        await client.signIn({ id: 'watcher-g', watchlist });
        const { message } = await client.expectError(4302);
        assert.match(message, /^Watchlist limit exceeded.*100/);
        const got = await client.expect(name);
        assert.equal(got.inner().events[0].user_ids.length, 100);
    });

    test('r074_a_new_sign_in_replaces_the_watchlist', async () => {
        const [client] = await watch('watcher-h', ['h1']);
        await client.signIn({ id: 'watcher-h', watchlist: ['h2'] });
        await client.expect(name);
        await online('h1');
        await online('h2');
        const got = await client.expect(name);
        assert.deepEqual(got.inner().events, [{ name: 'online', user_ids: ['h2'] }]);
    });

    test('r074_the_same_sign_in_once_more_changes_nothing', async () => {
        const [client] = await watch('watcher-i', ['i1', 'i2']);
        await client.signIn({ id: 'watcher-i', watchlist: ['i1', 'i2'] });
        await client.expectNothing();
        await online('i2');
        await client.expect(name);
    });

    test('r074_off_by_default', async () => {
        const client = await connect(apps[1]);
        await client.signIn({ id: 'watcher-i', watchlist: ['i1'] });
        await client.expectNothing();
    });
});
