import { StartError } from '../fault.js';

/** A step of a schema's history: plain SQL, never edited once merged, never undone. */
export interface Migration {
  /** `0001-what-it-brings`; the order of the list is the order of the steps. */
  readonly name: string;
  readonly sql: string;
}

/** Declares a migration. Names read `0001-agreements`, so that a list of them sorts as it runs. */
export function migration(name: string, sql: string): Migration {
  if (!/^[0-9]{4}-[a-z0-9-]+$/.test(name)) throw new StartError(`migration ${name} must be named like 0001-agreements`);
  return { name, sql };
}
