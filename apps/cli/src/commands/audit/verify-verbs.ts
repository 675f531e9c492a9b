import { type AgreementId, allow, type Decision, refuse } from '@interlock/domain';
import { type Completeness, completenessOf, type Pins } from '@interlock/proof';
import type { Command } from 'commander';
import { parseRoots } from '../../verify/verify-command.js';
import { type JsonOption, perform, WrongUsage, waitingFor, withJson } from '../perform.js';
import { agreementId } from '../read-arguments.js';
import { type CopiedLog, copyLog, verifyCopy } from './copy-log.js';
import { type GapFound, gapFinder, gapLine } from './gap-finder.js';
import { historySource, type SourceOptions, withSource } from './history-source.js';
import { readAnswers, type Told } from './read-answers.js';

interface CopyOptions extends JsonOption, SourceOptions {
  readonly log: AgreementId;
  readonly out: string;
}

/** `interlock audit copy`: a whole log as files that any reader of tlog-tiles understands. */
export function copyVerb(audit: Command): void {
  withJson(withSource(audit.command('copy')))
    .description('copy a whole log as tlog-tiles files, to verify and to keep without the broker')
    .requiredOption('--log <agreement>', 'the agreement, by its id (agr_...)', agreementId)
    .requiredOption('--out <folder>', 'where to; what is there already and cannot change is not fetched again')
    .action((options: CopyOptions) =>
      perform(options, async () => {
        const { log, out } = options;
        const source = await historySource(options);
        if (!source.allowed) return source;
        const copied = await waitingFor('copying the log', copyLog(source.value, log, out));
        if (!copied.allowed) return copied;
        const lines = [`${copied.value} records of ${log} in ${out}; now: interlock audit verify ${out} --roots ...`];
        return allow({ json: { log, treeSize: copied.value, out }, lines });
      }),
    );
}

interface VerifyOptions extends JsonOption {
  readonly roots: Pins;
  readonly complete?: string;
  readonly rows?: string;
}

/** `interlock audit verify`: offline, with the companies' roots alone. */
export function verifyVerb(audit: Command): void {
  withJson(audit.command('verify'))
    .argument('<folder>', 'what "interlock audit copy" wrote')
    .description('verify a copied log offline: nothing missing, nothing rewritten, cosigned as agreed')
    .requiredOption('--roots <list>', 'organisation=thumbprint of every root, separated by commas', parseRoots)
    .option(
      '--complete <answer>',
      'a file with what "interlock audit query --json" printed, or the cursor of a stream: is it all of it?',
    )
    .option('--rows <file>', 'with the cursor of a stream: what its receiver kept, as NDJSON')
    .action((folder: string, options: VerifyOptions) =>
      perform(options, async () => {
        const told = options.complete === undefined ? undefined : readAnswers(options.complete, options.rows);
        const checks = (told ?? []).map((one) => ({ one, complete: completenessOf(one) }));
        const gaps = gapFinder();
        const verified = await verifyCopy(folder, options.roots, (index, record) => {
          gaps.see(index, record);
          for (const { one, complete } of checks) if (one.log === record.log) complete.see(index, record);
        });
        return verified.allowed ? judged(verified.value, checks, told !== undefined, gaps.found) : verified;
      }),
    );
}

function judged(
  copied: CopiedLog,
  checks: readonly { readonly one: Told; readonly complete: { result(): Completeness } }[],
  asked: boolean,
  findings: readonly GapFound[],
): Decision<{ json: Record<string, unknown>; lines: readonly string[] }> {
  const { log, checkpoint, cosigned } = copied;
  const json = { log, treeSize: checkpoint.size, cosigned, findings };
  const line = `verified: ${checkpoint.size} records of ${log}, cosigned by ${cosigned.join(' and ') || 'nobody'}`;
  const lines = [line, ...findings.map(gapLine)];
  if (!asked) return allow({ json, lines });
  const of = checks.find(({ one }) => one.log === log);
  if (!of) throw new WrongUsage(`the answer says nothing about ${log}; query that log`);
  if (of.one.treeSize > checkpoint.size)
    throw new WrongUsage(`the answer is of ${of.one.treeSize} records, this copy of ${checkpoint.size}; copy again`);
  const { missing, added, unreadable } = of.complete.result();
  const rows = (indexes: readonly number[]) =>
    `${indexes.slice(0, 20).join(', ')}${indexes.length > 20 ? ', ...' : ''}`;
  if (missing.length > 0 || added.length > 0) {
    const parts = [missing.length > 0 && `missing: ${rows(missing)}`, added.length > 0 && `added: ${rows(added)}`];
    return refuse('answer_incomplete', { clause: log, detail: parts.filter(Boolean).join('; ') });
  }
  const closed = unreadable.length;
  const whole =
    closed === 0
      ? `complete: these ${of.one.rows.length} row(s) are all of it, in the first ${of.one.treeSize} records`
      : `nothing that can be read is missing; what ${closed} record(s) tell of persons was erased or is not held: ${rows(unreadable)}`;
  const answer = { ...json, complete: closed === 0, unreadable, rows: of.one.rows.length };
  return allow({ json: answer, lines: [...lines, whole] });
}
