// SPDX-License-Identifier: MIT
// RFC 6455 frames as bytes. The writer can break every rule; the reader accepts only what a server may
// send.
import { randomBytes } from 'node:crypto';

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/// A client frame. `length` overrides the 7-bit length field or the declared length (broken frames),
/// `mask: false` leaves it unmasked.
export function encodeFrame({
    op = opcode.text,
    payload = '',
    fin = true,
    rsv = 0,
    mask = true,
    declaredLength,
}) {
    const body = Buffer.from(payload);
    const length = declaredLength ?? body.length;
    const head = [(fin ? 0x80 : 0) | (rsv << 4) | op];
    const maskBit = mask ? 0x80 : 0;
    if (length < 126) {
        head.push(maskBit | length);
    } else if (length < 65536) {
        head.push(maskBit | 126, length >> 8, length & 0xff);
    } else {
        const wide = Buffer.alloc(8);
        wide.writeBigUInt64BE(BigInt(length));
        head.push(maskBit | 127, ...wide);
    }
    if (!mask) return Buffer.concat([Buffer.from(head), body]);
    const key = randomBytes(4);
    const masked = Buffer.from(body);
    for (let i = 0; i < masked.length; i += 1) masked[i] ^= key[i & 3];
    return Buffer.concat([Buffer.from(head), key, masked]);
}

/// The payload of a CLOSE frame.
export function closePayload(code, reason = '') {
    const bytes = Buffer.from(reason);
    const payload = Buffer.alloc(2 + bytes.length);
    payload.writeUInt16BE(code);
    bytes.copy(payload, 2);
    return payload;
}

/// Cuts one server frame off the front of `bytes`; undefined if it is not complete yet.
export function takeFrame(bytes) {
    if (bytes.length < 2) return undefined;
    const op = bytes[0] & 0x0f;
    const fin = (bytes[0] & 0x80) !== 0;
    if (bytes[0] & 0x70) throw new Error('the server set a reserved bit');
    if (bytes[1] & 0x80) throw new Error('the server masked a frame');
    let length = bytes[1] & 0x7f;
    let at = 2;
    if (length === 126) {
        if (bytes.length < 4) return undefined;
        length = bytes.readUInt16BE(2);
        if (length < 126) throw new Error('length not in its shortest form');
        at = 4;
    } else if (length === 127) {
        if (bytes.length < 10) return undefined;
        length = Number(bytes.readBigUInt64BE(2));
        if (length < 65536) throw new Error('length not in its shortest form');
        at = 10;
    }
    if (op >= 8 && (length > 125 || !fin)) throw new Error('the server sent a broken control frame');
    if (bytes.length < at + length) return undefined;
    const frame = { op, fin, payload: bytes.subarray(at, at + length) };
    return { frame, rest: bytes.subarray(at + length) };
}

/// Code and reason of a CLOSE frame; code 1005 when it has none.
export function closeOf(payload) {
    if (payload.length === 0) return { code: 1005, reason: '' };
    return { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString('utf8') };
}
