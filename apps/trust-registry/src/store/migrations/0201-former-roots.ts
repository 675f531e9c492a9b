import { migration } from '@interlock/chassis/db';

/** Partners ask by the root they pinned; one that was followed since leads to the same name. */
export const formerRoots = migration(
  '0201-former-roots',
  `
  create table former_roots (
    root         text collate "C" not null,
    organisation text collate "C" not null,
    constraint former_root_once primary key (root),
    constraint former_root_is_of_an_organisation foreign key (organisation) references organisations (organisation)
  );
  comment on table former_roots is 'Roots that another follows, each as it signed itself. Never changed.';
  create trigger former_roots_stay before update or delete or truncate on former_roots
    for each statement execute function refuse_change();

  alter table former_roots enable row level security;
  alter table former_roots force row level security;
  create policy owner_only on former_roots using (current_setting('interlock.organisation', true) in ('*', organisation));
`,
);
