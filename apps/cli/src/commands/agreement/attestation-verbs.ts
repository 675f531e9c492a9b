import { readSettings } from '@interlock/company-side';
import {
  type AgreementId,
  type AnnexEvidence,
  type Attestation,
  allow,
  annexesOf,
  assurance,
  controlTitle,
  type Decision,
  type Digest,
  equivalenceTerms,
  isControl,
  type LocalId,
  refuse,
} from '@interlock/domain';
import type { Command } from 'commander';
import { evidenceArgument } from '../annex/evidence-argument.js';
import { signAndHandIn } from '../annex/hand-over-annex.js';
import { type ReadAnnexes, readAnnexes, stateOfAnnex } from '../annex/read-annexes.js';
import { companyBroker } from '../company-broker.js';
import { type CutOptions, cut, withCut } from '../grant/cut-verbs.js';
import { sessionAt } from '../login/login-commands.js';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';
import { agreementId, digest, gather, localId, span } from '../read-arguments.js';
import { utc } from '../words.js';

const YEAR = 365 * 86_400;

interface AttestOptions extends JsonOption {
  readonly control: LocalId;
  readonly statement: string;
  readonly evidence: readonly AnnexEvidence[];
  readonly validFor: number;
}

/** `interlock agreement attest`, `accept`, `withdraw` and `attestations`: how each side meets what the other's rules ask for. */
export function attestationVerbs(agreement: Command): void {
  const verb = (name: string) =>
    withJson(agreement.command(name))
      .argument('<folder>', 'the folder of your company, with its offline keys')
      .argument('<id>', 'the agreement, by its id (agr_...)', agreementId);
  verb('attest')
    .requiredOption('--control <id>', 'the control, such as iec-62443-3-3/sr-1.1', localId)
    .requiredOption('--statement <text>', 'how your company meets it')
    .requiredOption(
      '--evidence <file>',
      'FILE, TITLE=FILE or TITLE=sha256:...; may be given again',
      gather(evidenceArgument),
    )
    .option('--valid-for <span>', 'until when it counts, such as 180d', span, YEAR)
    .description('state how your company meets a control; it counts when the other side has accepted it')
    .action((dir: string, id: AgreementId, options: AttestOptions) => perform(options, () => attest(dir, id, options)));
  verb('accept')
    .argument('<digest>', 'the attestation, as "agreement attestations" shows it', digest)
    .option('--valid-for <span>', 'until when, such as 180d; as long as the attestation where left out', span)
    .description("take exactly one attestation of the other side for your own company's control")
    .action((dir: string, id: AgreementId, of: Digest, options: JsonOption & { validFor?: number }) =>
      perform(options, () => accept(dir, id, of, options.validFor)),
    );
  withdrawVerb(agreement);
  listVerb(verb('attestations'));
}

function withdrawVerb(agreement: Command): void {
  withCut(agreement.command('withdraw'))
    .argument('<folder>', 'the folder of your company; it says where its agent is')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .argument('<digest>', 'the attestation, acceptance or exception', digest)
    .description('withdraw an attestation, an acceptance or an exception; what depends on it stops after the warning')
    .action((dir: string, id: AgreementId, of: Digest, options: CutOptions) =>
      perform(options, () => {
        const call = sessionAt({ ...options, agent: options.agent ?? readSettings(dir).agentOrigin });
        const target = { kind: 'annex' as const, id: of };
        return cut(call, { verb: 'revoke', agreementId: id, target, reason: options.reason }, options);
      }),
    );
}

function listVerb(verb: Command): void {
  verb
    .description('every control the agreement asks for, what assures it and until when, and what was stated for it')
    .action((dir: string, id: AgreementId, options: JsonOption) =>
      perform(options, async () => {
        const company = companyBroker(dir);
        const read = await readAnnexes(company, id);
        return read.allowed ? allow(shownAttestations(read.value, company.now())) : read;
      }),
    );
}

