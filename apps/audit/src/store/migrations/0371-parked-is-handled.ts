import { migration } from '@interlock/chassis/db';

/** A person says how a parked record was dealt with; what comes again wants a person again. The row stays whatever was done. */
export const parkedIsHandled = migration(
  '0371-parked-is-handled',
  `
  alter table parked add column handled_at timestamptz;
  alter table parked add column handled_how text;
  comment on column parked.handled_at is 'When a person dealt with it; null again where it came once more.';
  create function parked_again() returns trigger language plpgsql as $$
  begin
    new.handled_at := null;
    return new;
  end $$;
  create trigger parked_wants_a_person_again before update of times on parked for each row execute function parked_again();
  create function refuse_unparking() returns trigger language plpgsql as $$
  begin
    raise exception 'what is parked stays parked' using errcode = 'restrict_violation';
  end $$;
  create trigger parked_is_never_dropped before delete or truncate on parked
    for each statement execute function refuse_unparking();
`,
);
