// SPDX-License-Identifier: MIT
// A real Prometheus, a process of the test's own, with the alert rules of deploy/; and promtool.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, REPOSITORY } from './daemon.mjs';
import { DEADLINE, eventually } from './deadline.mjs';

export const ALERTS = path.join(REPOSITORY, 'deploy/prometheus/alerts.yml');

/// `{ status, output }`; `input` is what it reads.
export function promtool(args, input = '') {
    const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
    if (error) throw error;
    return { status, output: stdout + stderr };
}

export class Prometheus {
    host = '127.0.0.1';

    constructor() {
        this.folder = mkdtempSync(path.join(os.tmpdir(), 'fanfare-prometheus-'));
    }

    get url() {
        return `http://${this.host}:${this.port}`;
    }

    /// Scrapes the addresses `{ host, port }` as the job `fanfare`, several times a second.
    async start(targets) {
        this.port = await freePort();
        copyFileSync(ALERTS, path.join(this.folder, 'alerts.yml'));
        const config = {
            global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '250ms' },
            rule_files: ['alerts.yml'],
            scrape_configs: [
                {
                    job_name: 'fanfare',
                    static_configs: [{ targets: targets.map(({ host, port }) => `${host}:${port}`) }],
                },
            ],
        };
        const file = path.join(this.folder, 'prometheus.yml');
        writeFileSync(file, JSON.stringify(config)); // which is YAML
        this.child = spawn(
            'prometheus',
            [
                `--config.file=${file}`,
                `--storage.tsdb.path=${path.join(this.folder, 'data')}`,
                `--web.listen-address=${this.host}:${this.port}`,
            ],
            { stdio: ['ignore', 'pipe', 'pipe'] },
        );
        this.exit = new Promise((resolve) => this.child.once('close', resolve));
        this.log = '';
        for (const stream of [this.child.stdout, this.child.stderr]) {
            stream.setEncoding('utf8').on('data', (text) => (this.log += text));
        }
        await eventually(async () => {
            if (this.child.exitCode !== null) throw new Error(this.log);
            return (await fetch(`${this.url}/-/ready`)).ok;
        }, 'Prometheus is ready', 4 * DEADLINE);
        return this;
    }

    /// `data` of an answer of its API; throws what it says against the question.
    async get(target) {
        const answer = await (await fetch(`${this.url}/api/v1/${target}`)).json();
        if (answer.status !== 'success') throw new Error(`${target}: ${answer.error}`);
        return answer.data;
    }

    /// The result of an instant query, as a list of `{ metric, value }`.
    async query(expression) {
        return (await this.get(`query?query=${encodeURIComponent(expression)}`)).result;
    }

    /// All rules of all groups.
    async rules() {
        return (await this.get('rules')).groups.flatMap(({ rules }) => rules);
    }

    async stop() {
        this.child?.kill('SIGTERM');
        await this.exit;
        rmSync(this.folder, { recursive: true, force: true });
    }
}
