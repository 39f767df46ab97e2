// SPDX-License-Identifier: MIT
// The HTTP API of one app, signed.
import assert from 'node:assert/strict';
import { fetchRaw, requestBytes } from './http.mjs';
import { encodeQuery, signedParams } from './sign.mjs';

export class Api {
    constructor(daemon, app = daemon.app) {
        this.daemon = daemon;
        this.app = app;
    }

    /// A signed request, not yet sent. `path` is below `/apps/{id}`; an object as body becomes JSON.
    request(method, path, { params = {}, body = '', prefix = '', headers = {} } = {}) {
        const full = `/apps/${this.app.app_id}${path}`;
        const text = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
        const query = signedParams(this.app, { method, path: full, body: text, extra: params });
        const type = text.length > 0 ? { 'Content-Type': 'application/json' } : {};
        return {
            method,
            target: `${prefix}${full}?${encodeQuery(query)}`,
            headers: { ...type, ...headers },
            body: text,
        };
    }

    bytes(method, path, options) {
        return requestBytes(this.request(method, path, options));
    }

    get(path, params, options) {
        return fetchRaw(this.daemon, this.request('GET', path, { params, ...options }));
    }

    post(path, body, options) {
        return fetchRaw(this.daemon, this.request('POST', path, { body, ...options }));
    }

    /// A successful GET, parsed.
    async query(path, params) {
        const response = await this.get(path, params);
        assert.equal(response.status, 200, response.body);
        return response.json();
    }

    /// Publishes and insists on success; the parsed answer.
    async publish(channels, name, data, more = {}) {
        const list = Array.isArray(channels) ? { channels } : { channel: channels };
        const response = await this.post('/events', { name, data, ...list, ...more });
        assert.equal(response.status, 200, response.body);
        return response.json();
    }

    async connections() {
        return (await this.query('/connections')).connections;
    }
}
