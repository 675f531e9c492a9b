import {
  type AgreementId,
  type AnnexEvidence,
  allow,
  type Decision,
  type InsolvencyNotice,
  insolvencyTerms,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import type { Command } from 'commander';
import { evidenceArgument } from '../annex/evidence-argument.js';
import { signAndHandIn } from '../annex/hand-over-annex.js';
import { readAnnexes } from '../annex/read-annexes.js';
import { companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, withJson } from '../perform.js';
import { agreementId, gather, organisation } from '../read-arguments.js';
import { utc } from '../words.js';

interface InsolventOptions extends JsonOption {
  readonly reason: string;
  readonly evidence: readonly AnnexEvidence[];
}

/** `interlock agreement insolvent`: one side says that another is insolvent; what follows stands in the agreement. */
export function insolventVerb(agreement: Command): void {
  withJson(agreement.command('insolvent'))
    .argument('<folder>', 'the folder of your company, with its offline keys')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .argument('<organisation>', 'the party that is insolvent', organisation)
    .requiredOption('--reason <text>', 'what says so, such as the order of a court; every party reads it')
    .option(
      '--evidence <file>',
      'what it rests on: FILE, TITLE=FILE or TITLE=sha256:..., may be given again',
      gather(evidenceArgument),
      [],
    )
    .description('say that a party is insolvent; after the wait the agreement goes on as its term for that case says')
    .action((dir: string, id: AgreementId, party: OrganisationId, options: InsolventOptions) =>
      perform(options, () => declare(dir, id, party, options)),
    );
}

async function declare(
  dir: string,
  id: AgreementId,
  party: OrganisationId,
  { reason, evidence }: InsolventOptions,
): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const read = await readAnnexes(company, id);
  if (!read.allowed) return read;
  // Without the term a notice is a paper that nothing reads: who signs it should know that now.
  const term = insolvencyTerms(read.value.agreement).find((one) => one.party === party);
  if (!term) return refuse('term_without_evaluator', { clause: `insolvency ${party}` });
  const now = company.now();
  const document: InsolvencyNotice = {
    ...{ typ: 'insolvency-notice', v: 1, organisation: company.organisation, agreementId: id, party },
    ...{ reason, evidence, issuedAt: now },
  };
  const taken = await signAndHandIn(company, id, document);
  if (!taken.allowed) return taken;
  const from = now + term.waitSeconds * 1000;
  return allow({
    json: { digest: taken.value, party, from, successor: term.successor },
    lines: [
      `said that ${party} is insolvent; it counts from ${utc(from)}, at a gateway from as long after it first held the notice`,
      `until then, and after, any party takes it back: "interlock agreement withdraw DIR ${id} ${taken.value}"`,
    ],
  });
}
