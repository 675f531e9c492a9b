import { EU, waysOf } from '@interlock/company-side';
import {
  type AgreementId,
  allow,
  type Decision,
  EVIDENCE_KINDS,
  type Instant,
  LABEL_NAMES,
  type LabelName,
} from '@interlock/domain';
import { sentence } from '@interlock/proof';
import { type Command, InvalidArgumentError } from 'commander';
import type { HistorySource } from '../company-broker.js';
import { type JsonOption, perform, waitingFor, withJson } from '../perform.js';
import { agreementId, instant } from '../read-arguments.js';
import { utc } from '../words.js';
import { discloseVerb } from './disclose-verb.js';
import { everyAgreement } from './every-agreement.js';
import { exportVerb } from './export-verb.js';
import { historySource, type SourceOptions, withSource } from './history-source.js';
import { eraseVerb, holdVerb } from './keeping-verbs.js';
import { wayLine } from './left-region.js';
import type { ProvenRow } from './proven-row.js';
import { type LogQuestion, type ProvenLog, readLog } from './read-log.js';
import { reportVerb } from './report/report-verb.js';
import { reviewVerb } from './review-verb.js';
import { streamVerb } from './stream/stream-verb.js';
import { usageVerb } from './usage-verb.js';
import { copyVerb, verifyVerb } from './verify-verbs.js';
import { whenVerb } from './when-verb.js';
import { touchLine, whoTouched } from './who-touched.js';

