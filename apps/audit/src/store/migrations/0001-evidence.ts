import { migration } from '@interlock/chassis/db';

/** Roles of the services whose facts are evidence. They may append; they can read and change nothing here. */
const WRITERS = ['interlock_trust_registry', 'interlock_grants', 'interlock_data_router', 'interlock_federation_api'];

/**
 * appended ──(pending)──▶ entry ──▶ checkpoint ──▶ cosignature        parked: what can be no leaf, kept and counted
 *   a fact's own            index,     signed        one per side
 *   transaction             leaf hash  by the log
 *
 * Everything but `log`, `tile`, `witness` and `parked.times` is written once. Every key begins with the log, so that a
 * table can be partitioned by it.
 */
export const evidenceTables = migration(
  '0001-evidence',
  `
  create sequence appended_position;
  create table appended (
    position    bigint      not null,
    id          text        collate "C" not null,
    log         text        collate "C" not null,
    writer      text        collate "C" not null,
    body        jsonb       not null,
    appended_at timestamptz not null default clock_timestamp(),
    constraint appended_has_position primary key (position),
    constraint appended_once unique (id)
  );
  comment on table appended is 'Records as their services wrote them, in the transaction of the fact. Never changed.';

  create table pending (
    position bigint not null
  );
  comment on table pending is 'Marks what has no place in its log yet. Found by the mark, never by a number greater than the last: transactions commit out of order.';

  create table log (
    no              integer generated always as identity,
    name            text    collate "C" not null,
    size            bigint  not null default 0,
    frontier        bytea   not null default '',
    checkpoint_size bigint  not null default 0,
    constraint log_has_number primary key (no),
    constraint log_has_one_name unique (name),
    constraint log_checkpoint_is_inside check (checkpoint_size between 0 and size)
  );
  create index log_wants_checkpoint on log (no) where size > checkpoint_size;
  comment on table log is 'One row per Merkle log: its size and the right edge of its tree.';

  create table entry (
    log_no      integer not null,
    idx         bigint  not null,
    position    bigint  not null,
    leaf_hash   bytea   not null,
    at          bigint  not null,
    kind        text    collate "C" not null,
    outcome     text    collate "C" not null,
    resource    text    collate "C",
    subject     text    collate "C",
    clause      text    collate "C",
    region      text    collate "C",
    constraint entry_has_one_place primary key (log_no, idx),
    constraint entry_hash_is_sha256 check (octet_length(leaf_hash) = 32),
    constraint entry_index_is_not_negative check (idx >= 0)
  );
  -- Places are given in about the order of time, so the pages of a span of time lie together.
  create index entry_by_time on entry using brin (at) with (pages_per_range = 16, autosummarize = on);
  create index entry_by_resource on entry (log_no, resource, idx) include (at) where resource is not null;
  create index entry_by_subject on entry (log_no, subject, idx) include (at) where subject is not null;
  create index entry_by_clause on entry (log_no, clause, idx) where clause is not null;
  create index entry_by_kind on entry (log_no, kind, idx);
  comment on table entry is 'A leaf: its place, its hash, and what it can be found by. The bytes of the leaf are the canonical JSON of appended.body.';

  create table approval (
    log_no   integer not null,
    approver text    collate "C" not null,
    idx      bigint  not null,
    constraint approval_once primary key (log_no, approver, idx)
  );
  comment on table approval is 'Which entries name which approver.';

  create table tile (
    log_no integer  not null,
    level  smallint not null,
    n      bigint   not null,
    hashes bytea    not null,
    constraint tile_has_one_place primary key (log_no, level, n),
    constraint tile_holds_1_to_256_hashes check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0)
  );
  alter table tile alter column hashes set storage external;
  comment on table tile is 'C2SP tlog-tiles. Level 0 is stored when it is full (before that it is read from entry); higher levels grow to the right.';

  create table checkpoint (
    log_no  integer not null,
    size    bigint  not null,
    root    bytea   not null,
    note    text    not null,
    made_at bigint  not null,
    constraint checkpoint_one_root_per_size primary key (log_no, size),
    constraint checkpoint_is_of_a_log foreign key (log_no) references log (no)
  );
  comment on table checkpoint is 'Every state of a log that was ever signed.';

  create table signing_key (
    the_only_one boolean not null default true,
    vkey         text    collate "C" not null,
    constraint signing_key_is_one primary key (the_only_one),
    constraint signing_key_is_the_only_one check (the_only_one)
  );
  comment on table signing_key is 'The key that signed the first checkpoint. Another one would make every log another log.';

  create table party (
    log_no       integer not null,
    organisation text    collate "C" not null,
    constraint party_once primary key (log_no, organisation),
    constraint party_is_of_a_log foreign key (log_no) references log (no)
  );
  create index party_by_organisation on party (organisation, log_no);
  comment on table party is 'Who may read a log: the parties of its agreement.';

  create table witness (
    log_no        integer not null,
    organisation  text    collate "C" not null,
    cosigned_size bigint  not null default 0,
    cosigned_at   bigint,
    constraint witness_one_per_side primary key (log_no, organisation),
    constraint witness_is_a_party foreign key (log_no, organisation) references party (log_no, organisation)
  );
  comment on table witness is 'How far the witness of each side has cosigned.';

  create table witness_key (
    organisation text   collate "C" not null,
    vkey         text   collate "C" not null,
    not_before   bigint not null,
    not_after    bigint not null,
    constraint witness_key_once primary key (organisation, vkey),
    constraint witness_key_ends_after_it_begins check (not_after > not_before)
  );
  comment on table witness_key is 'Certified keys that may cosign for an organisation, as C2SP verifier keys.';

  create table cosignature (
    log_no       integer not null,
    size         bigint  not null,
    organisation text    collate "C" not null,
    line         text    not null,
    at_seconds   bigint  not null,
    constraint cosignature_one_per_side primary key (log_no, size, organisation),
    constraint cosignature_is_of_a_checkpoint foreign key (log_no, size) references checkpoint (log_no, size)
  );
  comment on table cosignature is 'Signature lines of witnesses, verified before they were stored.';

  create table parked (
    no        bigint      generated always as identity,
    reason    text        collate "C" not null,
    writer    text        collate "C" not null,
    digest    bytea       not null,
    body      text        not null,
    times     bigint      not null default 1,
    parked_at timestamptz not null default clock_timestamp(),
    constraint parked_has_number primary key (no),
    constraint parked_once_and_counted unique (digest, reason, writer)
  );
  comment on table parked is 'What cannot be a leaf, as it came, with why and how often. Anything here wants a person.';
`,
);

