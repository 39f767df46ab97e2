// SPDX-License-Identifier: MIT
// The real binary: configured by a file in a directory of its own, started, watched and stopped.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { Api } from './api.mjs';
import { ClusteredDaemon } from './cluster.mjs';
import { fetchRaw } from './http.mjs';
import { closeAll } from './sockets.mjs';
import { SelfSigned } from './self_signed.mjs';
import { DEADLINE, eventually, within } from './deadline.mjs';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const BINARY = process.env.FANFARE_BIN ?? path.join(REPOSITORY, 'build/release/fanfare');
export const SHARDS = process.env.FANFARE_SHARDS ?? '2';

const SANITIZER = /(Address|Leak|Thread|Memory|UndefinedBehavior)Sanitizer|runtime error:/;

/// An app with the credentials that all tests use, and the given settings.
export const testApp = (settings = {}) => ({
    app_id: 'app',
    key: 'app-key',
    secret: 'app-secret',
    ...settings,
});

/// A further app whose credentials follow from its name.
export const namedApp = (name, settings = {}) =>
    testApp({ app_id: name, key: `${name}-key`, secret: `${name}-secret`, ...settings });

/// Free ports outside the range from which the kernel takes those of outgoing connections.
export async function freePort() {
    for (;;) {
        const port = 20000 + Math.floor(Math.random() * 12000);
        const isFree = await new Promise((resolve) => {
            const probe = net.createServer();
            probe.once('error', () => resolve(false));
            probe.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
                probe.close(() => resolve(true)),
            );
        });
        if (isFree) return port;
    }
}

/// What the daemon may inherit: no REVERB_… of the machine, but the sanitizers' options.
export function cleanEnvironment(extra = {}) {
    const kept = Object.entries(process.env).filter(([name]) =>
        /^(PATH|HOME|TMPDIR|LD_LIBRARY_PATH|[A-Z]+SAN_OPTIONS)$/.test(name),
    );
    return { ...Object.fromEntries(kept), ...extra };
}

/// 0 if it has none.
function childOf(pid) {
    const file = `/proc/${pid}/task/${pid}/children`;
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) : 0;
}

export class Process {
    output = '';
    exit;
    #child;

    /// `files`: its limit for open files. `sockets`: descriptors that it gets as systemd passes them.
    constructor(args, { cwd, env, files, sockets = [], binary = BINARY }) {
        const before = [
            ...(files === undefined ? [] : [`ulimit -n ${files}`]),
            ...(sockets.length === 0 ? [] : [`export LISTEN_PID=$$ LISTEN_FDS=${sockets.length}`]),
        ];
        const [program, all] =
            before.length === 0
                ? [binary, args]
                : ['sh', ['-c', [...before, 'exec "$0" "$@"'].join(' && '), binary, ...args]];
        this.#child = spawn(program, all, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', ...sockets] });
        this.stdout = '';
        this.stderr = '';
        this.#child.stdout.setEncoding('utf8').on('data', (text) => {
            this.stdout += text;
            this.output += text;
        });
        this.#child.stderr.setEncoding('utf8').on('data', (text) => {
            this.stderr += text;
            this.output += text;
        });
        this.exit = new Promise((resolve) => {
            this.#child.once('error', (error) => resolve({ error }));
            this.#child.once('close', (code, signal) => resolve({ code, signal }));
        });
    }

    get pid() {
        return this.#child.pid;
    }

    get isRunning() {
        return this.#child.exitCode === null && this.#child.signalCode === null;
    }

    signal(name) {
        this.#child.kill(name);
    }

    /// This process and, after an upgrade, its descendant that serves.
    get pids() {
        const pids = [];
        for (let { pid } = this; pid; pid = childOf(pid)) pids.push(pid);
        return pids;
    }

    /// Ends them without grace.
    kill() {
        for (const pid of this.pids) {
            if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
        }
    }

    /// Its exit, by SIGKILL if it does not end in time.
    async ended(ms = DEADLINE) {
        try {
            return await within(this.exit, `end of fanfare ${this.pid}`, ms);
        } catch (error) {
            this.kill();
            await this.exit;
            throw new Error(`${error.message}\n${this.output}`);
        }
    }

    assertClean() {
        assert.doesNotMatch(this.output, SANITIZER);
    }
}

/// With FANFARE_TLS, the servers of the suites that were written for plain ones speak TLS.
export const WITH_TLS = Boolean(process.env.FANFARE_TLS);
let common; // their certificate
process.once('exit', () => common?.remove());

