// SPDX-License-Identifier: MIT
// An HTTP/1.1 client over a bare socket: it sends exactly the bytes it is given, in the pieces it is
// given, and reads answers in order (pipelining, interim 1xx answers).
import { connectTo, reset } from './sockets.mjs';
import { within } from './deadline.mjs';

function parseHead(text) {
    const [statusLine, ...lines] = text.split('\r\n');
    const match = /^(HTTP\/\d\.\d) (\d{3}) ?(.*)$/.exec(statusLine);
    if (!match) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
    const headers = {};
    for (const line of lines) {
        const colon = line.indexOf(':');
        if (colon < 1) throw new Error(`not a header: ${JSON.stringify(line)}`);
        const name = line.slice(0, colon).toLowerCase();
        const value = line.slice(colon + 1).trim();
        headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    return { version: match[1], status: Number(match[2]), reason: match[3], headers };
}

/// Cuts one answer off the front of `bytes`; undefined if it is not complete yet. `ended`: the peer has
/// closed, so an answer without length is complete.
export function takeResponse(bytes, { ended = false, bodyless = false } = {}) {
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const head = parseHead(bytes.subarray(0, headEnd).toString('latin1'));
    const rest = bytes.subarray(headEnd + 4);
    if (head.headers['transfer-encoding']) throw new Error('chunked answers are not expected');
    const hasBody = !bodyless && head.status >= 200 && head.status !== 204 && head.status !== 304;
    const declared = head.headers['content-length'];
    if (hasBody && declared === undefined && !ended) return undefined;
    const length = !hasBody ? 0 : declared === undefined ? rest.length : Number(declared);
    if (rest.length < length) return undefined;
    const body = rest.subarray(0, length).toString('utf8');
    return { response: { ...head, body, json: () => JSON.parse(body) }, rest: rest.subarray(length) };
}

/// One connection. `response()` is the next answer in order.
export class HttpConnection {
    #socket;
    #bytes = Buffer.alloc(0);
    #ended = false;
    #wake = () => {};

    constructor(socket) {
        this.#socket = socket;
        socket.on('data', (chunk) => {
            this.#bytes = Buffer.concat([this.#bytes, chunk]);
            this.#wake();
        });
        for (const event of ['end', 'close', 'error']) {
            socket.on(event, () => {
                this.#ended = true;
                this.#wake();
            });
        }
    }

    static async open(server) {
        let socket;
        await within(
            new Promise((resolve, reject) => {
                socket = connectTo(server, resolve).once('error', reject);
            }),
            `connection to ${server.host}:${server.port}`,
        );
        return new HttpConnection(socket);
    }

    write(bytes) {
        this.#socket.write(bytes);
    }

    /// Writes `bytes` in pieces of `size`, each in its own segment as far as TCP allows.
    async writePieces(bytes, size) {
        const all = Buffer.from(bytes);
        for (let at = 0; at < all.length; at += size) {
            this.#socket.write(all.subarray(at, at + size));
            await new Promise(setImmediate);
        }
    }

    /// The next answer; `bodyless` for the answer to HEAD. An interim 1xx is an answer of its own.
    response({ bodyless = false, ms } = {}) {
        const read = async () => {
            for (;;) {
                const taken = takeResponse(this.#bytes, { ended: this.#ended, bodyless });
                if (taken) {
                    this.#bytes = taken.rest;
                    return taken.response;
                }
                if (this.#ended) {
                    throw new Error(`connection ended after ${JSON.stringify(this.#bytes.toString())}`);
                }
                await this.#change();
            }
        };
        return within(read(), 'an HTTP answer', ms);
    }

    /// Waits for the peer to close; what came after the last answer.
    end(ms) {
        const wait = async () => {
            while (!this.#ended) await this.#change();
            return this.#bytes.toString('latin1');
        };
        return within(wait(), 'end of the HTTP connection', ms);
    }

    get isOpen() {
        return !this.#ended;
    }

    reset() {
        reset(this.#socket);
    }

    close() {
        this.#socket.destroy();
    }

    #change() {
        return new Promise((resolve) => {
            this.#wake = resolve;
        });
    }
}

/// The bytes of a request. Headers are sent as given, plus Host and, with a body, Content-Length.
export function requestBytes({ method = 'GET', target, headers = {}, body = '' }) {
    const all = { Host: 'localhost', ...headers };
    if (body.length > 0 && !('Content-Length' in all) && !('Transfer-Encoding' in all)) {
        all['Content-Length'] = Buffer.byteLength(body);
    }
    const lines = Object.entries(all)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([
        Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`),
        Buffer.from(body),
    ]);
}

/// One request on a connection of its own.
export async function fetchRaw(server, request) {
    const connection = await HttpConnection.open(server);
    try {
        connection.write(requestBytes(request));
        return await connection.response({ bodyless: request.method === 'HEAD' });
    } finally {
        connection.close();
    }
}
