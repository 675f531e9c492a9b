import { migration } from '@interlock/chassis/db';

/** What each party of an agreement said last of each thing of its own, as it was signed. */
export const signals = migration(
  '0351-signals',
  `
  create table signals (
    agreement_id text    collate "C" not null,
    organisation text    collate "C" not null,
    name         text    collate "C" not null,
    parties      text[]  collate "C" not null,
    said_at      bigint  not null,
    holds        boolean not null,
    digest       text    collate "C" not null,
    body         text    not null,
    constraint signal_newest_of_each_name primary key (agreement_id, organisation, name)
  );
  alter table signals enable row level security;
  alter table signals force row level security;
  create policy parties_only on signals using (
    current_setting('interlock.organisation', true) = '*' or current_setting('interlock.organisation', true) = any (parties)
  );
  comment on table signals is 'The newest signal of each party about each thing of its own, relayed as it was signed.';
`,
);
