// SPDX-License-Identifier: MIT
// The other kinds of Redis: behind TLS, led by a sentinel, clustered. They have what a `Redis` has that
// a `Cluster` of Fanfare's needs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './daemon.mjs';
import { DEADLINE, eventually } from './deadline.mjs';
import { Redis } from './redis.mjs';

/// A certification authority of the test's own, and what it has signed.
export class Certificates {
    constructor() {
        this.directory = mkdtempSync(path.join(os.tmpdir(), 'fanfare-tls-'));
        this.#make('ca', ['-addext', 'keyUsage=critical,keyCertSign']);
    }

    /// Files of a certificate for 127.0.0.1, or whatever `alternative` says.
    issue(name, alternative = 'IP:127.0.0.1') {
        const ca = ['-CA', this.#file('ca.crt'), '-CAkey', this.#file('ca.key')];
        return this.#make(name, [...ca, '-addext', `subjectAltName=${alternative}`]);
    }

    get authority() {
        return this.#file('ca.crt');
    }

    #file(name) {
        return path.join(this.directory, name);
    }

    #make(name, more) {
        const [key, certificate] = [this.#file(`${name}.key`), this.#file(`${name}.crt`)];
        const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
        const names = ['-subj', `/CN=${name}`, '-days', '2', '-keyout', key, '-out', certificate];
        execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...more], { stdio: 'pipe' });
        return { key, certificate };
    }

    remove() {
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/// A Redis that speaks only TLS; with `mutual` it wants to see a certificate.
export function tlsRedis(certificates, { mutual = false } = {}) {
    const { key, certificate } = certificates.issue('redis');
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key];
    const clients = ['--tls-ca-cert-file', certificates.authority, '--tls-auth-clients'];
    const cli = ['--tls', '--cacert', certificates.authority];
    if (mutual) cli.push('--cert', certificate, '--key', key);
    return new Redis({ args: [...files, ...clients, mutual ? 'yes' : 'no'], cli, tls: true });
}

/// A master and its replica, and the sentinel that promotes it.
export class SentinelRedis {
    masterName = 'fanfare-master';

    constructor() {
        const soon = ['--repl-diskless-sync-delay', '0'];
        this.servers = [new Redis({ args: soon }), new Redis({ args: soon })];
        this.sentinel = new Redis({ sentinel: true });
    }

    get settings() {
        return {
            topology: 'sentinel',
            nodes: [`${this.sentinel.host}:${this.sentinel.port}`],
            master_name: this.masterName,
        };
    }

    async start() {
        const [master, replica] = this.servers;
        await master.start();
        replica.args = [...replica.args, '--replicaof', `${master.host} ${master.port}`];
        await replica.start();
        await eventually(
            async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'),
            'the replica follows',
        );
        const file = path.join(this.sentinel.directory, 'sentinel.conf');
        const name = this.masterName;
        writeFileSync(
            file,
            [
                `sentinel monitor ${name} ${master.host} ${master.port} 1`,
                `sentinel down-after-milliseconds ${name} 1000`,
                `sentinel failover-timeout ${name} 4000`,
                '',
            ].join('\n'),
        );
        this.sentinel.args = [file];
        await this.sentinel.start();
        await eventually(async () => {
            const text = await this.sentinel.command('SENTINEL', 'replicas', name);
            return text.includes(String(replica.port));
        }, 'the sentinel knows the replica', 3 * DEADLINE);
        return this;
    }

    /// The port of the master, in the eyes of the sentinel.
    async masterPort() {
        const [, port] = await this.sentinel.lines('SENTINEL', 'get-master-addr-by-name', this.masterName);
        return Number(port);
    }

    /// Who leads now.
    async master() {
        const port = await this.masterPort();
        return this.servers.find((server) => server.port === port);
    }

    async lines(...words) {
        return (await this.master()).lines(...words);
    }

    async contents() {
        return (await this.master()).contents();
    }

    async stop() {
        for (const server of [this.sentinel, ...this.servers]) await server.stop();
    }

    remove() {
        for (const server of [this.sentinel, ...this.servers]) server.remove();
    }
}

const SLOTS = 16_384;

/// A Redis Cluster of masters, each with its share of the slots.
export class ClusteredRedis {
    constructor({ masters = 3 } = {}) {
        this.masters = Array.from({ length: masters }, () => new Redis());
    }

    get settings() {
        return {
            topology: 'cluster',
            nodes: this.masters.map(({ host, port }) => `${host}:${port}`),
        };
    }

    async start() {
        for (const master of this.masters) {
            master.busPort ??= await freePort();
            master.args = ['--cluster-enabled', 'yes', '--cluster-port', master.busPort];
            master.args.push('--cluster-node-timeout', '2000');
        }
        await Promise.all(this.masters.map((master) => master.start()));
        const [first] = this.masters;
        const share = (index) => Math.floor((SLOTS * index) / this.masters.length);
        for (const [index, master] of this.masters.entries()) {
            await master.command('CLUSTER', 'ADDSLOTSRANGE', share(index), share(index + 1) - 1);
            await master.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
            if (master !== first) {
                await master.command('CLUSTER', 'MEET', first.host, first.port, first.busPort);
            }
        }
        await eventually(
            async () => (await Promise.all(this.masters.map((m) => this.#isWhole(m)))).every(Boolean),
            'the Redis Cluster is whole',
            3 * DEADLINE,
        );
        return this;
    }

    async #isWhole(master) {
        const info = await master.lines('CLUSTER', 'INFO');
        const has = (line) => info.some((each) => each.trim() === line);
        return has('cluster_state:ok') && has(`cluster_known_nodes:${this.masters.length}`);
    }

    async #idOf(master) {
        return master.command('CLUSTER', 'MYID');
    }

    /// Whose slot it is.
    async ownerOf(key) {
        const slot = Number(await this.masters[0].command('CLUSTER', 'KEYSLOT', key));
        for (const master of this.masters) {
            const self = (await master.lines('CLUSTER', 'NODES')).find((line) => line.includes('myself'));
            for (const range of self.split(' ').slice(8)) {
                const [first, last = first] = range.split('-').map(Number);
                if (slot >= first && slot <= last) return { slot, master };
            }
        }
        throw new Error(`nobody has slot ${slot}`);
    }

    /// As redis-cli reshards: key by key, and at the end both know.
    async moveSlot(slot, from, to) {
        const [source, target] = [await this.#idOf(from), await this.#idOf(to)];
        await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
        await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
        for (;;) {
            const keys = await from.lines('CLUSTER', 'GETKEYSINSLOT', slot, '100');
            if (keys.length === 0) break;
            await from.command('MIGRATE', to.host, to.port, '', '0', '5000', 'KEYS', ...keys);
        }
        for (const master of [to, from]) {
            await master.command('CLUSTER', 'SETSLOT', slot, 'NODE', target);
        }
    }

    /// What redis-cli prints; to whom the keys belong it finds out.
    lines(...words) {
        const [first] = this.masters;
        return first.lines('-c', ...words);
    }

    async contents() {
        return (await Promise.all(this.masters.map((master) => master.contents()))).join('\n');
    }

    async stop() {
        for (const master of this.masters) await master.stop();
    }

    remove() {
        for (const master of this.masters) master.remove();
    }
}
