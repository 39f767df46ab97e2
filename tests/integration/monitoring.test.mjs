// SPDX-License-Identifier: MIT
// What watches a server: health pages, a real Prometheus, and that the alerts, the dashboard and the
// documentation speak of metrics that there are.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AppsTable, databaseOf } from '../support/apps_table.mjs';
import { useCluster } from '../support/cluster.mjs';
import { Daemon, REPOSITORY, useDaemon } from '../support/daemon.mjs';
import { DEADLINE, eventually } from '../support/deadline.mjs';
import { fetchRaw } from '../support/http.mjs';
import {
    familiesOf,
    metricsAnywhere,
    metricsOf,
    metricsPage,
    samplesOf,
    showsValue,
    valueOf,
} from '../support/metrics.mjs';
import { ALERTS, Prometheus, promtool } from '../support/prometheus.mjs';
import { PusherClient } from '../support/pusher_client.mjs';
import { closeAll } from '../support/sockets.mjs';

const get = (server, target) => fetchRaw(server, { target });
const read = (file) => readFileSync(path.join(REPOSITORY, file), 'utf8');
const namesIn = (text) => new Set(text.match(/\b(fanfare|process)_[a-z_]+\b/g));

describe('health pages', () => {
    const soketi = { soketi_monitoring: true, path: '/ws' };

    describe('of soketi, below a prefix', () => {
        const daemon = useDaemon({ server: soketi });

        test('answer_on_the_main_port', async () => {
            assert.deepEqual([(await get(daemon, '/ws/')).status, (await get(daemon, '/ws/')).body], [200, 'OK']);
            for (const page of ['/ws/usage', '/ws/accept-traffic']) {
                const { memory } = (await get(daemon, page)).json();
                assert.equal(memory.used + memory.free, memory.total);
                assert.ok(memory.used > 1_000_000 && memory.percent <= 100);
            }
            assert.equal((await get(daemon, '/ws/ready')).status, 200);
            assert.equal((await get(daemon, '/usage')).status, 404, 'without the prefix');
        });
    });

    test('a_drain_shows_first_in_them_while_clients_are_still_there', async () => {
        const server = { soketi_monitoring: true, drain_window: 5, ...metricsAnywhere };
        const daemon = new Daemon({ server });
        try {
            await daemon.start();
            const clients = await Promise.all(
                Array.from({ length: 20 }, () => PusherClient.connect(daemon)),
            );
            assert.deepEqual((await get(daemon, '/ready')).json(), { ready: true, reasons: [] });
            await showsValue(daemon, 'fanfare_ready', {}, 1);
            daemon.process.signal('SIGTERM');
            await eventually(async () => (await get(daemon, '/ready')).status === 503, '/ready is 503');
            const page = samplesOf(await metricsPage(daemon));
            assert.equal(valueOf(page, 'fanfare_ready'), 0);
            assert.ok(valueOf(page, 'fanfare_connections') > 0, 'nobody is left already');
            assert.deepEqual((await get(daemon, '/ready')).json(), { ready: false, reasons: ['draining'] });
            assert.equal((await get(daemon, '/accept-traffic')).status, 503);
            for (const page of ['/live', '/up', '/']) assert.equal((await get(daemon, page)).status, 200, page);
            for (const client of clients) client.socket.destroy();
            closeAll();
            await daemon.stop();
        } finally {
            if (daemon.process?.isRunning) await daemon.kill();
            daemon.remove();
        }
    });
});

