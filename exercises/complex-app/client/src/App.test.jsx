import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, expect, test, vi } from 'vitest';

import { fetchIndexes, submit } from './api.js';
import { App } from './App.jsx';
import { Values } from './Values.jsx';

afterEach(() => vi.unstubAllGlobals());

function answers(status, body) {
  const response = new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json' },
  });
  const asked = vi.fn(async () => response);
  vi.stubGlobal('fetch', asked);
  return asked;
}

test('the page starts empty', () => {
  const page = renderToStaticMarkup(<App />);
  expect(page).toContain('none yet');
  expect(page).toContain('<button>Submit</button>');
});

test('values stand in the order of their indexes, and what is missing says so', () => {
  const page = renderToStaticMarkup(
    <Values values={{ 10: { value: 55, worker: '<b>' }, 2: { value: null } }} />,
  );
  expect(page.indexOf('<td>2</td>')).toBeLessThan(page.indexOf('<td>10</td>'));
  expect(page).toContain('a worker is at it');
  expect(page).toContain('<td>55</td><td>&lt;b&gt;</td>');
});

test('what is typed goes to the server as it is, and its refusal is passed on', async () => {
  const asked = answers(422, { error: 'The index is a whole number from 0 to 40.' });
  await expect(submit('x')).rejects.toThrow('a whole number');
  const [path, options] = asked.mock.calls[0];
  expect(path).toBe('/api/values');
  expect(JSON.parse(options.body)).toEqual({ index: 'x' });
});

test('indexes come from the API', async () => {
  answers(200, [1, 2]);
  expect(await fetchIndexes()).toEqual([1, 2]);
});
