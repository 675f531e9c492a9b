import { ReadMaterial, type RefusalCode, type ReplyOf, type SignatureProof } from '@interlock/contracts';
import type {
  AgreementId,
  Decision,
  LocalId,
  OrganisationId,
  SignatureBlock,
  SubjectRef,
  Thumbprint,
} from '@interlock/domain';
import { parseThumbprint } from '@interlock/domain';
import type { Pins } from '@interlock/proof';
import type { Verbs } from '../verbs.js';

type Reply = ReplyOf<typeof ReadMaterial>;
/** The agreement version that counts and what verifies it, as the registry has it now. */
export type Material = Extract<Reply, { allowed: true }>['value'] & {
  /** What the log shows of signatures of ended keys. */
  readonly proofs?: readonly SignatureProof[];
};

export interface Need {
  readonly blocks: readonly SignatureBlock[];
  readonly subjects?: readonly SubjectRef[];
  readonly owner?: OrganisationId;
  readonly resources?: readonly LocalId[];
  /** Of a chain that brings proofs: they are the witnesses' word. */
  readonly witnesses?: boolean;
}

/** Asks the registry on behalf of an organisation; whoever is not party to the agreement gets `not_a_party`. */
export function readMaterial(
  verbs: Verbs,
  organisation: OrganisationId,
  agreementId: AgreementId,
  need: Need,
): Promise<Decision<Material, RefusalCode>> {
  const only = {
    kids: claimedKids(need.blocks).slice(0, 64),
    subjects: [...(need.subjects ?? [])],
    gatewaysFor: { owner: need.owner ?? organisation, resources: [...(need.resources ?? [])] },
    witnesses: need.witnesses ?? false,
  };
  return verbs.requests.ask(ReadMaterial, { organisation, agreementId, only }, { key: verbs.ids.next('idk') });
}

/** The registered roots of the parties: the broker's own view, which binds no company. */
export const pinsOf = (material: Material): Pins =>
  new Map(material.pins.map(({ organisation, root }) => [organisation, root]));

/** Who says he signed, read only to know which certificates to load. */
export function claimedIssuers(blocks: readonly SignatureBlock[]): string[] {
  return blocks.flatMap((block) => {
    const { iss } = headOf(block);
    return typeof iss === 'string' ? [iss] : [];
  });
}

export function claimedKids(blocks: readonly SignatureBlock[]): Thumbprint[] {
  return blocks.flatMap((block) => {
    const { kid } = headOf(block);
    return (typeof kid === 'string' && parseThumbprint(kid)) || [];
  });
}

function headOf(block: SignatureBlock): { readonly iss?: unknown; readonly kid?: unknown } {
  try {
    const head: unknown = JSON.parse(Buffer.from(block.protected, 'base64url').toString('utf8'));
    return typeof head === 'object' && head !== null ? head : {};
  } catch {
    return {};
  }
}
