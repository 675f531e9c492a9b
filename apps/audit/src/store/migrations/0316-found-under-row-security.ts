import { migration } from '@interlock/chassis/db';

/** One look at an index for each row that is shown: what an organisation's other agreements cost a question is nothing. */
const IS_PARTY = (logNo: string) => `
    current_setting('interlock.organisation', true) = '*'
    or (select true from party p
      where p.organisation = current_setting('interlock.organisation', true) and p.log_no = ${logNo})`;

const POLICY_OF_LOG = (table: string, logColumn: string) => `
  drop policy parties_read on ${table};
  create policy parties_read on ${table} using (${IS_PARTY(`${table}.${logColumn}`)});`;

/**
 * Row-level security comes before every condition of a question that could tell of a row it hides, and the containment of labels is one by the book: no question
 * by label was answered from its index. As a part of the security of the table it is judged first, and may be: it only takes rows away.
 */
export const foundUnderRowSecurity = migration(
  '0316-found-under-row-security',
  `
  select set_config('interlock.organisation', '*', true);
  alter table party add column log_name text collate "C";
  update party set log_name = (select l.name from log l where l.no = party.log_no);
  alter table party alter column log_name set not null;
  create index party_by_log_name on party (organisation, log_name);
  ${POLICY_OF_LOG('log', 'no')}
  ${['entry', 'tile', 'checkpoint', 'witness', 'cosignature', 'hold'].map((table) => POLICY_OF_LOG(table, 'log_no')).join('')}
  drop policy parties_read on appended;
  create policy parties_read on appended using (
    current_setting('interlock.organisation', true) = '*'
    or (select true from party p
      where p.organisation = current_setting('interlock.organisation', true) and p.log_name = appended.log));

  create policy labels_asked_for on entry as restrictive for select
    using (labels @> coalesce(nullif(current_setting('interlock.labels', true), ''), '{}')::bigint[]);
`,
);