describe('a node watched by Prometheus', () => {
    const table = new AppsTable();
    const cluster = useCluster({
        nodes: 1,
        server: { ...metricsAnywhere, strict_ready: true },
        database: databaseOf(table),
    });
    const [node] = cluster.nodes;
    const prometheus = new Prometheus();
    before(async () => prometheus.start([await metricsOf(node)]));
    after(async () => {
        await prometheus.stop();
        table.remove();
    });

    /// Prometheus takes its time, the first time.
    const seen = (expression, value) =>
        eventually(
            async () => (await prometheus.query(expression)).some((each) => Number(each.value[1]) === value),
            `${expression} is ${value}`,
            4 * DEADLINE,
        );

    test('is_scraped_and_its_numbers_arrive', async () => {
        await seen('up{job="fanfare"}', 1);
        const clients = [await PusherClient.connect(node), await PusherClient.connect(node)];
        for (const client of clients) await client.subscribe('c');
        await node.api().publish('c', 'e', 'x');
        for (const client of clients) await client.expect('e');
        await seen('sum(fanfare_connections)', 2);
        await seen('fanfare_app_deliveries_total{app="app"}', 2);
        await seen('sum(fanfare_fan_out_seconds_bucket{le="+Inf"}) >= bool 1', 1);
        // A single scrape may take too long on a busy machine.
        await eventually(async () => {
            const [target] = (await prometheus.get('targets?state=active')).activeTargets;
            assert.deepEqual([target.health, target.lastError], ['up', '']);
            return true;
        }, 'a scrape without an error');
    });

    test('tells_how_redis_does', async () => {
        const page = samplesOf(await metricsPage(node));
        assert.equal(valueOf(page, 'fanfare_redis_connected'), 1);
        assert.equal(valueOf(page, 'fanfare_cluster_joined'), 1);
        await eventually(async () => {
            const lag = valueOf(samplesOf(await metricsPage(node)), 'fanfare_redis_lag_seconds');
            return lag > 0 && lag < DEADLINE / 1000;
        }, 'the lag is measured');
        assert.equal(valueOf(page, 'fanfare_apps_database_up'), 1);
    });

    test('promtool_finds_no_fault_with_the_page', async () => {
        assert.deepEqual(promtool(['check', 'metrics'], await metricsPage(node)), { status: 0, output: '' });
    });

    test('the_alert_rules_are_loaded_and_evaluated', async () => {
        const wanted = read('deploy/prometheus/alerts.yml').match(/alert: \w+/g).map((line) => line.slice(7));
        await eventually(async () => {
            const rules = await prometheus.rules();
            assert.deepEqual(rules.map(({ name }) => name).sort(), wanted.sort());
            return rules.every(({ health }) => health === 'ok');
        }, 'all rules are healthy');
    });

    test('rules_and_alerts_name_metrics_that_there_are', async () => {
        const families = familiesOf(await metricsPage(node));
        const isThere = (name) => families.has(name.replace(/_(bucket|sum|count)$/, '')) || families.has(name);
        for (const file of ['deploy/prometheus/alerts.yml', 'deploy/grafana/fanfare.json']) {
            for (const name of namesIn(read(file))) assert.ok(isThere(name), `${name} of ${file}`);
        }
    });

    /// A reason that gets another name would silence an alert.
    test('alerts_ask_for_labels_that_there_are', async () => {
        const samples = samplesOf(await metricsPage(node));
        let checked = 0;
        const alerts = read('deploy/prometheus/alerts.yml');
        for (const [, name, matchers] of alerts.matchAll(/(fanfare_\w+)\{([^}]*)\}/g)) {
            for (const [, label, values] of matchers.matchAll(/(\w+)=~?"([^"]*)"/g)) {
                for (const value of values.split('|')) valueOf(samples, name, { [label]: value });
                checked += 1;
            }
        }
        assert.ok(checked >= 2, `${checked} matchers`);
    });

    test('prometheus_accepts_every_expression_of_the_dashboard', async () => {
        const { panels } = JSON.parse(read('deploy/grafana/fanfare.json'));
        const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
        assert.ok(expressions.length > 40, `${expressions.length} expressions`);
        for (const expression of expressions) {
            const filled = expression
                .replaceAll('$instance', '.*')
                .replaceAll('$job', 'fanfare')
                .replaceAll('$__rate_interval', '1m');
            assert.doesNotMatch(filled, /\$/, 'a variable that the dashboard does not have');
            await prometheus.query(filled);
        }
        await assert.rejects(prometheus.query('sum(fanfare_connections'), /parse error/);
    });

    test('the_documentation_has_each_metric_as_the_page_has_it', async () => {
        const page = await metricsPage(node);
        const families = Object.fromEntries(familiesOf(page));
        for (const family of Object.values(families)) family.labels = [];
        for (const { name, labels } of samplesOf(page)) {
            const family = families[name] ?? families[name.replace(/_(bucket|sum|count)$/, '')];
            family.labels = [...new Set([...family.labels, ...Object.keys(labels)])];
        }
        const row = /^\| `((?:fanfare|process)_\w+)` \| (\w+) \| (.*) \| (.*) \|$/gm;
        const documented = {};
        for (const [, name, type, labels, help] of read('docs/metrics.md').matchAll(row)) {
            documented[name] = { help, type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label) };
        }
        assert.deepEqual(documented, families);
    });

    test('an_alert_is_raised_when_redis_goes_and_the_node_is_not_ready', async () => {
        await cluster.redis.kill();
        await eventually(async () => {
            const { alerts } = await prometheus.get('alerts');
            return alerts.some(({ labels }) => labels.alertname === 'FanfareRedisAway');
        }, 'FanfareRedisAway is pending', 2 * DEADLINE);
        const answer = await get(node, '/ready');
        assert.equal(answer.status, 503, 'strict_ready');
        assert.deepEqual(answer.json(), { ready: false, degraded: true, reasons: ['redis_away'] });
        assert.equal((await get(node, '/live')).status, 200);
        await seen('fanfare_redis_losses_total', 1);
        await seen('fanfare_ready', 0);
    });

    test('an_apps_database_that_goes_away_is_told', async () => {
        table.vanish();
        await eventually(async () => {
            const unknown = { app_id: 'x', key: 'x', secret: 'x' };
            await node.api(unknown).get('/channels');
            return (await get(node, '/ready')).json().reasons.includes('apps_database_away');
        }, 'the database is missed');
        await showsValue(node, 'fanfare_apps_database_up', {}, 0);
        table.comeBack();
        await showsValue(node, 'fanfare_apps_database_up', {}, 1);
    });
});

