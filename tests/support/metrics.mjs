// SPDX-License-Identifier: MIT
// What a server has counted, as Prometheus sees it.
import assert from 'node:assert/strict';
import { fetchRaw } from './http.mjs';
import { eventually } from './deadline.mjs';

/// A server setting: the metrics on a port of their own, which the log tells.
export const metricsAnywhere = { metrics_address: '127.0.0.1:0' };

/// Where the metrics of a running daemon are.
export async function metricsOf(daemon) {
    const [, host, port] = await eventually(
        () => / metrics url=http:\/\/([^:\s]+):(\d+)\//.exec(daemon.log),
        'the log tells where the metrics are',
    );
    return { host, port: Number(port) };
}

/// The page as Prometheus gets it.
export async function metricsPage(daemon) {
    const page = await fetchRaw(await metricsOf(daemon), { target: '/metrics' });
    assert.equal(page.status, 200, page.body);
    return page.body;
}

async function countOf(daemon, line) {
    const page = await metricsPage(daemon);
    const found = page.split('\n').find((each) => each.startsWith(`${line} `));
    assert.ok(found, `no ${line} in\n${page}`);
    return Number(found.slice(line.length + 1));
}

const unescaped = (text) => text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));

/// The samples of a page: `{ name, labels, value }`.
export function samplesOf(page) {
    const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return lines.map((line) => {
        const parts = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
        assert.ok(parts, line);
        const [, name, labels = '', value] = parts;
        const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
        return {
            name,
            labels: Object.fromEntries(pairs.map(([, key, text]) => [key, unescaped(text)])),
            value: Number(value),
        };
    });
}

/// The families of a page by name: `{ type, help }`.
export function familiesOf(page) {
    const families = new Map();
    for (const [, name, help] of page.matchAll(/^# HELP (\w+) (.*)$/gm)) families.set(name, { help });
    for (const [, name, type] of page.matchAll(/^# TYPE (\w+) (.*)$/gm)) families.get(name).type = type;
    return families;
}

/// The sum of the samples called `name` that have these labels.
export function valueOf(samples, name, labels = {}) {
    const wanted = Object.entries(labels);
    const found = samples.filter(
        (sample) => sample.name === name && wanted.every(([key, text]) => sample.labels[key] === text),
    );
    assert.ok(found.length > 0, `there is no ${name} ${JSON.stringify(labels)}`);
    return found.reduce((sum, { value }) => sum + value, 0);
}

/// Waits until the sum of these samples is `value`.
export const showsValue = (daemon, name, labels, value) =>
    eventually(
        async () => valueOf(samplesOf(await metricsPage(daemon)), name, labels) === value,
        `${name} ${JSON.stringify(labels)} is ${value}`,
    );

/// How often `reason` was counted in `fanfare_{family}_total`, over all nodes of the server.
export async function counted(daemon, family, reason, label = 'reason') {
    const nodes = daemon.cluster?.nodes ?? [daemon];
    const line = `fanfare_${family}_total{${label}="${reason}"}`;
    const counts = await Promise.all(nodes.map((node) => countOf(node, line)));
    return counts.reduce((total, each) => total + each, 0);
}

/// Runs `action` and expects that it is counted `times` times, and soon: what is counted when a
/// connection ends may come after the client has seen the end.
export async function expectCounted(daemon, family, reason, action, times = 1) {
    const before = await counted(daemon, family, reason);
    const result = await action();
    await eventually(
        async () => (await counted(daemon, family, reason)) === before + times,
        `${times} more of ${family} ${reason} than ${before}`,
    );
    return result;
}
