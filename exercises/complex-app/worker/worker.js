import { fib } from './fib.js';

const KEYS = { jobs: 'jobs', values: 'values', done: 'done', group: 'workers' };

/**
 * Takes jobs off the stream, one at a time, and writes their values.
 *
 * A job is acknowledged after its value is written. One whose worker died in between stays in the
 * group's list of pending jobs; whoever finds it there `patience` ms later does it again.
 *
 * @param client a connected Redis client of its own, since reading blocks it.
 * @param name of this worker, told with each value.
 * @param options `keys` in Redis; `patience` and `wait`, how long a read blocks, in ms.
 */
export function makeWorker(client, name, { keys = KEYS, patience = 10_000, wait = 1000 } = {}) {
  const { jobs, values, done, group } = keys;
  let over = false;

  async function prepare() {
    try {
      await client.xGroupCreate(jobs, group, '0', { MKSTREAM: true });
    } catch (error) {
      if (!error.message.startsWith('BUSYGROUP')) throw error; // the first worker has made it
    }
  }

  async function next() {
    const left = await client.xAutoClaim(jobs, group, name, patience, '0', { COUNT: 1 });
    if (left.messages.length > 0) return left.messages[0];
    const read = await client.xReadGroup(group, name, { key: jobs, id: '>' }, { COUNT: 1, BLOCK: wait });
    return read?.[0]?.messages[0] ?? null;
  }

  async function work({ id, message }) {
    const { number, request } = message;
    const tell = (what) =>
      console.log(JSON.stringify({ request, what, number: Number(number), worker: name }));
    tell('job taken');
    const found = { value: fib(Number(number)), worker: name };
    await client.hSet(values, number, JSON.stringify(found));
    await client.publish(done, JSON.stringify({ index: Number(number), ...found }));
    await client.xAck(jobs, group, id);
    await client.xDel(jobs, id);
    tell('value written');
  }

  return {
    async run() {
      await prepare();
      while (!over) {
        const job = await next();
        if (job) await work(job);
      }
    },
    stop() {
      over = true;
    },
  };
}
