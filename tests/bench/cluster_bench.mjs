// SPDX-License-Identifier: MIT
//
// What a cluster of one, two and three nodes costs, next to a node without Redis: CPU time of the nodes
// per delivery, what goes through Redis, and how long an event takes. All in one run, because only
// ratios within a run mean anything. The subscribers live in this one process, which is the slowest
// part: events per second are those of a machine that is busy with its clients.
//
//     FANFARE_BIN=build/bench/fanfare node tests/bench/cluster_bench.mjs [subscribers: a multiple of 100]
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Cluster } from '../support/cluster.mjs';
import { Daemon, testApp } from '../support/daemon.mjs';
import { pace } from '../support/deadline.mjs';
import { Audience, Publisher, subscribe } from './audience.mjs';

const SUBSCRIBERS = Number(process.argv[2] ?? 10_000);
const CHANNELS = 100;
const EVENTS = 960; // in a round
const ROUNDS = 3;
const IN_FLIGHT = 32; // the next ones go when these are delivered, and no channel is in it twice
const CONNECTIONS = 4; // to each node, for publishing
const PAYLOAD = 'x'.repeat(60);
const LATENCY_EVENTS = 400;

const channelName = (i) => `bench-${String(i).padStart(3, '0')}`;
const app = testApp({ ping_interval: 3600, activity_timeout: 3600 });

// ---- what is measured

/// CPU time of all threads of a process, in ns.
function cpuOf(pid) {
    const tasks = `/proc/${pid}/task`;
    const times = readdirSync(tasks).map((task) =>
        Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return times.reduce((sum, ns) => sum + ns, 0);
}

/// Bytes that a node has received over its connections to Redis; undefined without `ss` (iproute2).
function receivedFromRedis(node, redis) {
    try {
        const options = { encoding: 'utf8', maxBuffer: 1 << 26 };
        const text = execFileSync('ss', ['-tinpOH', 'dport', '=', `:${redis.port}`], options);
        return text
            .split('\n')
            .filter((line) => line.includes(`pid=${node.process.pid},`))
            .reduce((sum, line) => sum + Number(/bytes_received:(\d+)/.exec(line)?.[1] ?? 0), 0);
    } catch (error) {
        if (error.code === 'ENOENT') return undefined;
        throw error;
    }
}

async function redisCounters(redis) {
    if (!redis) return { in: 0, out: 0, cpu: 0 };
    const text = (await redis.command('INFO', 'stats')) + (await redis.command('INFO', 'cpu'));
    const field = (name) => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(text)[1]);
    return {
        in: field('total_net_input_bytes'),
        out: field('total_net_output_bytes'),
        cpu: (field('used_cpu_user') + field('used_cpu_sys')) * 1e9,
    };
}

async function counters({ nodes, redis }) {
    return {
        cpu: nodes.reduce((sum, node) => sum + cpuOf(node.process.pid), 0),
        first: redis && receivedFromRedis(nodes[0], redis),
        redis: await redisCounters(redis),
    };
}

// ---- the load

/// Where the subscribers of each channel are: on one node (`own`), or on all of them (`shared`).
function places(nodes, interest) {
    return Array.from({ length: SUBSCRIBERS }, (_, i) => {
        const channel = i % CHANNELS;
        const turn = interest === 'own' ? channel : Math.floor(i / CHANNELS);
        return { node: nodes[turn % nodes.length], channel: channelName(channel) };
    });
}

/// Publishes and sees delivered. Had a node to deliver several events of a channel in one turn, it would
/// send them as one, and CPU times would tell more about chance than about the cluster; therefore waves.
/// Every event is published on another node than that of its channel's subscribers, if there is one.
async function publishAll({ nodes, publishers, requests, audience, eventBytes }, events) {
    for (let start = 0; start < events; start += IN_FLIGHT) {
        const end = Math.min(start + IN_FLIGHT, events);
        const expected = audience.bytes + (end - start) * eventBytes;
        const queues = publishers.map(() => []);
        for (let i = start; i < end; i += 1) {
            const channel = i % CHANNELS;
            const node = (channel + 1) % nodes.length;
            const connection = Math.floor(channel / nodes.length) % CONNECTIONS;
            queues[connection * nodes.length + node].push(requests[node][channel]);
        }
        await Promise.all(publishers.map((publisher, i) => publisher.publish(queues[i], IN_FLIGHT)));
        await audience.until(expected);
    }
}

async function measureRound(load, interest) {
    const { nodes, setup, audience } = load;
    const deliveries = (EVENTS * SUBSCRIBERS) / CHANNELS;
    const expected = audience.bytes + EVENTS * load.eventBytes;
    const before = await counters(setup);
    const start = performance.now();
    await publishAll(load, EVENTS);
    const seconds = (performance.now() - start) / 1000;
    await pace(100);
    const after = await counters(setup);
    if (audience.bytes !== expected) throw new Error('more was delivered than published');

    const isOfFirst = (_, i) => interest === 'shared' || (i % CHANNELS) % nodes.length === 0;
    const ofFirst = Array.from({ length: EVENTS }).filter(isOfFirst).length;
    return {
        events: EVENTS / seconds,
        deliveries: deliveries / seconds,
        cpu: (after.cpu - before.cpu) / deliveries,
        redisCpu: (after.redis.cpu - before.redis.cpu) / EVENTS,
        redisIn: (after.redis.in - before.redis.in) / EVENTS,
        redisOut: (after.redis.out - before.redis.out) / EVENTS,
        first: after.first - before.first,
        perOwnEvent: (after.first - before.first) / ofFirst,
    };
}

