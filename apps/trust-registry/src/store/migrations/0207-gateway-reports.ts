import { migration } from '@interlock/chassis/db';

/** What each gateway's own program said it is, the last time it came: its company alone reads it. */
export const gatewayReports = migration(
  '0207-gateway-reports',
  `
  create table gateway_reports (
    organisation text   collate "C" not null,
    gateway      text   collate "C" not null,
    evaluators   text[] collate "C" not null,
    tzdata       text   collate "C" not null,
    reported_at  bigint not null,
    constraint gateway_report_one_per_gateway primary key (organisation, gateway)
  );
  comment on table gateway_reports is 'Kinds of terms that the program of a gateway evaluates, in its own words.';
  alter table gateway_reports enable row level security;
  alter table gateway_reports force row level security;
  create policy owner_only on gateway_reports using (current_setting('interlock.organisation', true) in ('*', organisation));
`,
);
