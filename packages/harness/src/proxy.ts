/** A TCP proxy that disturbs a network: slow, cut, reset, silent, or dropping one response. */
import { once } from 'node:events';
import { createServer, type Socket, connect as tcp } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export type BadNetwork = {
  readonly port: number;
  /** `url` with this proxy's host and port. */
  through(url: string): string;
  /** The server of new connections. */
  aim(url: string): void;
  /** Delay each chunk, in both directions, and limit the throughput. */
  slow(how: { delayMs?: number; bytesPerSecond?: number }): void;
  /** Connections stay open and carry nothing until `heal`, as after a machine is lost. */
  silence(): void;
  /** Open connections stay open and never carry anything again; new ones work. */
  deafen(): void;
  /** Open connections are reset, and so are new ones, until `heal`. */
  cut(): void;
  /** Open connections are reset; new ones work. */
  reset(): void;
  /**
   * The next request that contains `text` reaches the server; its response is lost, since the connection is reset. Resolves when
   * that has happened. With `after`, only on a connection that sent that text before: the COMMIT of one transaction among others.
   */
  loseAnswer(text: string, options?: { after?: string }): Promise<void>;
  /** The network works again; data that was held back arrives. */
  heal(): void;
  close(): Promise<void>;
};

/** Reset a connection; one that is opening or ending cannot be reset and is closed. */
const drop = (socket: Socket): void => {
  if (socket.connecting || socket.writableEnded || socket.writableLength > 0) socket.destroy();
  else socket.resetAndDestroy();
};

const GOOD = { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY };

/** Start a proxy on loopback to the server of `url`. The caller closes it. */
export async function startProxy(url: string): Promise<BadNetwork> {
  const [connections, passed] = [new Set<Socket>(), Promise.resolve()];
  let target = new URL(url);
  let speed = GOOD;
  let refusing = false;
  let open: { promise: Promise<void>; release: () => void } | undefined;
  const deaf = new WeakSet<Socket>();
  const traps = new Set<{ text: string; after: string; ready: WeakSet<Socket>; done: () => void }>();

  const line = (from: Socket) =>
    new Transform({
      transform: async (chunk: Buffer, _, done) => {
        if (deaf.has(from)) return done();
        await (open?.promise ?? passed);
        const pause = speed.delayMs + (chunk.length / speed.bytesPerSecond) * 1000;
        if (pause >= 1) await sleep(pause);
        done(null, chunk);
      },
    });

  const server = createServer({ noDelay: true }, (client) => {
    if (refusing) {
      client.on('error', () => {}); // the reset is intended
      drop(client);
      return;
    }
    const upstream = tcp({ host: target.hostname, port: Number(target.port), noDelay: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      connections.add(socket);
      socket.on('error', () => other.destroy()); // closing the other connection reports the error to its end
      socket.on('close', () => {
        connections.delete(socket);
        other.destroy();
      });
    }
    const there = client.pipe(line(client));
    const back = upstream.pipe(line(upstream));
    there.on('data', (chunk: Buffer) => {
      for (const { after, ready } of traps) if (chunk.includes(after)) ready.add(client);
      const trap = [...traps].find(({ text, ready }) => ready.has(client) && chunk.includes(text));
      if (trap !== undefined) {
        traps.delete(trap);
        back.unpipe(client);
        back.once('data', () => {
          drop(client);
          trap.done();
        });
        back.resume(); // unpiping has paused it
      }
      if (!upstream.write(chunk)) {
        there.pause();
        upstream.once('drain', () => there.resume());
      }
    });
    there.on('end', () => upstream.end());
    back.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const { port } = address;
  const resetAll = () => {
    for (const socket of connections) drop(socket);
  };

  return {
    port,
    through: (original) => {
      const changed = new URL(original);
      changed.hostname = '127.0.0.1';
      changed.port = String(port);
      return changed.href;
    },
    aim: (newTarget) => {
      target = new URL(newTarget);
    },
    slow: (how) => {
      speed = { ...GOOD, ...how };
    },
    silence: () => {
      let release = () => {};
      const promise = new Promise<void>((resolve) => {
        release = resolve;
      });
      open ??= { promise, release };
    },
    deafen: () => {
      for (const socket of connections) deaf.add(socket);
    },
    cut: () => {
      refusing = true;
      resetAll();
    },
    reset: resetAll,
    loseAnswer: (text, { after = '' } = {}) =>
      new Promise((done) => void traps.add({ text, after, ready: new WeakSet(), done })),
    heal: () => {
      speed = GOOD;
      refusing = false;
      traps.clear();
      open?.release();
      open = undefined;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}
