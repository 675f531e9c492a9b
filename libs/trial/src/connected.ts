import pg from 'pg';

/** Runs `work` on one connection of its own. Ended without a commit, the server forgets all of what was begun. */
export async function connected(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
