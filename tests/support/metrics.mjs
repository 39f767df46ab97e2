// SPDX-License-Identifier: MIT
// What a server has counted, as Prometheus sees it.
import assert from 'node:assert/strict';
import { fetchRaw } from './http.mjs';
import { eventually } from './deadline.mjs';

/// A server setting: the metrics on a port of their own, which the log tells.
export const metricsAnywhere = { metrics_address: '127.0.0.1:0' };

/// Where the metrics of a running daemon are.
export function metricsOf(daemon) {
    const url = / metrics url=http:\/\/([^:\s]+):(\d+)\//.exec(daemon.log);
    assert.ok(url, `no metrics in the log:\n${daemon.log}`);
    return { host: url[1], port: Number(url[2]) };
}

async function countOf(daemon, line) {
    const page = await fetchRaw(metricsOf(daemon), { target: '/metrics' });
    assert.equal(page.status, 200, page.body);
    const found = page.body.split('\n').find((each) => each.startsWith(`${line} `));
    assert.ok(found, `no ${line} in\n${page.body}`);
    return Number(found.slice(line.length + 1));
}

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
