import { migration } from '@interlock/chassis/db';

/** Until when what a log's records tell of persons is kept, and who demands that it is kept longer. */
export const keeping = migration(
  '0007-keeping',
  `
  alter table log add column retention_seconds bigint;
  alter table log add column erased_to bigint not null default 0;
  comment on column log.retention_seconds is 'As the agreement in force says; null where it says nothing.';
  comment on column log.erased_to is 'Nothing before this place opens any more.';
  create table hold (
    log_no       integer     not null,
    organisation text        collate "C" not null,
    since        timestamptz not null default clock_timestamp(),
    constraint hold_one_per_side primary key (log_no, organisation),
    constraint hold_is_of_a_party foreign key (log_no, organisation) references party (log_no, organisation)
  );
  comment on table hold is 'Companies that demand that nothing of a log is erased.';
  alter table hold enable row level security;
  alter table hold force row level security;
  create policy parties_read on hold using (
    current_setting('interlock.organisation', true) = '*'
    or exists (select from party p
      where p.organisation = current_setting('interlock.organisation', true) and p.log_no = hold.log_no));
`,
);
