import type { Tx } from '@interlock/chassis/db';
import type { Agreement, Decision, Instant, OrganisationId, SignatureBlock, Thumbprint } from '@interlock/domain';
import type { KeyRing, Pins, RememberedRings, TrustRefusal } from '@interlock/proof';
import { documentsNeeded, findOrganisations } from '../store/organisation.store.js';

/** Certificates that ended longer ago than this are not served: nothing that is signed now can rest on them. Milliseconds. */
export const ENDED_CERTIFICATES_KEPT = 86_400_000;

/** Who says he signed, and with which key: read from the headers to know what to load, believed by nobody. */
export function claimedSigners(blocks: readonly SignatureBlock[]): { issuers: string[]; kids: Thumbprint[] } {
  const heads = blocks.map(({ protected: head }) => {
    try {
      const fields: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
      return typeof fields === 'object' && fields !== null ? (fields as { iss?: unknown; kid?: unknown }) : {};
    } catch {
      return {};
    }
  });
  const texts = (values: readonly unknown[]) => [
    ...new Set(values.filter((value): value is string => typeof value === 'string' && !value.includes('\u0000'))),
  ];
  return {
    issuers: texts(heads.map((head) => head.iss)),
    kids: texts(heads.map((head) => head.kid)) as Thumbprint[],
  };
}

/** The registered roots of organisations: the broker's own pins, by first come. What they rest on for a company is the company's own pins. */
export async function pinsOf(tx: Tx, organisations: readonly OrganisationId[]): Promise<Pins> {
  const rows = await findOrganisations(tx, organisations);
  return new Map(rows.map((row) => [row.organisation, row.root]));
}

/** The keys that can have made these signatures, traced to the registered roots. */
export async function ringFor(
  tx: Tx,
  { rings }: { readonly rings: RememberedRings },
  pins: Pins,
  agreement: Agreement,
  blocks: readonly SignatureBlock[],
  now: Instant,
): Promise<Decision<KeyRing, TrustRefusal>> {
  const { kids } = claimedSigners(blocks);
  const documents = await documentsNeeded(tx, {
    organisations: [...pins.keys()],
    endedBefore: 0,
    // What was signed under an earlier version of an entity document stays signed.
    entities: agreement.parties.map((party) => party.entity),
    only: { kids, subjects: [], owner: NOBODY, resources: [], witnesses: false },
  });
  return rings.of(documents.entities, documents.certificates, pins, now);
}

/** No organisation has this name: no gateway is asked for. */
const NOBODY = '' as OrganisationId;
