import { headline } from './headline.js';

const SHIPS = [
  { name: 'Ever Patient', containers: 20124 },
  { name: 'Morning Tide', containers: 8400 },
];

export function App({ ships = SHIPS }) {
  return (
    <main>
      <h1>{headline(ships)}</h1>
      <ul>
        {ships.map((ship) => (
          <li key={ship.name}>
            {ship.name}: {ship.containers} containers
          </li>
        ))}
      </ul>
    </main>
  );
}
