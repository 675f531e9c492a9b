import { type Agreement, type EvidenceRecord, regionTerm } from '@interlock/domain';
import type { KeyRing } from '@interlock/proof';

/** The member states of the European Union, ISO 3166-1 alpha-2. */
export const EU: readonly string[] =
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');

/** Proven rows of one log, with whose word says where its parties are. */
export interface ProvenRows {
  readonly agreement: Agreement;
  readonly ring: Pick<KeyRing, 'entities'>;
  readonly rows: readonly { readonly record: EvidenceRecord }[];
}

/** Deliveries that took the same way. */
export interface Way {
  readonly resource: string;
  readonly region: string;
  /** Where the region lies by the agreement; `unknown` where it does not say. */
  readonly regionIn: string;
  readonly recipients: readonly { readonly organisation: string; readonly in: string }[];
  readonly deliveries: number;
  /** Whether any part of the way lies outside, or cannot be said to lie inside. */
  readonly left: boolean;
}

const UNKNOWN = 'unknown';

/** Every way that data took, with the countries it touched: those of the regions and those of the recipients. */
export function waysOf(log: ProvenRows, inside: readonly string[]): readonly Way[] {
  const ways = new Map<string, Way>();
  for (const { record } of log.rows.filter((row) => row.record.kind === 'flow.delivered')) {
    const way = wayOf(log, record, inside);
    const name = JSON.stringify([way.resource, way.region, way.recipients]);
    ways.set(name, { ...way, deliveries: (ways.get(name)?.deliveries ?? 0) + Math.max(1, record.count) });
  }
  return [...ways.values()];
}

function wayOf({ agreement, ring }: ProvenRows, record: EvidenceRecord, inside: readonly string[]): Way {
  const region = record.region === null ? undefined : regionTerm(agreement, record.region);
  const recipients = record.recipients.map((organisation) => ({
    organisation,
    in: ring.entities.get(organisation)?.document.jurisdiction ?? UNKNOWN,
  }));
  const regionIn = region?.jurisdiction ?? UNKNOWN;
  const places = [regionIn, ...recipients.map((one) => one.in)];
  return {
    resource: record.resource ? `${record.resource.owner}/${record.resource.id}` : UNKNOWN,
    region: record.region ?? UNKNOWN,
    regionIn,
    recipients,
    deliveries: 0,
    // A place that nobody signed is not inside.
    left: recipients.length === 0 || places.some((place) => !inside.includes(place)),
  };
}
