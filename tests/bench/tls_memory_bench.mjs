// SPDX-License-Identifier: MIT
// What an idle subscribed connection costs the server, plain and with TLS: growth of its anonymous memory.
//   FANFARE_BIN=build/release/fanfare node tests/bench/tls_memory_bench.mjs [connections]
import { readFileSync } from 'node:fs';
import { Daemon, testApp } from '../support/daemon.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { SelfSigned } from '../support/self_signed.mjs';
import { closeAll } from '../support/sockets.mjs';

const count = Number(process.argv[2] ?? 2000);

const anonymous = (pid) =>
    1024 * Number(/^Anonymous: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);

async function connect(daemon, connections) {
    for (let at = 0; at < connections; at += 50) {
        const clients = await Promise.all(
            Array.from({ length: Math.min(50, connections - at) }, () => PusherClient.connect(daemon)),
        );
        await Promise.all(clients.map((client) => client.subscribe('idle')));
    }
}

async function measure(certificate) {
    const daemon = new Daemon({ apps: [testApp({ ping_interval: 3600 })], shards: '1' });
    if (certificate) daemon.useTls(certificate);
    try {
        await daemon.start();
        await connect(daemon, 100); // what is allocated once
        const before = anonymous(daemon.process.pid);
        await connect(daemon, count);
        return Math.round((anonymous(daemon.process.pid) - before) / count);
    } finally {
        closeAll();
        await daemon.stop();
        daemon.remove();
    }
}

const certificate = new SelfSigned();
const [plain, encrypted] = [await measure(), await measure(certificate)];
certificate.remove();
console.log(`bytes per idle connection: plain ${plain}, TLS ${encrypted}`);
process.exit(0);
