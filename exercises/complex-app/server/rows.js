import pg from 'pg';

const TABLE = `CREATE TABLE IF NOT EXISTS submitted (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number INTEGER NOT NULL,
  at TIMESTAMPTZ NOT NULL DEFAULT now()
)`;

/** The indexes that were submitted, kept in PostgreSQL; connection data as in PGHOST, PGUSER … */
export function postgresRows() {
  const pool = new pg.Pool({ connectionTimeoutMillis: 2000 });
  // An idle connection that breaks is replaced by the pool; without this line it ends the program.
  pool.on('error', (error) => console.error(`postgres: ${error.message}`));
  let table = null;

  // The database may come up after this program, so the table is made when it is first needed.
  async function query(text, values) {
    table ??= pool.query(TABLE).catch((error) => {
      table = null;
      throw error;
    });
    await table;
    return (await pool.query(text, values)).rows;
  }

  return {
    add: (number) => query('INSERT INTO submitted (number) VALUES ($1)', [number]),
    all: async () =>
      (await query('SELECT DISTINCT number FROM submitted ORDER BY number')).map((row) => row.number),
    check: () => query('SELECT 1'),
    close: () => pool.end(),
  };
}
