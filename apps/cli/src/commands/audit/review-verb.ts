import { layout, openPersonKey } from '@interlock/company-side';
import {
  type ActivationReview,
  type AgreementId,
  allow,
  type Decision,
  type EvidenceRecord,
  type LocalId,
  parseLocalId,
  refuse,
  type SessionId,
} from '@interlock/domain';
import { signed } from '@interlock/proof';
import { type Command, Option } from 'commander';
import { handInAnnex } from '../annex/hand-over-annex.js';
import { companyBroker } from '../company-broker.js';
import { knownPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { agreementId, localId } from '../read-arguments.js';
import { everyRecord } from './every-record.js';

interface ReviewOptions extends JsonOption {
  readonly company: string;
  readonly person: LocalId;
  readonly statement: string;
  readonly finding: ActivationReview['finding'];
  readonly passphraseFile?: string;
}

/** `interlock audit review`: somebody of the plant looks at what another one activated at the gateway, and signs what he found. */
export function reviewVerb(audit: Command): void {
  withJson(audit.command('review'))
    .argument('<agreement>', 'the agreement, by its id (agr_...)', agreementId)
    .argument('<session>', 'the session, as "audit report" names it under what was activated at the gateway')
    .description('sign that you looked at a use that somebody else activated at the gateway, and what you found')
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--person <id>', 'who looked; the key needs the purpose "approve"', localId)
    .requiredOption('--statement <text>', 'what was done, and why it was needed')
    .addOption(
      new Option('--finding <finding>', 'whether it was as it should be')
        .choices(['in-order', 'not-in-order'])
        .makeOptionMandatory(),
    )
    .option(...PASSPHRASE_FILE)
    .action((id: AgreementId, session: string, options: ReviewOptions) =>
      perform(options, () => review(id, session as SessionId, options)),
    );
}

async function review(
  agreement: AgreementId,
  session: SessionId,
  { company: dir, person, statement, finding, passphraseFile }: ReviewOptions,
): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const { organisation } = company;
  const found: EvidenceRecord[] = [];
  const read = await waitingFor(
    'reading the log',
    everyRecord(company, agreement, undefined, (record) => {
      if (record.kind === 'session.activated' && record.session === session) found.push(record);
    }),
  );
  if (!read.allowed) return read;
  const [record] = found;
  // The gateway's own receipt comes first, the activation after it.
  const [, activation] = record?.documents ?? [];
  const activatedBy = parseLocalId(record?.reason?.split(': ')[0] ?? '');
  if (!record || !activation || !activatedBy)
    throw new WrongUsage(`the log shows your company no use ${session} that was activated at a gateway, and by whom`);
  if (record.resource?.owner !== organisation) return refuse('not_self', { clause: 'resource' });
  if (activatedBy === person) throw new WrongUsage(`${person} activated it: somebody else has to look`);
  const key = openPersonKey(layout(dir).person(person), organisation, await knownPassphrase(passphraseFile));
  if (!key.allowed) return key;
  const document: ActivationReview = {
    ...{ typ: 'activation-review', v: 1, organisation, agreementId: agreement, session, activation, activatedBy },
    ...{ reviewer: person, finding, statement, issuedAt: company.now() },
  };
  const taken = await handInAnnex(company, agreement, await signed(document, key.value, company.now()));
  if (!taken.allowed) return taken;
  return allow({
    json: { digest: taken.value, session, activatedBy, finding },
    lines: [`${person} reviewed ${session}, which ${activatedBy} activated: ${finding.replaceAll('-', ' ')}`],
  });
}