/** One look at the index of `party` a row, or one hash of the organisation's logs, as the planner likes. */
const IS_PARTY = (logNo: string) => `
    current_setting('interlock.organisation', true) = '*'
    or exists (select from party p
      where p.organisation = current_setting('interlock.organisation', true) and p.log_no = ${logNo})`;

const POLICY_OF_LOG = (table: string, logColumn: string) => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy parties_read on ${table} using (${IS_PARTY(`${table}.${logColumn}`)});`;

/** What the door writes, it writes for whomever the caller acts for; nobody but the door and the service can insert. */
const DOOR_INSERTS = (table: string) => `
  create policy door_inserts on ${table} for insert with check (true);`;

const SERVICE_ONLY = (table: string) => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy service_only on ${table} using (current_setting('interlock.organisation', true) = '*');`;

const WRITTEN_ONCE = (table: string) => `
  create trigger ${table}_is_written_once before update or delete or truncate on ${table}
    for each statement execute function refuse_change();`;

/** An organisation sees the logs it is party to, and before `interlock.organisation` is set nobody sees anything. */
export const evidenceRowSecurity = migration(
  '0002-row-security',
  `
  ${POLICY_OF_LOG('log', 'no')}
  ${['entry', 'approval', 'tile', 'checkpoint', 'witness', 'cosignature'].map((table) => POLICY_OF_LOG(table, 'log_no')).join('')}
  alter table party enable row level security;
  alter table party force row level security;
  create policy own_membership on party using (
    current_setting('interlock.organisation', true) in ('*', organisation));
  alter table appended enable row level security;
  alter table appended force row level security;
  create policy parties_read on appended using (
    current_setting('interlock.organisation', true) = '*'
    or exists (select from log l join party p on p.log_no = l.no
      where l.name = appended.log and p.organisation = current_setting('interlock.organisation', true)));
  ${DOOR_INSERTS('appended')}
  ${SERVICE_ONLY('pending')}
  ${DOOR_INSERTS('pending')}
  ${SERVICE_ONLY('parked')}
  ${SERVICE_ONLY('witness_key')}

  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception 'rows of %.% are never changed', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
  end $$;
  ${['appended', 'entry', 'approval', 'checkpoint', 'cosignature'].map(WRITTEN_ONCE).join('')}

  create function refuse_shrinking() returns trigger language plpgsql as $$
  begin
    raise exception 'log % may not shrink from % to %', old.name, old.size, new.size using errcode = 'restrict_violation';
  end $$;
  create trigger log_never_shrinks before update on log for each row
    when (new.size < old.size or new.checkpoint_size < old.checkpoint_size or new.name <> old.name)
    execute function refuse_shrinking();
`,
);