/// Of each number by itself.
function median(rounds) {
    const middle = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b)[rounds.length >> 1];
    return Object.fromEntries(Object.keys(rounds[0]).map((key) => [key, middle(key)]));
}

async function measureThroughput(setup, interest) {
    const { nodes } = setup;
    const audience = new Audience();
    const targets = Array.from({ length: CONNECTIONS }, () => nodes).flat();
    const publishers = targets.map((node) => new Publisher(node));
    try {
        await audience.join(places(nodes, interest));
        await pace(1500); // until all that was changed is in Redis
        const perChannel = SUBSCRIBERS / CHANNELS;

        // The first event tells the size of all; then everything is made warm.
        for (const publisher of publishers) {
            await publisher.publish([publisher.request(channelName(0), PAYLOAD)], 1);
        }
        await pace(500);
        const frame = audience.bytes / publishers.length / perChannel;
        if (!Number.isInteger(frame)) throw new Error(`frames of ${frame} bytes`);
        const requests = nodes.map((_, node) =>
            Array.from({ length: CHANNELS }, (_, i) => publishers[node].request(channelName(i), PAYLOAD)),
        );
        const eventBytes = perChannel * frame;
        const load = { setup, nodes, publishers, requests, audience, eventBytes };
        await publishAll(load, CHANNELS);
        await pace(200);

        const rounds = [];
        for (let i = 0; i < ROUNDS; i += 1) {
            rounds.push(await measureRound(load, interest));
        }
        return median(rounds);
    } finally {
        for (const publisher of publishers) publisher.close();
        audience.close();
        await pace(500);
    }
}

/// From the first byte of the request on one node to the frame on another, in ms, one at a time.
async function measureLatency(from, to) {
    let arrived = () => {};
    const socket = await subscribe(to, 'latency', () => arrived());
    const publisher = new Publisher(from);
    const request = [publisher.request('latency', PAYLOAD)];
    await pace(1500);
    const times = [];
    for (let i = 0; i < LATENCY_EVENTS + 20; i += 1) {
        const arrival = new Promise((resolve) => (arrived = resolve));
        const start = performance.now();
        const answered = publisher.publish(request, 1);
        await arrival;
        if (i >= 20) times.push(performance.now() - start);
        await answered;
        await pace(2 + Math.random() * 8);
    }
    publisher.close();
    socket.resetAndDestroy();
    times.sort((a, b) => a - b);
    return { p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] };
}

// ---- the report

const number = (value, digits = 0) =>
    Number.isFinite(value)
        ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
        : '–';

function row(cells) {
    console.log(`| ${cells.join(' | ')} |`);
}

function table(head) {
    console.log();
    row(head);
    row(head.map(() => '---'));
}

async function withNodes(count, work) {
    if (count === 0) {
        const daemon = new Daemon({ apps: [app], shards: '1' });
        try {
            return await work({ nodes: [await daemon.start()] });
        } finally {
            await daemon.kill();
            daemon.remove();
        }
    }
    const cluster = new Cluster({ nodes: count, apps: [app], shards: '1', scaling: { lease: 10 } });
    try {
        await cluster.start();
        return await work(cluster);
    } finally {
        for (const node of cluster.nodes) await node.kill();
        await cluster.redis.stop();
        cluster.remove();
    }
}

const title = (count) => (count === 0 ? '1, no Redis' : String(count));

console.log(
    `${number(SUBSCRIBERS)} subscribers in ${CHANNELS} channels, the median of ${ROUNDS} rounds of ` +
        `${number(EVENTS)} events, ${IN_FLIGHT} in flight, one shard a node`,
);
const latencies = [];
for (const interest of ['own', 'shared']) {
    console.log(
        interest === 'own'
            ? '\nEach channel has its subscribers on one node; events come in on another:'
            : '\nEach channel has subscribers on every node:',
    );
    table([
        'Nodes',
        'events/s',
        'deliveries/s',
        'nodes: CPU µs a delivery',
        'Redis: CPU µs an event',
        'Redis: bytes in an event',
        'bytes out an event',
        'first node: bytes from Redis',
        'per event of its channels',
    ]);
    for (const count of [0, 1, 2, 3]) {
        await withNodes(count, async (setup) => {
            const result = await measureThroughput(setup, interest);
            row([
                title(count),
                number(result.events),
                number(result.deliveries),
                number(result.cpu / 1000, 2),
                number(count === 0 ? NaN : result.redisCpu / 1000, 1),
                number(count === 0 ? NaN : result.redisIn),
                number(count === 0 ? NaN : result.redisOut),
                number(result.first),
                number(result.perOwnEvent),
            ]);
            if (interest === 'shared') return;
            const { nodes } = setup;
            latencies.push([title(count), 'same', await measureLatency(nodes[0], nodes[0])]);
            if (count < 2) return;
            latencies.push([title(count), 'another', await measureLatency(nodes[0], nodes[1])]);
        });
    }
}

console.log('\nFrom the request to the frame, one event at a time:');
table(['Nodes', 'subscriber on', 'p50, ms', 'p99, ms']);
for (const [nodes, where, { p50, p99 }] of latencies) {
    row([nodes, where === 'same' ? 'the same node' : 'another node', number(p50, 2), number(p99, 2)]);
}
