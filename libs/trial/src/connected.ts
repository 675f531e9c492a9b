import type pg from 'pg';

/** A connection that is not open yet. The driver is read here: of those who use this library few speak to a database. */
export async function newClient(connectionString: string): Promise<pg.Client> {
  const { default: driver } = await import('pg');
  return new driver.Client({ connectionString });
}

/** Runs `work` on one connection of its own. Ended without a commit, the server forgets all of what was begun. */
export async function connected(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = await newClient(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
