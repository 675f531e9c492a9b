import { signUsage, writeDurably } from '@interlock/company-side';
import {
  type AgreementId,
  allow,
  type Decision,
  type Instant,
  type OrganisationId,
  refuse,
  type Usage,
  type UsageDifference,
  type UsageStatement,
  usageDifferences,
  usageIn,
} from '@interlock/domain';
import { verifyUsageStatement } from '@interlock/proof';
import type { Command } from 'commander';
import { verifiedAgreement } from '../agreement/verified-agreement.js';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { agreementId, instant, readJsonFile } from '../read-arguments.js';
import { spanWords, utc } from '../words.js';
import { everyRecord, type RecordSource } from './every-record.js';

interface UsageOptions extends JsonOption {
  readonly company: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly copy?: string;
  readonly sign?: string;
  readonly compare?: string;
}

/** `interlock audit usage`: how much an agreement was used, signed for the other side, and held against what the other side signed. */
export function usageVerb(audit: Command): void {
  withJson(audit.command('usage'))
    .argument('<agreement>', 'the agreement, by its id (agr_...)', agreementId)
    .description('visits, hours and volumes of an agreement and a period, counted here from every verified record')
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--from <time>', 'not before this time, with its zone', instant)
    .requiredOption('--to <time>', 'before this time, with its zone', instant)
    .option('--copy <folder>', 'from what "interlock audit copy" wrote')
    .option('--sign <file>', 'sign this count with the offline key of your company and write it there')
    .option('--compare <file>', 'what the other side signed: say on which counts you do not agree')
    .action((id: AgreementId, options: UsageOptions) => perform(options, () => usage(id, options)));
}

async function usage(id: AgreementId, options: UsageOptions): Promise<Decision<Shown>> {
  const { from, to, copy, sign, compare } = options;
  if (from >= to) throw new WrongUsage('--from is not before --to');
  const company = companyBroker(options.company);
  const issuedAt = company.now();
  if (sign !== undefined && to > issuedAt) throw new WrongUsage('the period is not over: sign it after --to');
  const counting = usageIn({ from, to });
  const source = await waitingFor('counting', everyRecord(company, id, copy, counting.see));
  if (!source.allowed) return source;
  const counted = counting.result();
  const other = compare === undefined ? allow(undefined) : await otherCount(company, id, options, compare);
  if (!other.allowed) return other;
  const comparison = other.value && comparisonOf(counted, other.value);
  if (sign !== undefined) {
    // Nobody signs a count of some of the records.
    if (!source.value.whole) return refuse('answer_incomplete', { clause: id });
    const { treeSize } = source.value;
    const head = { typ: 'usage-statement', v: 1, organisation: company.organisation, agreementId: id } as const;
    const signed = await signUsage(company.dir, { ...head, from, to, treeSize, ...counted, issuedAt }, issuedAt);
    if (!signed.allowed) return signed;
    writeDurably(sign, `${JSON.stringify(signed.value)}\n`);
  }
  return allow({
    json: { agreement: id, from, to, ...counted, source: source.value, ...comparison, ...(sign && { signed: sign }) },
    lines: [
      `${id}, ${utc(from)} to ${utc(to)}, counted by ${company.organisation}`,
      ...linesOf(counted, source.value),
      ...(comparison ? comparisonLines(comparison) : []),
      ...(sign === undefined ? [] : [`signed in ${sign}`]),
    ],
  });
}

/** A count of another period would differ without anybody being wrong. */
async function otherCount(
  company: CompanyBroker,
  id: AgreementId,
  { from, to }: UsageOptions,
  file: string,
): Promise<Decision<UsageStatement>> {
  const agreed = await verifiedAgreement(company, id);
  if (!agreed.allowed) return agreed;
  const { ring, agreement } = agreed.value;
  const verified = await verifyUsageStatement(readJsonFile(file), ring, agreement, company.now());
  if (!verified.allowed) return verified;
  const said = verified.value;
  if (said.from === from && said.to === to) return verified;
  const [begin, end] = [said.from, said.to].map((at) => new Date(at).toISOString());
  throw new WrongUsage(`${file} counts another period; compare it with --from ${begin} --to ${end}`);
}

interface Comparison {
  readonly agree: boolean;
  readonly other: { readonly organisation: OrganisationId; readonly treeSize: number; readonly issuedAt: Instant };
  readonly differences: readonly UsageDifference[];
}

function comparisonOf(counted: Usage, said: UsageStatement): Comparison {
  const differences = usageDifferences(counted, said);
  const { organisation, treeSize, issuedAt } = said;
  return { agree: differences.length === 0, other: { organisation, treeSize, issuedAt }, differences };
}

const comparisonLines = ({ agree, other, differences }: Comparison): string[] => [
  `${other.organisation} signed its count of ${other.treeSize} records at ${utc(other.issuedAt)}: ${agree ? 'both agree' : 'you do NOT agree'}`,
  ...differences.map(
    ({ line, counter, own, other: theirs }) =>
      `differs: ${line}, ${counter}: ${own ?? 'not there'} here, ${theirs ?? 'not there'} by ${other.organisation}`,
  ),
];

const linesOf = ({ sessions, flows }: Usage, { treeSize, whole, cosigned }: RecordSource): string[] => [
  `from ${treeSize} records, ${whole ? 'every one read' : 'NOT every one read'}, cosigned by ${cosigned.join(' and ') || 'nobody'}`,
  ...sessions.map(
    ({ resource, clause, visits, milliseconds, bytes, withoutEnd, withoutOpening }) =>
      `sessions: ${resource?.id ?? 'no machine'} under ${clause ?? 'no clause'}: ${visits} visits, ${spanWords(milliseconds)}, ${bytes} bytes` +
      `${withoutEnd > 0 ? `, ${withoutEnd} without a known end` : ''}${withoutOpening > 0 ? `, ${withoutOpening} without a known opening` : ''}`,
  ),
  ...flows.map(
    ({ resource, region, recipients, batches, bytes, withoutSize }) =>
      `data: ${resource?.id ?? 'no machine'} through ${region ?? 'no region'} to ${recipients.join(' and ')}: ${batches} batches, ${bytes} bytes` +
      `${withoutSize > 0 ? `, ${withoutSize} batches of unknown size` : ''}`,
  ),
];
