import { migration } from '@interlock/chassis/db';

/** By log, as `0004-labels` cut it. */
const PARTS = 16;
const parts = (sql: (part: string) => string): string =>
  Array.from({ length: PARTS }, (_, n) => sql(`entry_${n}`)).join('\n');

/** Statements that name a column which is written once, and any that takes rows away, are refused whatever they would find. */
const WRITTEN_ONCE = (table: string, columns: string) => `
  drop trigger ${table}_is_written_once on ${table};
  create trigger ${table}_is_written_once before update of ${columns} or delete or truncate on ${table}
    for each statement execute function refuse_change();`;

const PLACE = 'log_no, idx, position, leaf_hash, at, resource';

/**
 * What a record says of persons stands beside the log: the door takes it with the record, and it can be taken away, which is all that can
 * happen to it. With it goes what the row could be found by.
 */
export const withheldMembers = migration(
  '0006-withheld',
  `
  alter table appended add column opened jsonb;
  comment on column appended.opened is 'Disclosures of what body withholds; null where there is nothing, or where it was erased.';
  ${WRITTEN_ONCE('appended', 'position, id, log, writer, body, appended_at')}
  create trigger appended_is_only_erased before update of opened on appended for each row
    when (new.opened is not null) execute function refuse_change();
  ${WRITTEN_ONCE('entry', PLACE)}
  ${parts((part) => WRITTEN_ONCE(part, PLACE))}
  create trigger entry_is_only_erased before update of subject, labels on entry for each row
    when (new.subject is not null or not (new.labels <@ old.labels)) execute function refuse_change();

  drop function evidence.append(jsonb);
  create function evidence.append(record jsonb, opened jsonb default null) returns bigint
    language plpgsql security definer
    set search_path = audit, pg_temp
  as $$
  declare
    place bigint;
    fault text := case
      when jsonb_typeof(record) is distinct from 'object' then 'not_an_object'
      when pg_column_size(record) > 49152 or pg_column_size(opened) > 16384 then 'too_large'
      when coalesce(record ->> 'id', '') !~ '^evd_[0-9a-hjkmnp-tv-z]{26}$' then 'no_id'
      when coalesce(record ->> 'log', '') !~ '^(agr_[0-9a-hjkmnp-tv-z]{26}|operator)$' then 'no_log'
    end;
  begin
    if fault is null then
      place := nextval('appended_position');
      insert into appended (position, id, log, writer, body, opened)
        values (place, record ->> 'id', record ->> 'log', session_user, record, opened)
        on conflict do nothing;
      if found then
        insert into pending (position) values (place);
        return place;
      end if;
    end if;
    return append_again(case when fault = 'too_large' and opened is not null
      then jsonb_build_object('record', record, 'opened', opened) else record end, fault);
  end $$;
  comment on function evidence.append is 'Writes one evidence record in the transaction of its fact, and beside it what opens what it withholds. A negative answer is a parked record.';
  revoke execute on function evidence.append from public;
  grant execute on function evidence.append to interlock_trust_registry, interlock_grants, interlock_data_router, interlock_federation_api;
`,
);
