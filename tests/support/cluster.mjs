// SPDX-License-Identifier: MIT
// Several servers that share a Redis, all of them real.
import { after, before } from 'node:test';
import { Api } from './api.mjs';
import { Balancer } from './balancer.mjs';
import { Daemon, freePort, testApp } from './daemon.mjs';
import { DEADLINE, eventually } from './deadline.mjs';
import { Redis } from './redis.mjs';
import { closeAll } from './sockets.mjs';

/// Seconds within which the death of a node is dealt with in these tests.
export const LEASE = DEADLINE > 5000 ? 8 : 3;

export class Cluster {
    constructor({
        nodes = 3,
        apps = [testApp()],
        server = {},
        scaling = {},
        redis = new Redis(),
        database,
        shards,
        env,
    } = {}) {
        this.redis = redis;
        this.app = apps[0];
        this.scaling = { enabled: true, lease: LEASE, ...scaling };
        this.nodes = Array.from(
            { length: nodes },
            () => new Daemon({ apps, server, database, shards, env, scaling: {} }),
        );
    }

    /// Where node `index` finds its Redis; a test may put a proxy between.
    redisOf() {
        return this.redis.settings;
    }

    async start() {
        await this.redis.start();
        await Promise.all(this.nodes.map((node, index) => this.startNode(index)));
        return this;
    }

    startNode(index) {
        const { server, ...scaling } = this.scaling;
        this.nodes[index].settings.scaling = {
            ...scaling,
            server: { ...this.redisOf(index), ...server },
        };
        return this.nodes[index].start();
    }

    get log() {
        return this.nodes.map((node, index) => `--- node ${index}\n${node.process?.output}`).join('\n');
    }

    async stop(ms) {
        try {
            await Promise.all(this.nodes.filter((node) => node.process).map((node) => node.stop(ms)));
        } finally {
            for (const node of this.nodes) {
                if (node.process?.isRunning) await node.kill();
            }
            await this.redis.stop();
        }
    }

    remove() {
        for (const node of this.nodes) node.remove();
        this.redis.remove();
    }
}

/// A cluster for one test, which may end badly: of what is left nothing stays behind.
export async function withCluster(cluster, check) {
    try {
        await cluster.start();
        await check(cluster);
        closeAll();
        await cluster.stop();
    } catch (error) {
        error.message += `\n${cluster.log}`;
        throw error;
    } finally {
        closeAll();
        await cluster.stop().catch(() => {});
        cluster.remove();
    }
}

/// A cluster for the tests of the surrounding `describe`.
export function useCluster(options) {
    const cluster = new Cluster(options);
    before(() => cluster.start());
    after(async () => {
        closeAll();
        try {
            await cluster.stop();
        } finally {
            cluster.remove();
        }
    });
    return cluster;
}

/// `check` with a server whose start waits for Redis, from when its log says `why`.
export async function whileItWaits(options, why, check) {
    const node = new Daemon(options);
    const starting = node.start().catch(() => {}); // which writes the configuration, and waits
    try {
        await eventually(() => why.test(node.process?.output ?? ''), `its log says ${why}`);
        await check(node);
        await node.stop();
    } finally {
        if (node.process?.isRunning) await node.kill();
        await starting;
        node.remove();
    }
}

/// A cluster in the clothes of a single server: a proxy hands each connection to the next node, so that
/// whoever publishes and whoever listens are on different ones.
export class ClusteredDaemon {
    host = '127.0.0.1';

    constructor({ nodes, port, ...options } = {}) {
        this.cluster = new Cluster({ nodes, ...options });
        this.app = this.cluster.app;
        this.settings = this.cluster.nodes[0].settings;
        this.port = port;
        const { nodes: members } = this.cluster;
        this.process = {
            signal: (name) => members.forEach((node) => node.process.signal(name)),
            get isRunning() {
                return members.some((node) => node.process?.isRunning);
            },
        };
    }

    async start() {
        this.port ??= await freePort();
        await this.cluster.start();
        this.balancer = new Balancer(this.cluster.nodes.map((node) => node.port));
        await this.balancer.listen(this.port);
        return this;
    }

    get log() {
        return this.cluster.log;
    }

    api(app = this.app) {
        return new Api(this, app);
    }

    async stop(ms) {
        try {
            await this.cluster.stop(ms);
        } finally {
            await this.balancer?.close();
        }
    }

    async kill() {
        await Promise.all(this.cluster.nodes.map((node) => node.kill()));
        await this.cluster.redis.stop();
        await this.balancer.close();
    }

    remove() {
        this.cluster.remove();
    }
}
