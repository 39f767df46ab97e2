// SPDX-License-Identifier: MIT
// Waiting with a deadline: nothing in these suites sleeps and hopes.

const slowdown = Number(process.env.FANFARE_SLOWDOWN ?? 1);

/// How long anything may take that should happen at once, in ms. FANFARE_SLOWDOWN (a factor) makes it
/// longer for sanitizer builds.
export const DEADLINE = 5000 * slowdown;

/// `promise`, or an error that says `what` was awaited when it takes longer than `ms`.
export function within(promise, what, ms = DEADLINE) {
    let timer;
    const expiry = new Promise((_, reject) => {
        const error = new Error(`not within ${ms} ms: ${what}`);
        timer = setTimeout(() => reject(error), ms);
    });
    return Promise.race([promise, expiry]).finally(() => clearTimeout(timer));
}

/// Resolves after `ms`. Only to pace a client against one of the server's own timers.
export function pace(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
}

/// Calls `attempt` again and again until it returns something truthy, which is the result. A failed
/// attempt (false or an exception) is repeated until the deadline.
export async function eventually(attempt, what, ms = DEADLINE) {
    const end = Date.now() + ms;
    for (;;) {
        let last;
        try {
            const result = await attempt();
            if (result) return result;
        } catch (error) {
            last = error;
        }
        if (Date.now() > end) {
            throw new Error(`not within ${ms} ms: ${what}`, { cause: last });
        }
        await pace(20);
    }
}

/// Calls `work(i)` for 0 … count-1 with at most `width` calls in flight; the results in order.
export async function inWaves(count, width, work) {
    const results = [];
    for (let start = 0; start < count; start += width) {
        const wave = Array.from({ length: Math.min(width, count - start) }, (_, i) => work(start + i));
        results.push(...(await Promise.all(wave)));
    }
    return results;
}
