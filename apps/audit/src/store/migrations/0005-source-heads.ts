import { migration } from '@interlock/chassis/db';

/** The last record of each source that gives its records a place, so that a gap or a fork is seen when the next one comes. */
export const sourceHeads = migration(
  '0005-source-heads',
  `
  create table source_head (
    log_no   integer not null,
    source   text    collate "C" not null,
    sequence bigint  not null,
    digest   text    collate "C" not null,
    constraint source_head_one_each primary key (log_no, source),
    constraint source_head_sequence_is_positive check (sequence > 0)
  );
  comment on table source_head is 'The newest record of a source in a log, by the place that the source gave it.';
  alter table source_head enable row level security;
  alter table source_head force row level security;
  create policy service_only on source_head using (current_setting('interlock.organisation', true) = '*');
`,
);