/// A running server. `app` is its first app.
export class Daemon {
    host = '127.0.0.1';

    constructor({
        server = {},
        apps = [testApp()],
        scaling,
        database,
        shards = SHARDS,
        port,
        env = {},
        files,
        sockets,
        binary,
    } = {}) {
        this.settings = { server: { log_format: 'text', ...server }, apps, scaling, apps_database: database };
        this.app = apps[0];
        this.shards = shards;
        this.port = port;
        this.env = env;
        this.files = files;
        if (WITH_TLS) this.useTls((common ??= new SelfSigned()));
        this.sockets = sockets;
        this.binary = binary;
        this.directory = mkdtempSync(path.join(os.tmpdir(), 'fanfare-test-'));
    }

    /// The server speaks TLS with this certificate, and clients trust it.
    useTls(certificate) {
        Object.assign(this.settings.server, {
            tls_certificate_file: certificate.file,
            tls_key_file: certificate.keyFile,
        });
        this.authority = readFileSync(certificate.file);
    }

    get file() {
        return path.join(this.directory, 'fanfare.json');
    }

    /// Writes what `settings` are now. The server does not see a file that is half written.
    configure() {
        const { server, ...rest } = this.settings;
        const own = { host: this.host, port: this.port, drain_window: 0, metrics_address: '' };
        const config = { server: { ...own, ...server }, ...rest };
        writeFileSync(`${this.file}.new`, JSON.stringify(config, null, 2));
        renameSync(`${this.file}.new`, this.file);
    }

    /// Starts it and waits until it answers. Again after `stop`: the same server on the same port.
    async start() {
        this.port ??= await freePort();
        this.configure();
        this.process = new Process(['start', '--config', this.file, '--shards', this.shards], {
            cwd: this.directory,
            env: cleanEnvironment(this.env),
            files: this.files,
            sockets: this.sockets,
            binary: this.binary,
        });
        const prefix = (this.settings.server.path ?? '').replace(/^\/*|\/*$/g, '');
        const up = `${prefix ? `/${prefix}` : ''}/up`;
        await eventually(
            async () => {
                if (!this.process.isRunning || this.process.pid === undefined) return true;
                return (await fetchRaw(this, { target: up })).status === 200;
            },
            `GET ${up}\n${this.process.output}`,
            2 * DEADLINE,
        );
        if (!this.process.isRunning || this.process.pid === undefined) {
            const exit = await this.process.exit;
            const why = exit.error?.message ?? `exit ${exit.code ?? exit.signal}`;
            throw new Error(`fanfare did not start (${why}):\n${this.process.output}`);
        }
        return this;
    }

    get log() {
        return this.process.output;
    }

    api(app = this.app) {
        return new Api(this, app);
    }

    /// SIGTERM, a clean exit with 0, no sanitizer report.
    async stop(ms = 3 * DEADLINE) {
        if (!this.process) return;
        if (this.process.isRunning) this.process.signal('SIGTERM');
        const exit = await this.process.ended(ms);
        this.process.assertClean();
        assert.deepEqual(exit, { code: 0, signal: null }, `exit of fanfare:\n${this.log}`);
    }

    /// Ends it without grace.
    async kill() {
        this.process.kill();
        await this.process.exit;
    }

    remove() {
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/// How many nodes a server of the tests consists of: with FANFARE_NODES, the suites that were written for
/// one run against a cluster.
export const NODES = Number(process.env.FANFARE_NODES ?? 1);

export const newDaemon = (options) =>
    NODES === 1 ? new Daemon(options) : new ClusteredDaemon({ nodes: NODES, ...options });

/// Waits until every node of the server counts `count` open connections of the app.
export async function settled(daemon, app, count) {
    const nodes = daemon.cluster?.nodes ?? [daemon];
    await eventually(async () => {
        const counts = await Promise.all(nodes.map((node) => node.api(app).connections()));
        return counts.every((each) => each === count);
    }, `${count} connections of ${app.app_id}`);
}

/// A server for the tests of the surrounding `describe`: started before them, stopped and judged after.
export function useDaemon(options) {
    const daemon = newDaemon(options);
    before(() => daemon.start());
    after(async () => {
        closeAll();
        try {
            await daemon.stop();
        } finally {
            daemon.remove();
        }
    });
    return daemon;
}
