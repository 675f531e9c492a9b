import { migration } from '@interlock/chassis/db';

/** A row of a question lies in a tile of its own, and its proof is made of all that is in it: with the nodes half way up, of an eighth of that. */
export const innerNodes = migration(
  '0317-inner-nodes',
  `
  alter table tile add column inner_nodes bytea;
  comment on column tile.inner_nodes is 'Nodes four levels above the hashes of a full tile of level 0; null where they are folded when they are asked for.';
`,
);
