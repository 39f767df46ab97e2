// SPDX-License-Identifier: MIT
// A receiver of webhooks, over http or https, that checks with Pusher's own SDK what it gets, and that can
// be told to be a bad receiver.
import http from 'node:http';
import https from 'node:https';
import Pusher from 'pusher';
import { track } from './sockets.mjs';
import { eventually } from './deadline.mjs';

/// How a receiver may answer a request: `answer(behaviour)` is for all, `answerNext(…)` for the next ones.
export const behaviours = {
    ok: (response) => response.writeHead(200).end('ok'),
    /// Never.
    hang: () => {},
    status: (code) => (response) => response.writeHead(code).end(),
    redirect: (to) => (response) => response.writeHead(307, { Location: to }).end(),
    close: (response) => response.socket.destroy(),
};

export class WebhookReceiver {
    /// Every request in the order of its arrival: `{ path, headers, rawHeaders, rawBody, isValid, timeMs,
    /// events, socket }`. `isValid` is the SDK's word about the signature.
    requests = [];
    #server;
    #behaviour = behaviours.ok;
    #next = [];
    #sdk;
    #scheme;

    /// `certificate`: a SelfSigned, for https.
    constructor(app, { certificate } = {}) {
        this.#sdk = new Pusher({ appId: app.app_id, key: app.key, secret: app.secret, cluster: '-' });
        this.#scheme = certificate ? 'https' : 'http';
        const onRequest = (request, response) => this.#receive(request, response);
        this.#server = certificate
            ? https.createServer(certificate.options, onRequest)
            : http.createServer(onRequest);
        this.#server.keepAliveTimeout = 60_000;
        this.#server.on('connection', track);
    }

    async start() {
        await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
        return this;
    }

    get url() {
        return `${this.#scheme}://127.0.0.1:${this.#server.address().port}/hook`;
    }

    answer(behaviour) {
        this.#behaviour = behaviour;
    }

    answerNext(...behaviours) {
        this.#next.push(...behaviours);
    }

    /// The events of all requests, in the order of their arrival.
    get events() {
        return this.requests.flatMap(({ events }) => events);
    }

    /// Waits until so many requests have come; all of them.
    async received(count, ms) {
        await eventually(() => this.requests.length >= count, `${count} webhook requests`, ms);
        return this.requests;
    }

    close() {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    async #receive(request, response) {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const rawBody = Buffer.concat(chunks).toString('utf8');
        const webhook = this.#sdk.webhook({ headers: request.headers, rawBody });
        this.requests.push({
            path: request.url,
            headers: request.headers,
            rawHeaders: request.rawHeaders,
            rawBody,
            isValid: webhook.isValid(),
            timeMs: webhook.getTime().getTime(),
            events: webhook.getEvents(),
            socket: request.socket,
        });
        (this.#next.shift() ?? this.#behaviour)(response);
    }
}