async function attest(dir: string, id: AgreementId, options: AttestOptions): Promise<Decision<Shown>> {
  const { control, statement, evidence, validFor } = options;
  if (!isControl(control))
    throw new WrongUsage(`there is no control ${control}; the catalogue is in docs/attestations.md`);
  const company = companyBroker(dir);
  const now = company.now();
  const document: Attestation = {
    ...{ typ: 'attestation', v: 1, organisation: company.organisation, agreementId: id, control, statement, evidence },
    ...{ validFrom: now, validUntil: now + validFor * 1000, issuedAt: now },
  };
  const taken = await signAndHandIn(company, id, document);
  if (!taken.allowed) return taken;
  return allow({
    json: { digest: taken.value, control, validUntil: document.validUntil },
    lines: [
      `${company.organisation} states how it meets ${control} (${controlTitle(control)}), until ${utc(document.validUntil)}`,
      `digest ${taken.value}`,
      `it counts when the other side runs "interlock agreement accept DIR ${id} ${taken.value}"`,
    ],
  });
}

async function accept(dir: string, id: AgreementId, of: Digest, validFor?: number): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const read = await readAnnexes(company, id);
  if (!read.allowed) return read;
  // Only what verified here is accepted: the broker's word for a digest is no statement of the other side.
  const found = annexesOf(read.value.annexes, 'attestation').find((held) => held.digest === of);
  if (!found)
    return refuse('not_what_was_shown', { clause: 'attestation', detail: 'no such attestation verifies here' });
  if (found.annex.organisation === company.organisation) return refuse('wrong_issuer', { clause: 'acceptance' });
  const now = company.now();
  const validUntil = validFor === undefined ? found.annex.validUntil : now + validFor * 1000;
  const taken = await signAndHandIn(company, id, {
    ...{ typ: 'acceptance', v: 1, organisation: company.organisation, agreementId: id, attestation: of },
    ...{ validUntil, issuedAt: now },
  });
  if (!taken.allowed) return taken;
  const { organisation, control, statement } = found.annex;
  return allow({
    json: { digest: taken.value, attestation: of, control, validUntil },
    lines: [
      `accepted until ${utc(validUntil)}: ${organisation} meets ${control}: ${statement}`,
      `digest ${taken.value}; "interlock agreement withdraw" takes it back`,
    ],
  });
}

function shownAttestations(read: ReadAnnexes, now: number): Shown {
  const { agreement, annexes, unverified } = read;
  const controls = equivalenceTerms(agreement).map((term) => {
    const found = assurance(term, agreement, read, now);
    const { party, control, kinds, warnSeconds } = term;
    const until = found?.until ?? null;
    const ending = until !== null && until - now <= warnSeconds * 1000;
    return { party, control, kinds, assured: found !== undefined, by: found?.by ?? null, until, ending };
  });
  const acceptances = annexesOf(annexes, 'acceptance');
  const attestations = annexesOf(annexes, 'attestation').map((held) => ({
    digest: held.digest,
    ...held.annex,
    state: stateOfAnnex(held, read, now),
    accepted: acceptances
      .filter(({ annex }) => annex.attestation === held.digest)
      .map((one) => ({ by: one.annex.organisation, digest: one.digest, state: stateOfAnnex(one, read, now) })),
  }));
  return {
    json: { id: agreement.id, controls, attestations, unverified },
    lines: [
      ...(controls.length === 0 ? ['the agreement asks for no control'] : []),
      ...controls.map(
        ({ party, control, by, until, ending, kinds }) =>
          `${party}, ${control} (${controlTitle(control)}): ${until === null ? `nothing assures it, ${kinds.join(' and ')} stands still` : `${by} until ${utc(until)}${ending ? ', ending' : ''}`}`,
      ),
      ...attestations.map(
        (one) =>
          `${one.digest} ${one.organisation} on ${one.control}: ${one.statement}; ${one.state}; ${one.accepted.map(({ by, state }) => `accepted by ${by} (${state})`).join(', ') || 'accepted by nobody'}`,
      ),
      ...(unverified > 0 ? [`${unverified} more did not verify here and count for nothing`] : []),
    ],
  };
}
