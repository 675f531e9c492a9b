import { writeDurably } from '@interlock/company-side';
import {
  type AgreementId,
  allow,
  annexesOf,
  controlTitle,
  type Decision,
  type Exception,
  isControl,
  type LocalId,
  type OrganisationId,
  refuse,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Command } from 'commander';
import { annexInFile, countersignAnnex, handInAnnex } from '../annex/hand-over-annex.js';
import { type ReadAnnexes, readAnnexes, stateOfAnnex } from '../annex/read-annexes.js';
import { companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';
import { agreementId, localId, organisation, span } from '../read-arguments.js';
import { utc } from '../words.js';

interface ExceptOptions extends JsonOption {
  readonly exception?: string;
  readonly acceptedBy?: OrganisationId;
  readonly control?: LocalId;
  readonly owner?: LocalId;
  readonly reason?: string;
  readonly compensation?: string;
  readonly validFor: number;
  readonly out: string;
}

/** `interlock agreement except` and `exceptions`: deviations that both know of, with an owner and an end. */
export function exceptionVerbs(agreement: Command): void {
  const verb = (name: string) =>
    withJson(agreement.command(name))
      .argument('<folder>', 'the folder of your company, with its offline keys')
      .argument('<id>', 'the agreement, by its id (agr_...)', agreementId);
  verb('except')
    .option('--control <id>', 'the control that your company does not meet', localId)
    .option('--accepted-by <organisation>', 'the side that concedes it', organisation)
    .option('--owner <role>', 'the role in your company that answers for it', localId)
    .option('--reason <text>', 'why it is not met')
    .option('--compensation <text>', 'what is done in its place')
    .option('--valid-for <span>', 'until when, such as 90d', span, 90 * 86_400)
    .option('--exception <file>', "the other side's signed half: adds your signature and hands it in")
    .option('--out <file>', 'where your half is written, for the other side to sign', 'exception.json')
    .description('concede a deviation: who deviates signs into a file, the other side signs that file and hands it in')
    .action((dir: string, id: AgreementId, options: ExceptOptions) =>
      perform(options, () =>
        options.exception === undefined ? firstHalf(dir, id, options) : secondHalf(dir, id, options.exception),
      ),
    );
  verb('exceptions')
    .description('every accepted deviation with its owner and its end, and how many count now')
    .action((dir: string, id: AgreementId, options: JsonOption) =>
      perform(options, async () => {
        const company = companyBroker(dir);
        const read = await readAnnexes(company, id);
        return read.allowed ? allow(register(read.value, company.now())) : read;
      }),
    );
}

async function firstHalf(dir: string, id: AgreementId, options: ExceptOptions): Promise<Decision<Shown>> {
  const { acceptedBy, control, owner, reason, compensation, validFor, out } = options;
  if (!acceptedBy || !control || !owner || !reason || !compensation)
    throw new WrongUsage('an exception needs --control, --accepted-by, --owner, --reason and --compensation');
  if (!isControl(control))
    throw new WrongUsage(`there is no control ${control}; the catalogue is in docs/attestations.md`);
  const company = companyBroker(dir);
  const now = company.now();
  const document: Exception = {
    ...{ typ: 'exception', v: 1, organisation: company.organisation, agreementId: id, acceptedBy, control, owner },
    ...{ reason, compensation, validFrom: now, validUntil: now + validFor * 1000, issuedAt: now },
  };
  const signed = await countersignAnnex(company, { document, signatures: [] });
  if (!signed.allowed) return signed;
  writeDurably(out, `${JSON.stringify(signed.value, null, 2)}\n`, 0o644);
  return allow({
    json: { file: out, digest: digestOf(document), complete: false },
    lines: [
      `signed your half into ${out}`,
      `${acceptedBy} runs "interlock agreement except DIR ${id} --exception ${out}"; nothing is conceded before`,
    ],
  });
}

async function secondHalf(dir: string, id: AgreementId, file: string): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const half = annexInFile(file, 'exception');
  const { document } = half;
  if (document.agreementId !== id || document.acceptedBy !== company.organisation)
    return refuse('wrong_issuer', { clause: 'exception' });
  const both = await countersignAnnex(company, half);
  if (!both.allowed) return both;
  const taken = await handInAnnex(company, id, both.value);
  if (!taken.allowed) return taken;
  return allow({
    json: { digest: taken.value, complete: true },
    lines: [
      `${company.organisation} concedes to ${document.organisation} until ${utc(document.validUntil)}: ${document.control}`,
      `because: ${document.reason}; in its place: ${document.compensation}`,
    ],
  });
}

function register(read: ReadAnnexes, now: number): Shown {
  const exceptions = annexesOf(read.annexes, 'exception')
    .map((held) => ({ digest: held.digest, ...held.annex, state: stateOfAnnex(held, read, now) }))
    .sort((a, b) => a.validUntil - b.validUntil);
  const open = exceptions.filter(({ state }) => state === 'counts').length;
  return {
    json: { id: read.agreement.id, open, exceptions, unverified: read.unverified },
    lines: [
      `${open} of ${exceptions.length} exceptions count now`,
      ...exceptions.map(
        (one) =>
          `${one.digest} ${one.organisation}, owner ${one.owner}: ${one.control} (${controlTitle(one.control)}), conceded by ${one.acceptedBy} until ${utc(one.validUntil)}: ${one.state}; ${one.reason}; in its place: ${one.compensation}`,
      ),
    ],
  };
}
