import { once } from 'node:events';
import { createServer } from 'node:net';

const perProcess = 50;
let last = 10_000 + (process.pid % 400) * perProcess;

/**
 * A free port of 127.0.0.1. It is below those that the system hands out by itself (from 32768 on), and processes that run
 * side by side begin at different ones: nobody takes it until the program listens on it.
 */
export async function freePort() {
  for (;;) {
    last += 1;
    const port = last;  // another call may go on while this one waits
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(() => true, () => false);
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
