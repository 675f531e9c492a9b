import type { Tx } from '@interlock/chassis/db';
import type { Instant, LocalId, OrganisationId, ReportedPoint } from '@interlock/domain';

export interface GatewayReport {
  readonly organisation: OrganisationId;
  readonly gateway: LocalId;
  readonly evaluators: readonly string[];
  readonly tzdata: string;
}

/** The newest word of a gateway takes the place of the one before. */
export async function keepReport(tx: Tx, report: GatewayReport, now: Instant): Promise<void> {
  await tx.query(
    `insert into gateway_reports (organisation, gateway, evaluators, tzdata, reported_at) values ($1, $2, $3, $4, $5)
     on conflict on constraint gateway_report_one_per_gateway
     do update set evaluators = excluded.evaluators, tzdata = excluded.tzdata, reported_at = excluded.reported_at`,
    [report.organisation, report.gateway, report.evaluators, report.tzdata, now],
  );
}

/** Gateways of these organisations that are certified now and have reported, with what they are certified for. */
export async function reportedPoints(
  tx: Tx,
  organisations: readonly OrganisationId[],
  now: Instant,
): Promise<ReportedPoint[]> {
  return tx.query<ReportedPoint & object>(
    `select c.organisation, c.holder_id as id, c.resources, r.evaluators from certificates c
     join gateway_reports r on r.organisation = c.organisation and r.gateway = c.holder_id
     where c.is_current and c.holder_kind = 'gateway' and c.organisation = any ($1) and c.not_before <= $2 and c.not_after > $2
     order by c.organisation, c.holder_id, c.digest`,
    [organisations, now],
  );
}
