// SPDX-License-Identifier: MIT
// How long clients wait when the server is upgraded: the longest time between two events that are published
// every 20 ms, alone and as a node of a cluster of two (published on the other one).
//   FANFARE_BIN=build/release/fanfare node tests/bench/upgrade_bench.mjs [connections]
import { ask } from '../support/control.mjs';
import { Cluster } from '../support/cluster.mjs';
import { Daemon } from '../support/daemon.mjs';
import { inWaves, pace } from '../support/deadline.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { closeAll } from '../support/sockets.mjs';

const count = Number(process.argv[2] ?? 2000);
const OWN_CHANNELS = 5; // of each connection, beside the one that all are in
const ROUNDS = 5;

/// The longest gap in what `client` gets while `happen` runs and a moment after.
async function longestGap(client, happen) {
    let isOver = false;
    let last = performance.now();
    let longest = 0;
    const listening = (async () => {
        while (!isOver) {
            await client.next('an event');
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
        }
    })();
    await happen();
    await pace(1000);
    isOver = true;
    await listening;
    return Math.round(longest);
}

async function measure(title, server, publisher) {
    const clients = await inWaves(count, 50, async () => {
        const client = await PusherClient.connect(server);
        await client.subscribe('all');
        for (let i = 0; i < OWN_CHANNELS; i += 1) await client.subscribe(`own-${client.socketId}-${i}`);
        return client;
    });
    let isOver = false;
    const publishing = (async () => {
        for (; !isOver; await pace(20)) await publisher.api().publish('all', 'e', '1');
    })();
    const quiet = await longestGap(clients[0], () => pace(1000));
    const gaps = [];
    for (let i = 0; i < ROUNDS; i += 1) gaps.push(await longestGap(clients[0], () => ask(server, 'upgrade')));
    isOver = true;
    await publishing;
    console.log(`${title}: ${count} connections, longest gap in ms: ${quiet}; with an upgrade ${gaps.join(' ')}`);
    closeAll();
}

const alone = new Daemon({});
await alone.start();
await measure('alone', alone, alone);
await alone.stop();
alone.remove();

const cluster = await new Cluster({ nodes: 2 }).start();
await measure('in a cluster', ...cluster.nodes);
await cluster.stop();
cluster.remove();
process.exit(0);
