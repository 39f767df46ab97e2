// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { NODES, namedApp, testApp, useDaemon } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';

const miss = (channel) => `{"event":"pusher:cache_miss","channel":"${channel}"}`;
const event = (name, data, channel) =>
    `{"event":"${name}","data":${JSON.stringify(data)},"channel":"${channel}"}`;

describe('cache channels', () => {
    const brief = namedApp('brief', { cache_ttl: 3 });
    const daemon = useDaemon({ apps: [testApp(), brief] });
    const connect = (app = daemon.app) => PusherClient.connect(daemon, { app });

    test('r055_the_last_event_is_kept_without_subscribers_and_replayed', async () => {
        for (const channel of ['cache-a', 'private-cache-a', 'private-encrypted-cache-a']) {
            await daemon.api().publish(channel, 'first', '1');
            await daemon.api().publish(channel, 'last', '{"n":2}');
            const client = await connect();
            await client.subscribe(channel);
            await client.expectText(event('last', '{"n":2}', channel));
            await client.fence(daemon.api(), channel);
        }
    });

    test('r055_presence_cache_channels_replay_too', async () => {
        await daemon.api().publish('presence-cache-a', 'last', '1');
        const client = await connect();
        await client.join('presence-cache-a', '7');
        await client.expectText(event('last', '1', 'presence-cache-a'));
    });

    test('r055_an_empty_channel_is_a_miss_without_data', async () => {
        const client = await connect();
        await client.subscribe('cache-empty');
        await client.expectText(miss('cache-empty'));
        await daemon.api().publish('cache-empty', 'live', '1');
        await client.expectText(event('live', '1', 'cache-empty'));
    });

    test('r055_subscribing_again_replays_again', async () => {
        const client = await connect();
        await client.subscribe('cache-again');
        await client.expectText(miss('cache-again'));
        await daemon.api().publish('cache-again', 'e', '1');
        await client.expectText(event('e', '1', 'cache-again'));
        await client.subscribe('cache-again');
        await client.expectText(event('e', '1', 'cache-again'));
    });

    test('r055_an_excluded_socket_does_not_keep_the_event_from_being_kept', async () => {
        const sender = await connect();
        await sender.subscribe('cache-others');
        await sender.expectText(miss('cache-others'));
        await daemon.api().publish('cache-others', 'e', '1', { socket_id: sender.socketId });
        const other = await connect();
        await other.subscribe('cache-others');
        await other.expectText(event('e', '1', 'cache-others'));
    });

    test('r055_other_channels_have_no_cache', async () => {
        for (const channel of ['cachefoo', 'private-foo', 'private-encrypted-foo', 'my-cache-x']) {
            await daemon.api().publish(channel, 'e', '1');
            const client = await connect();
            await client.subscribe(channel);
            await client.expectNothing();
        }
    });

    test('r056_it_outlives_the_last_subscription', async () => {
        const first = await connect();
        await first.subscribe('cache-lasting');
        await first.expectText(miss('cache-lasting'));
        await daemon.api().publish('cache-lasting', 'e', '1');
        await first.close();
        await eventually(
            async () => !(await daemon.api().query('/channels/cache-lasting')).occupied,
            'the channel is empty',
        );
        const second = await connect();
        await second.subscribe('cache-lasting');
        await second.expectText(event('e', '1', 'cache-lasting'));
    });

    test('r056_it_expires', async () => {
        const api = daemon.api(brief);
        await api.publish('cache-brief', 'e', '1');
        const before = await connect(brief);
        await before.subscribe('cache-brief');
        await before.expectText(event('e', '1', 'cache-brief'));
        await eventually(
            async () => (await api.query('/channels/cache-brief', { info: 'cache' })).cache === null,
            'it has expired',
            3000 + DEADLINE,
        );
        const after = await connect(brief);
        await after.subscribe('cache-brief');
        await after.expectText(miss('cache-brief'));
    });

    test('r057_client_events_and_member_news_are_not_kept', async () => {
        const channel = 'presence-cache-b';
        const [one, two] = [await connect(), await connect()];
        await one.join(channel, '1');
        await one.expectText(miss(channel));
        await two.join(channel, '2');
        await two.expectText(miss(channel));
        one.whisper(channel, 'client-typing', 1);
        await two.expect('client-typing');
        await two.close();
        await one.seek('pusher_internal:member_removed');
        const three = await connect();
        await three.join(channel, '3');
        await three.expectText(miss(channel));
    });

    test('r058_a_value_that_is_published_meanwhile_is_seen_exactly_once', async () => {
        const rounds = 40;
        for (let round = 0; round < rounds; round += 1) {
            const channel = `cache-race-${round}`;
            const client = await connect();
            const publishing = daemon.api().publish(channel, 'e', String(round));
            await client.subscribe(channel);
            await publishing;
            const first = await client.next('a replay or a miss');
            if (first.event === 'pusher:cache_miss') await client.expect('e');
            else assert.equal(first.text, event('e', String(round), channel));
            await client.fence(daemon.api(), channel);
            client.socket.destroy();
        }
    });

    test('r087_info_shows_the_cached_event_with_its_time', async () => {
        const api = daemon.api();
        const answer = await api.publish('cache-info', 'e', '{"a":1}', { info: 'cache' });
        const cached = answer.channels['cache-info'].cache;
        assert.deepEqual(Object.keys(cached), ['event', 'data', 'channel', 'ttl']);
        assert.equal(cached.data, '{"a":1}');
        assert.ok(cached.ttl > 1700 && cached.ttl <= 1800, `ttl ${cached.ttl}`);
        const plain = await api.publish('plain-info', 'e', '1', { info: 'cache' });
        assert.deepEqual(plain.channels['plain-info'], {});
    });

    test('r091_the_channel_shows_its_cached_event', async () => {
        const api = daemon.api();
        assert.deepEqual(await api.query('/channels/cache-none', { info: 'cache' }), {
            occupied: false,
            cache: null,
        });
        await api.publish('cache-one', 'e', '1');
        const { occupied, cache } = await api.query('/channels/cache-one', { info: 'cache' });
        assert.equal(occupied, false);
        assert.equal(cache.event, 'e');
    });

    test('r090_the_list_shows_cached_events', async () => {
        const api = daemon.api();
        const client = await connect();
        await client.subscribe('cache-listed-a');
        await api.publish('cache-listed-a', 'e', '1');
        const { channels } = await api.query('/channels', {
            filter_by_prefix: 'cache-listed-a',
            info: 'cache',
        });
        assert.equal(channels['cache-listed-a'].cache.event, 'e');
    });
});

describe('the memory of cache channels', () => {
    const daemon = useDaemon({ server: { max_cache_bytes: 40_000 } });

    const skip = NODES > 1 && 'Redis keeps the events';
    test('r056_is_bounded_and_the_oldest_event_goes_first', { skip }, async () => {
        const api = daemon.api();
        for (let i = 0; i < 100; i += 1) await api.publish(`cache-${i}`, 'e', 'x'.repeat(2000));
        const cacheOf = async (i) => (await api.query(`/channels/cache-${i}`, { info: 'cache' })).cache;
        assert.equal(await cacheOf(0), null);
        assert.equal((await cacheOf(99)).event, 'e');
    });
});
