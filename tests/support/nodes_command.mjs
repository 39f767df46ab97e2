// SPDX-License-Identifier: MIT
import os from 'node:os';
import path from 'node:path';
import { cleanEnvironment, Process } from './daemon.mjs';

/// `fanfare nodes` with the configuration of a server, wherever it is run.
export async function nodesCommand(daemon, ...flags) {
    const file = path.join(daemon.directory, 'fanfare.json');
    const command = new Process(['nodes', '--config', file, ...flags], {
        cwd: os.tmpdir(),
        env: cleanEnvironment(),
    });
    const exit = await command.ended();
    command.assertClean();
    return { ...exit, stdout: command.stdout, stderr: command.stderr };
}
