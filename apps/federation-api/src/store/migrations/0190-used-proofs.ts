import { migration } from '@interlock/chassis/db';

/**
 * Which proofs were used, for all replicas. Unlogged: a crash of the database forgets them, as a restart of the one replica did, and none
 * is good for longer than a minute; in return a request waits for no disk.
 */
export const usedProofs = migration(
  '0190-used-proofs',
  `
  create unlogged table used_proofs (
    made_as    text        collate "C" not null,
    key        text        collate "C" not null,
    jti        text        collate "C" not null,
    expires_at timestamptz not null,
    constraint used_proofs_once primary key (made_as, key, jti)
  );
  create index used_proofs_over on used_proofs (expires_at);
  comment on table used_proofs is 'Caller and DPoP proofs that were taken, until they expire. Of known callers alone: a stranger fills nothing.';
`,
);
