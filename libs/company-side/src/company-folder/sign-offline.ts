import {
  act as actSchema,
  agreement as agreementSchema,
  annex as annexSchema,
  erasureProof,
  usageStatement,
} from '@interlock/contracts';
import {
  type Act,
  type Agreement,
  type Annex,
  allow,
  type Decision,
  type ErasureProof,
  type Instant,
  refuse,
  type SignatureBlock,
  type Signed,
  type UsageStatement,
} from '@interlock/domain';
import { digestOf, signDocument, signed, signersOfAnnex } from '@interlock/proof';
import { readEntities } from './certify.js';
import { readSigner } from './key-files.js';
import { layout } from './layout.js';
import { readPins, readSettings } from './settings.js';

/**
 * Signs an agreement version with the offline `agreement` key. Refused where it is not about this company as it is, or names a root of
 * a partner other than the one compared out of band: nobody signs what he has not compared.
 */
export async function signAgreement(
  dir: string,
  document: Agreement,
  now: Instant,
): Promise<Decision<SignatureBlock, 'malformed' | 'not_a_party' | 'party_root_not_pinned' | 'party_entity_unknown'>> {
  const parsed = agreementSchema.safeParse(document);
  if (!parsed.success) return refuse('malformed', { clause: parsed.error.issues[0]?.path.join('.') ?? 'agreement' });
  const { organisation } = readSettings(dir);
  const own = parsed.data.parties.find((party) => party.organisation === organisation);
  if (!own) return refuse('not_a_party');
  const pins = readPins(dir);
  const stranger = parsed.data.parties.find((party) => pins.get(party.organisation) !== party.root);
  if (stranger) return refuse('party_root_not_pinned', { clause: stranger.organisation });
  const known = readEntities(dir).some((entity) => digestOf(entity.document) === own.entity);
  if (!known) return refuse('party_entity_unknown', { clause: organisation });
  return allow(await signDocument(parsed.data, readSigner(layout(dir).offline, 'agreement', organisation), now));
}

/**
 * Signs a resume or a terminate with the offline `agreement` key: what widens, or ends for good, is no work of a running agent. The
 * other verbs are refused here; the agent signs them at once.
 */
export async function signOfflineAct(
  dir: string,
  document: Act,
  now: Instant,
): Promise<Decision<SignatureBlock, 'malformed' | 'wrong_type'>> {
  const parsed = actSchema.safeParse(document);
  if (!parsed.success) return refuse('malformed', { clause: parsed.error.issues[0]?.path.join('.') ?? 'act' });
  if (parsed.data.verb !== 'resume' && parsed.data.verb !== 'terminate') return refuse('wrong_type');
  const { organisation } = readSettings(dir);
  return allow(await signDocument(parsed.data, readSigner(layout(dir).offline, 'agreement', organisation), now));
}

/**
 * Signs what hangs on an agreement with the offline key its kind asks for: `certify` for a record of an own machine, `agreement` for the rest.
 * Refused where the document is not this company's word.
 */
export async function signAnnex(
  dir: string,
  document: Annex,
  now: Instant,
): Promise<Decision<SignatureBlock, 'malformed' | 'wrong_issuer'>> {
  const parsed = annexSchema.safeParse(document);
  if (!parsed.success) return refuse('malformed', { clause: parsed.error.issues[0]?.path.join('.') ?? 'annex' });
  const { organisation } = readSettings(dir);
  const own = signersOfAnnex(parsed.data).find(({ issuer }) => issuer === organisation);
  if (!own) return refuse('wrong_issuer', { clause: document.typ });
  return allow(await signDocument(parsed.data, readSigner(layout(dir).offline, own.purpose, organisation), now));
}

/** Signs what this company counted of an agreement with its offline `agreement` key. Refused where it is another company's count. */
export async function signUsage(
  dir: string,
  document: UsageStatement,
  now: Instant,
): Promise<Decision<Signed<UsageStatement>, 'malformed' | 'wrong_issuer'>> {
  const parsed = usageStatement.safeParse(document);
  if (!parsed.success) return refuse('malformed', { clause: parsed.error.issues[0]?.path.join('.') ?? 'usage' });
  const { organisation } = readSettings(dir);
  if (parsed.data.organisation !== organisation) return refuse('wrong_issuer', { clause: document.typ });
  return allow(await signed(parsed.data, readSigner(layout(dir).offline, 'agreement', organisation), now));
}

/** Signs with the offline `agreement` key what this company erased of the data it received. */
export async function signErasure(
  dir: string,
  document: ErasureProof,
  now: Instant,
): Promise<Decision<Signed<ErasureProof>, 'malformed' | 'wrong_issuer'>> {
  const parsed = erasureProof.safeParse(document);
  if (!parsed.success) return refuse('malformed', { clause: parsed.error.issues[0]?.path.join('.') ?? document.typ });
  const { organisation } = readSettings(dir);
  if (parsed.data.organisation !== organisation) return refuse('wrong_issuer', { clause: document.typ });
  return allow(await signed(parsed.data, readSigner(layout(dir).offline, 'agreement', organisation), now));
}
