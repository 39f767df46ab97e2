// SPDX-License-Identifier: MIT
// Pusher's signatures (protocol.md 3.3 and 5.2), written from the specification.
import { createHash, createHmac } from 'node:crypto';

export const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest('hex');
export const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');
export const unixTime = () => Math.floor(Date.now() / 1000);

/// The `auth` of a subscription: `channelData` only for presence, and for private if given.
export function channelAuth(app, socketId, channel, channelData) {
    const signed = [socketId, channel];
    if (channelData !== undefined) signed.push(channelData);
    return `${app.key}:${hmac(app.secret, signed.join(':'))}`;
}

/// The `auth` of a sign-in.
export const userAuth = (app, socketId, userData) =>
    `${app.key}:${hmac(app.secret, `${socketId}::user::${userData}`)}`;

/// What an API request signs: every parameter but the signature, keys lower-cased and sorted, values
/// not encoded.
export function stringToSign(method, path, params) {
    const query = Object.entries(params)
        .map(([key, value]) => [key.toLowerCase(), value])
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key}=${value}`)
        .join('&');
    return [method, path, query].join('\n');
}

/// The parameters of a correctly signed request. `signedPath` is the path that goes into the signature;
/// `extra` may replace any of the authentication parameters.
export function signedParams(app, { method, path, body = '', extra = {} }) {
    const params = {
        auth_key: app.key,
        auth_timestamp: String(unixTime()),
        auth_version: '1.0',
        ...(body.length > 0 ? { body_md5: md5(body) } : {}),
        ...extra,
    };
    return { ...params, auth_signature: hmac(app.secret, stringToSign(method, path, params)) };
}

export function encodeQuery(params) {
    return Object.entries(params)
        .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
        .join('&');
}
