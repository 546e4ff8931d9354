import { createClient } from 'redis';

export const JOBS = 'jobs';
export const VALUES = 'values';
export const DONE = 'done';

/** Work for the workers and their results, kept in Redis; `url` is as in redis://redis:6379. */
export function redisQueue(url) {
  // A command that cannot be sent fails at once: a visitor is not kept waiting.
  const client = createClient({ url, disableOfflineQueue: true });
  const listener = client.duplicate();
  for (const one of [client, listener]) {
    one.on('error', (error) => console.error(`redis: ${error.message || error.code}`));
  }
  return {
    connect: () => Promise.all([client.connect(), listener.connect()]),
    close: () => [client, listener].forEach((one) => one.isOpen && one.destroy()),
    check: () => client.ping(),
    // A stream, not a message: what is in it waits until a worker says that it is done.
    add: async (number, request) => {
      await client.hSetNX(VALUES, String(number), JSON.stringify({ value: null }));
      await client.xAdd(JOBS, '*', { number: String(number), request });
    },
    values: async () => {
      const found = await client.hGetAll(VALUES);
      return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, JSON.parse(value)]));
    },
    onDone: (heard) => listener.subscribe(DONE, (message) => heard(message)),
  };
}
