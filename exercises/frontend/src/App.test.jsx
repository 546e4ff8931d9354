import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { App } from './App.jsx';
import { headline } from './headline.js';

test('the headline counts ships and what they carry', () => {
  expect(headline([])).toBe('No ship today');
  expect(headline([{ name: 'A', containers: 5 }])).toBe('1 ship with 5 containers');
  const two = [
    { name: 'A', containers: 5 },
    { name: 'B', containers: 7 },
  ];
  expect(headline(two)).toBe('2 ships with 12 containers');
});

test('the page lists each ship', () => {
  const page = renderToStaticMarkup(<App ships={[{ name: '<script>', containers: 1 }]} />);
  expect(page).toContain('<h1>1 ship with 1 containers</h1>');
  expect(page).toContain('<li>&lt;script&gt;: 1 containers</li>');
});
