import { migration } from '@interlock/chassis/db';

const ASKER = `current_setting('interlock.organisation', true)`;

/** What a snapshot in memory must look at again, and the full reasons of noes, each for the one company it belongs to. */
export const decisions = migration(
  '0070-decisions',
  `
  create table right_changes (
    xid          xid8   not null default pg_current_xact_id(),
    agreement_id text   collate "C" not null,
    parties      text[] collate "C" not null,
    what         text   collate "C" not null,
    changed_at   timestamptz not null default now(),
    constraint right_change_is_of_a_kind check (what in ('grant', 'facts'))
  );
  create index right_changes_by_transaction on right_changes (xid);
  create index right_changes_by_time on right_changes (changed_at);
  alter table right_changes enable row level security;
  alter table right_changes force row level security;
  create policy parties_only on right_changes using (${ASKER} = '*' or ${ASKER} = any (parties));
  comment on table right_changes is 'Which agreements a snapshot must read again; found by transaction, since those commit out of order.';

  create function note_right_change() returns trigger language plpgsql as $$
  begin
    insert into right_changes (agreement_id, parties, what) values (new.agreement_id, new.parties, tg_argv[0]);
    return null;
  end $$;
  create trigger grants_are_noted after update on grants for each row execute function note_right_change('grant');
  ${['acts', 'verdicts', 'status_lists']
    .map(
      (table) => `
  create trigger ${table}_are_noted after insert or update on ${table}
    for each row execute function note_right_change('facts');`,
    )
    .join('')}

  create table explanations (
    decision   text   collate "C" not null,
    belongs_to text   collate "C" not null,
    asker      text   collate "C" not null,
    code       text   collate "C" not null,
    clause     text,
    detail     text,
    question   text   not null,
    given_at   bigint not null,
    constraint explanation_once primary key (decision)
  );
  create trigger explanations_stay before update or truncate on explanations
    for each statement execute function refuse_change();
  alter table explanations enable row level security;
  alter table explanations force row level security;
  create policy one_company_only on explanations using (${ASKER} = '*' or ${ASKER} = belongs_to);
  comment on table explanations is 'Why a decision was no, for the company whose judgement it was.';
`,
);
