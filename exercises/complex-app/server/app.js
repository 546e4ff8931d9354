import { randomUUID } from 'node:crypto';

import express from 'express';

import { log } from './log.js';

// fib(40) keeps a worker busy for a second or two; more would only keep it busy for longer.
export const MOST = 40;

/** Returns the index that `given` means, or null: a whole number from 0 to 40 and nothing else. */
export function parseIndex(given) {
  const text = typeof given === 'number' ? String(given) : given;
  if (typeof text !== 'string' || !/^\d{1,2}$/.test(text.trim())) {
    return null;
  }
  const number = Number(text);
  return number <= MOST ? number : null;
}

/**
 * The API.
 *
 * @param rows the submitted indexes: `add(number)`, `all()`, `check()`.
 * @param queue work and values: `add(number, request)`, `values()`, `check()`.
 */
export function makeApp(rows, queue) {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '10kb' }));
  app.use((req, res, next) => {
    req.id = req.get('x-request-id') ?? randomUUID();
    next();
  });

  app.get('/health', async (req, res) => {
    const asked = { postgres: rows.check(), redis: queue.check() };
    const told = await Promise.all(
      Object.entries(asked).map(([name, answer]) =>
        answer.then(
          () => [name, 'ok'],
          (error) => [name, error.message || error.code || 'no answer'],
        ),
      ),
    );
    const well = told.every(([, words]) => words === 'ok');
    res.status(well ? 200 : 503).json(Object.fromEntries(told));
  });

  app.get('/values/all', async (req, res) => {
    res.json(await rows.all());
  });

  app.get('/values/current', async (req, res) => {
    res.json(await queue.values());
  });

  app.post('/values', async (req, res) => {
    const number = parseIndex(req.body?.index);
    if (number === null) {
      log(req.id, 'refused');
      res.status(422).json({ error: `The index is a whole number from 0 to ${MOST}.` });
      return;
    }
    await rows.add(number);
    log(req.id, 'row written', { number });
    await queue.add(number, req.id);
    log(req.id, 'job queued', { number });
    res.status(202).json({ index: number });
  });

  app.use((error, req, res, next) => {
    if (error.type === 'entity.parse.failed' || error.type === 'entity.too.large') {
      res.status(error.status).json({ error: 'The request is no JSON of a sensible size.' });
      return;
    }
    log(req.id, 'failed', { error: error.message || error.code });
    res.status(503).json({ error: 'A service behind this one does not answer. Try again soon.' });
  });

  return app;
}