describe('a node among those of Reverb', () => {
    const { nodes, redis } = useCluster({
        nodes: 1,
        server: metricsAnywhere,
        scaling: { mode: 'reverb', lease: undefined },
    });

    test('tells_how_redis_does', async () => {
        await showsValue(nodes[0], 'fanfare_redis_connected', {}, 1);
        await showsValue(nodes[0], 'fanfare_cluster_joined', {}, 1);
        await eventually(
            async () => valueOf(samplesOf(await metricsPage(nodes[0])), 'fanfare_redis_lag_seconds') > 0,
            'the lag is measured',
            2 * DEADLINE,
        );
        await redis.kill();
        await showsValue(nodes[0], 'fanfare_redis_connected', {}, 0);
        await showsValue(nodes[0], 'fanfare_redis_losses_total', {}, 1);
    });
});

describe('the files of deploy/prometheus', () => {
    test('are_valid', () => {
        const rules = promtool(['check', 'rules', ALERTS]);
        assert.equal(rules.status, 0, rules.output);
        const config = promtool(['check', 'config', path.join(REPOSITORY, 'deploy/prometheus/prometheus.yml')]);
        assert.equal(config.status, 0, config.output);
    });

    test('alert_when_they_should_and_else_not', () => {
        const tests = promtool(['test', 'rules', path.join(REPOSITORY, 'deploy/prometheus/alerts_test.yml')]);
        assert.equal(tests.status, 0, tests.output);
        const alerts = read('deploy/prometheus/alerts.yml').match(/alert: \w+/g);
        const tested = read('deploy/prometheus/alerts_test.yml');
        for (const alert of alerts) assert.ok(tested.includes(alert.slice(7)), `${alert} has no test`);
    });
});
