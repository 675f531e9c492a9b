import { connected } from './connected.js';

/**
 * Makes a database if there is none of that name, and runs a script in it as the administrator. The one place outside
 * the broker's services that speaks to the database: whoever starts a trial needs no driver of its own.
 *
 * @param adminUrl of `startPostgres`
 * @param name lower-case letters, digits and underscores
 * @param script SQL that may run again: a start after a start finds everything made
 * @returns the administrator's address of that database
 */
export async function makeDatabase(adminUrl: string, name: string, script: string): Promise<string> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a database`);
  await connected(adminUrl, async (admin) => {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await admin.query(`create database ${name}`);
  });
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  await connected(url.href, (database) => database.query(script));
  return url.href;
}