interface LogOptions extends JsonOption, SourceOptions {
  readonly log?: AgreementId;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** `interlock audit`: questions to the one history of an agreement; nothing is shown that is not proven. */
export function auditCommands(program: Command): void {
  const audit = program
    .command('audit')
    .description('questions to the history that both companies cosigned; every row is verified before it is shown');
  queryVerb(audit);
  whoTouchedVerb(audit);
  leftRegionVerb(audit);
  exportVerb(withQuestion(withLog(withSource(audit.command('export')))));
  streamVerb(withQuestion(withLog(withSource(audit.command('stream')))));
  reportVerb(audit);
  reviewVerb(audit);
  usageVerb(audit);
  copyVerb(audit);
  discloseVerb(audit);
  whenVerb(audit);
  holdVerb(audit);
  eraseVerb(audit);
  verifyVerb(audit);
}

const withLog = (command: Command): Command =>
  withJson(command)
    .option('--log <agreement>', 'the agreement; every agreement of the company where left out', agreementId)
    .option('--from <time>', 'not before this time, with its zone', instant)
    .option('--to <time>', 'before this time, with its zone', instant);

/** What each option asks for; the options are the labels of the domain, so that none is missing. */
const LABEL_HELP: Readonly<Record<LabelName, string>> = {
  resource: 'a machine, such as press-7 or delta-foods.example/press-7',
  subject: 'who acted, such as technician or alpine-presses.example/person/technician',
  approver: 'who approved',
  organisation: 'whose act it was, or whose person or machine acted',
  site: 'at which site; where none is named, behind which gateway',
  ticket: 'for which work order',
  purpose: 'for which purpose',
  category: 'which category of data',
  region: 'through which region',
  recipient: 'which company received',
  agreement: 'the digest of an agreement version',
  grant: 'the digest of a grant',
  session: 'one session or flow',
  clause: 'under which clause',
  kind: 'such as session.opened',
  outcome: 'allow, deny, cut, change, delivery or finding',
  code: 'why it was refused or ended',
  correlation: 'everything that belongs to one request',
};

type QueryOptions = LogOptions & LogQuestion;

const withQuestion = (command: Command): Command =>
  LABEL_NAMES.reduce(
    (all, name) =>
      name === 'kind'
        ? all.option('--kind <kind>', LABEL_HELP.kind, kind)
        : all.option(`--${name} <value>`, LABEL_HELP[name]),
    command,
  ).option('--text <words>', 'words that all stand in the reason');

function queryVerb(audit: Command): void {
  withQuestion(withLog(withSource(audit.command('query'))))
    .description('records by machine, person, approver, ticket, clause, time and everything else a record says')
    .action((options: QueryOptions) =>
      perform(options, async () => {
        const { company, connector, home, open, loginCommand, log, json, ...question } = options;
        const source = await historySource(options);
        if (!source.allowed) return source;
        const read = await waitingFor('asking the audit service', readLogs(source.value, log, question));
        if (!read.allowed) return read;
        const rows = read.value.flatMap((one) => one.rows.map((row) => ({ log: one.log, ...row })));
        return allow({
          json: { logs: read.value.map(treeOf), rows },
          lines: [...rows.map(rowLine), ...read.value.map(treeLine)],
        });
      }),
    );
}

/** A row for people: when it happened by its source, and when the operator says that it was appended. */
const rowLine = ({ index, record, appendedAt }: ProvenRow): string =>
  `${index}  ${sentence(record)}${appendedAt === undefined ? '' : `; appended ${utc(appendedAt)} by the word of the operator`}`;

function kind(text: string): string {
  if (EVIDENCE_KINDS.some((one) => one === text)) return text;
  throw new InvalidArgumentError(`"${text}" is not one of ${EVIDENCE_KINDS.join(', ')}`);
}

function whoTouchedVerb(audit: Command): void {
  withLog(withSource(audit.command('who-touched')))
    .argument('<resource>', 'a machine, such as press-7 or delta-foods.example/press-7')
    .description('who used a machine, when, under which clause, and who approved')
    .action((resource: string, options: LogOptions) =>
      perform(options, async () => {
        const source = await historySource(options);
        if (!source.allowed) return source;
        const question = { ...spanOf(options), resource };
        const read = await waitingFor('asking the audit service', readLogs(source.value, options.log, question));
        if (!read.allowed) return read;
        const touches = read.value.flatMap(whoTouched);
        return allow({
          json: { resource, touches, logs: read.value.map(treeOf) },
          lines: [
            ...(touches.length === 0 ? [`nobody touched ${resource}`] : touches.map(touchLine)),
            ...read.value.map(treeLine),
          ],
        });
      }),
    );
}

function leftRegionVerb(audit: Command): void {
  withLog(withSource(audit.command('left-region')))
    .option('--inside <list>', 'what counts as inside: EU, or country codes separated by commas', inside, EU)
    .description('did any data leave? every way it took, by region and by recipient')
    .action((options: LogOptions & { inside: readonly string[] }) =>
      perform(options, async () => {
        const source = await historySource(options);
        if (!source.allowed) return source;
        const question = { ...spanOf(options), kind: 'flow.delivered' };
        const read = await waitingFor('asking the audit service', readLogs(source.value, options.log, question));
        if (!read.allowed) return read;
        const ways = read.value.flatMap((log) => waysOf(log, options.inside));
        const left = ways.some((way) => way.left);
        const where = options.inside === EU ? 'the EU' : options.inside.join(', ');
        return allow({
          json: { left, inside: options.inside, ways, logs: read.value.map(treeOf) },
          lines: [
            left ? `yes, data left ${where}, or may have:` : `no, nothing left ${where}`,
            ...ways.map(wayLine),
            ...read.value.map(treeLine),
          ],
        });
      }),
    );
}

function inside(text: string): readonly string[] {
  if (text === 'EU') return EU;
  const codes = text.split(',').map((code) => code.trim());
  if (codes.every((code) => /^[A-Z]{2}$/.test(code))) return codes;
  throw new InvalidArgumentError(`"${text}" is not EU or country codes of two capital letters, such as DE,AT`);
}

const spanOf = ({ from, to }: LogOptions): LogQuestion => ({
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** One log, or those of every agreement this company is party to. */
export async function readLogs(
  company: HistorySource,
  log: AgreementId | undefined,
  question: LogQuestion,
): Promise<Decision<readonly ProvenLog[]>> {
  const ids = log === undefined ? await everyAgreement(company) : allow([log]);
  if (!ids.allowed) return ids;
  const logs: ProvenLog[] = [];
  for (const id of ids.value) {
    const read = await readLog(company, id, question);
    if (!read.allowed) return read;
    logs.push(read.value);
  }
  return allow(logs);
}

const treeOf = ({ log, treeSize, filter, cosigned, cosignedAt, notCosignedYet }: ProvenLog) => ({
  log,
  treeSize,
  filter,
  cosigned,
  cosignedAt,
  notCosignedYet,
});

function treeLine({ log, treeSize, cosigned, cosignedAt, notCosignedYet, rows }: ProvenLog): string {
  const last = cosignedAt.length > 0 ? `, the last at ${utc(Math.max(...cosignedAt))}` : '';
  const by = cosigned.length > 0 ? `cosigned by ${cosigned.join(' and ')}${last}` : 'not cosigned';
  const later = notCosignedYet > 0 ? `; ${notCosignedYet} newer record(s) are not cosigned yet and not shown` : '';
  return `${rows.length} row(s), each proven to be in ${log} of ${treeSize} records, ${by}${later}`;
}
