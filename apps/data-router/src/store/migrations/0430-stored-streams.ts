import { migration } from '@interlock/chassis/db';

/** stored_streams: which streams a region was made to hold, so that those of an agreement that is over can be named and erased. */
export const storedStreams = migration(
  '0430-stored-streams',
  `
  alter table agreements add column retrieval_over boolean not null default false;
  comment on column agreements.retrieval_over is 'The agreement has ended and so has the time to fetch what was stored under it: its streams are erased.';

  create table stored_streams (
    region       text collate "C" not null,
    name         text collate "C" not null,
    agreement_id text collate "C" not null,
    constraint stored_stream_once primary key (region, name),
    constraint stored_stream_is_of_an_agreement foreign key (agreement_id) references agreements (id)
  );
  create index stored_streams_by_agreement on stored_streams (agreement_id);
  alter table stored_streams enable row level security;
  alter table stored_streams force row level security;
  create policy stored_streams_of_nobody on stored_streams using (current_setting('interlock.organisation', true) = '*');
  comment on table stored_streams is 'Streams that a region was made to hold. A row goes when the stream was erased.';
`,
);
