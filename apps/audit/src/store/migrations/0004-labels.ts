import { migration } from '@interlock/chassis/db';

/** By log, so that a question to one log looks at one part. */
const PARTS = 16;

const parts = (sql: (part: string, n: number) => string): string =>
  Array.from({ length: PARTS }, (_, n) => sql(`entry_${n}`, n)).join('\n');

/** The labels of the records there are already, which had none of the members that came with this step. */
const LABELS_OF_BODY = `array(select distinct label from (
    select name || ':' || value as label from (values
      ('resource', (a.body #>> '{resource,owner}') || '/' || (a.body #>> '{resource,id}')),
      ('subject', (a.body #>> '{subject,organisation}') || '/' || (a.body #>> '{subject,kind}') || '/'
        || (a.body #>> '{subject,id}')),
      ('organisation', a.body ->> 'organisation'),
      ('organisation', a.body #>> '{subject,organisation}'),
      ('site', case when a.body ->> 'source' not like 'broker/%' then nullif(split_part(a.body ->> 'source', '/', 2), '') end),
      ('region', a.body ->> 'region'),
      ('agreement', a.body ->> 'agreement'),
      ('grant', a.body ->> 'grant'),
      ('session', a.body ->> 'session'),
      ('clause', a.body ->> 'clause'),
      ('kind', a.body ->> 'kind'),
      ('outcome', a.body ->> 'outcome'),
      ('code', a.body ->> 'code'),
      ('correlation', a.body ->> 'correlation')) as one (name, value)
    union all select 'approver:' || value from jsonb_array_elements_text(a.body -> 'approvers')
    union all select 'recipient:' || value from jsonb_array_elements_text(a.body -> 'recipients')
  ) as named where label is not null)`;

/** The numbers of labels as the service makes them: see label-key.ts. */
const KEYS = `
  create function imul_of_0004(a bigint, b bigint) returns bigint language sql immutable as
    'select ((a & 65535) * b + ((((a >> 16) * b) & 65535) << 16)) & 4294967295';
  create function label_key_of_0004(log_no bigint, label text) returns bigint language plpgsql immutable as $$
  declare
    low  bigint := 3735928559 # log_no;
    high bigint := 1103547991 # log_no;
    unit bigint;
  begin
    for i in 1 .. length(label) loop
      unit := ascii(substr(label, i, 1));
      low := imul_of_0004(low # unit, 2654435761);
      high := imul_of_0004(high # unit, 1597334677);
    end loop;
    low := imul_of_0004(low # (low >> 16), 2246822507) # imul_of_0004(high # (high >> 13), 3266489909);
    high := imul_of_0004(high # (high >> 16), 2246822507) # imul_of_0004(low # (low >> 13), 3266489909);
    return 4294967296 * (2097151 & high) + low;
  end $$;`;

/** Every member of a record can be asked for, from one index; time, machine and person have their own because spans are asked with them. */
export const entryLabels = migration(
  '0004-labels',
  `
  select set_config('interlock.organisation', '*', true);
  ${KEYS}
  alter table entry rename to entry_before;
  alter table entry_before rename constraint entry_has_one_place to entry_before_has_one_place;
  drop index entry_by_time, entry_by_resource, entry_by_subject, entry_by_clause, entry_by_kind;
  create table entry (
    log_no    integer  not null,
    idx       bigint   not null,
    position  bigint   not null,
    leaf_hash bytea    not null,
    at        bigint   not null,
    resource  text     collate "C",
    subject   text     collate "C",
    labels    bigint[] not null,
    constraint entry_has_one_place primary key (log_no, idx),
    constraint entry_hash_is_sha256 check (octet_length(leaf_hash) = 32),
    constraint entry_index_is_not_negative check (idx >= 0)
  ) partition by hash (log_no);
  ${parts((part, n) => `create table ${part} partition of entry for values with (modulus ${PARTS}, remainder ${n});`)}
  insert into entry (log_no, idx, position, leaf_hash, at, resource, subject, labels)
    select e.log_no, e.idx, e.position, e.leaf_hash, e.at, a.body #>> '{resource,id}', a.body #>> '{subject,id}',
      array(select label_key_of_0004(e.log_no, label) from unnest(${LABELS_OF_BODY}) label)
    from entry_before e join appended a using (position);
  drop table entry_before;
  drop function label_key_of_0004;
  drop function imul_of_0004;
  drop table approval;
  create index entry_by_time on entry (log_no, at, idx);
  create index entry_by_resource on entry (log_no, resource, at, idx) where resource is not null;
  create index entry_by_subject on entry (log_no, subject, at, idx) where subject is not null;
  create index entry_by_labels on entry using gin (labels);
  comment on table entry is 'A leaf: its place, its hash, and what it can be found by. The bytes of the leaf are the canonical JSON of appended.body.';
  comment on column entry.resource is 'The id alone; owner and id together are a label.';
  comment on column entry.labels is 'Numbers of the labels of the record (label-key.ts).';

  alter table entry enable row level security;
  alter table entry force row level security;
  create policy parties_read on entry using (
    current_setting('interlock.organisation', true) = '*'
    or exists (select from party p
      where p.organisation = current_setting('interlock.organisation', true) and p.log_no = entry.log_no));
  ${parts((part) => `alter table ${part} enable row level security; alter table ${part} force row level security;`)}
  create trigger entry_is_written_once before update or delete or truncate on entry
    for each statement execute function refuse_change();
  ${parts(
    (part) => `create trigger ${part}_is_written_once before update or delete or truncate on ${part}
    for each statement execute function refuse_change();`,
  )}
`,
);
