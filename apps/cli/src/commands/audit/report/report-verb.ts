import { writeFileSync } from 'node:fs';
import {
  type AgreementId,
  allow,
  type Decision,
  type HistoryReport,
  historyReport,
  type Instant,
  latencyOf,
} from '@interlock/domain';
import type { Command } from 'commander';
import { readAnnexes } from '../../annex/read-annexes.js';
import { companyBroker } from '../../company-broker.js';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../../perform.js';
import { agreementId, instant } from '../../read-arguments.js';
import { dueWords, spanWords, utc } from '../../words.js';
import { everyRecord, type RecordSource } from '../every-record.js';
import { cosignedWords, reportHtml } from './report-html.js';

interface ReportOptions extends JsonOption {
  readonly company: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly copy?: string;
  readonly html?: string;
}

/** `interlock audit report`: what an agreement was used for, and which controls that shows. */
export function reportVerb(audit: Command): void {
  withJson(audit.command('report'))
    .argument('<agreement>', 'the agreement, by its id (agr_...)', agreementId)
    .description(
      'access, refusals, exceptions, cuts, data and controls of an agreement and a period, from verified records',
    )
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--from <time>', 'not before this time, with its zone', instant)
    .requiredOption('--to <time>', 'before this time, with its zone', instant)
    .option('--copy <folder>', 'from what "interlock audit copy" wrote: then it is from every record there is')
    .option('--html <file>', 'write a page that prints well')
    .action((id: AgreementId, options: ReportOptions) => perform(options, () => report(id, options)));
}

async function report(
  id: AgreementId,
  { company: dir, from, to, copy, html }: ReportOptions,
): Promise<Decision<Shown>> {
  if (from >= to) throw new WrongUsage('--from is not before --to');
  const company = companyBroker(dir);
  const papers = await readAnnexes(company, id);
  if (!papers.allowed) return papers;
  const made = historyReport({ from, to }, papers.value);
  const source = await everyRecord(company, id, copy, made.see);
  if (!source.allowed) return source;
  const result = made.result();
  if (html !== undefined) writeFileSync(html, reportHtml(result, source.value));
  const json = { ...result, source: source.value, ...(html !== undefined && { html }) };
  return allow({
    json,
    lines: [...reportLines(result, source.value), ...(html === undefined ? [] : [`written to ${html}`])],
  });
}

export const reviewWords = ({ review, due }: HistoryReport['activations'][number]): string =>
  review
    ? `reviewed by ${review.reviewer} at ${utc(review.issuedAt)}, ${review.finding.replaceAll('-', ' ')}`
    : `NOT REVIEWED${dueWords(due)}`;

function reportLines(made: HistoryReport, source: RecordSource): string[] {
  const latency = latencyOf(made.cuts);
  const shown = made.controls.filter(({ records }) => records > 0).length;
  return [
    `${made.agreement.id} version ${made.agreement.version}, ${utc(made.from)} to ${utc(made.to)}: ${made.records} records`,
    `from ${source.treeSize} records, ${source.whole ? 'every one read' : 'NOT every one read'}, cosigned by ${cosignedWords(source)}`,
    ...made.access.map(
      (one) =>
        `used: ${one.subject} on ${one.resource} under ${one.clause}, ${one.opened} times, approved by ${one.approvers.join(' and ') || 'nobody who is named'}`,
    ),
    ...made.refusals.map((one) => `refused: ${one.kind} ${one.code}, ${one.records} records`),
    ...made.activations.map(
      (one) =>
        `activated at the gateway: ${one.subject} on ${one.resource} at ${utc(one.at)}, session ${one.session}: ${reviewWords(one)}`,
    ),
    ...made.exceptions.map((one) => `exception: ${one.control} of ${one.organisation} until ${utc(one.validUntil)}`),
    `cuts: ${made.cuts.length}${latency ? `, half of those ordered took at most ${latency.median} ms, all at most ${latency.longest} ms` : ''}`,
    ...made.data.map(
      (one) =>
        `data: ${one.batches} batches of ${one.category} of ${one.resource} through ${one.region} to ${one.recipient}`,
    ),
    ...made.lapses.map(
      (one) => `lapsed: ${one.kind} of ${one.organisation} (${one.control}), ${one.because} at ${utc(one.at)}`,
    ),
    ...made.findings.map((one) => `finding: ${one.kind} ${one.code}, ${one.records} records`),
    ...made.keeping.map(
      (one) =>
        `${one.kind}: ${one.organisation ?? 'by rule'}${one.erased > 0 ? `, ${one.erased} records` : ''} at ${utc(one.at)}`,
    ),
    ...made.late.map((one) => `late: ${one.records} records of ${one.source}, up to ${spanWords(one.longestMs)} after`),
    `controls: ${shown} of ${made.controls.length} show in these records; --json and --html name the tests of each`,
  ];
}