/**
 * The one door for evidence. It runs in the caller's transaction: rolled back with the fact, durable with the fact.
 * Returns the record's position; a negative number is the number of a parked record. It never raises for bad content:
 * a cut must not fail because its record is malformed.
 */
export const evidenceAppend = migration(
  '0003-append',
  `
  create function append_again(record jsonb, fault text) returns bigint language plpgsql as $$
  declare
    place  bigint;
    acting text := coalesce(current_setting('interlock.organisation', true), '');
  begin
    -- From here on for the service; whoever the caller acts for is put back before it returns.
    perform set_config('interlock.organisation', '*', true);
    if fault is null then
      -- Appended before: the same record again is the same record; another one under its id is a finding.
      select a.position into place from appended a where a.id = record ->> 'id' and a.body = record;
      fault := case when place is null then 'other_content' end;
    end if;
    if fault is not null then
      insert into parked as p (reason, writer, digest, body)
        values (fault, session_user, sha256(convert_to(coalesce(record::text, ''), 'UTF8')), coalesce(record::text, ''))
        on conflict (digest, reason, writer) do update set times = p.times + 1
        returning -p.no into place;
    end if;
    perform set_config('interlock.organisation', acting, true);
    return place;
  end $$;
  comment on function append_again is 'The rare paths of evidence.append(): a repeat, or a record to park.';
  revoke execute on function append_again from public;

  create function evidence.append(record jsonb) returns bigint
    language plpgsql security definer
    set search_path = audit, pg_temp
  as $$
  declare
    place bigint;
    fault text := case
      when jsonb_typeof(record) is distinct from 'object' then 'not_an_object'
      when pg_column_size(record) > 49152 then 'too_large'
      when coalesce(record ->> 'id', '') !~ '^evd_[0-9a-hjkmnp-tv-z]{26}$' then 'no_id'
      when coalesce(record ->> 'log', '') !~ '^(agr_[0-9a-hjkmnp-tv-z]{26}|operator)$' then 'no_log'
    end;
  begin
    if fault is null then
      place := nextval('appended_position');
      insert into appended (position, id, log, writer, body)
        values (place, record ->> 'id', record ->> 'log', session_user, record)
        on conflict do nothing;
      if found then
        insert into pending (position) values (place);
        return place;
      end if;
    end if;
    return append_again(record, fault);
  end $$;
  comment on function evidence.append is 'Writes one evidence record in the transaction of its fact. A negative answer is a parked record.';
  revoke execute on function evidence.append from public;
  grant execute on function evidence.append to ${WRITERS.join(', ')};
`,
);
