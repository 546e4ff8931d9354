/** The headline for a list of ships: how many there are, and what they carry together. */
export function headline(ships) {
  if (ships.length === 0) {
    return 'No ship today';
  }
  const containers = ships.reduce((sum, ship) => sum + ship.containers, 0);
  const noun = ships.length === 1 ? 'ship' : 'ships';
  return `${ships.length} ${noun} with ${containers} containers`;
}
