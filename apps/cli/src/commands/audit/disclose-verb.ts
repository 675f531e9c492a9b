import { writeFileSync } from 'node:fs';
import { auditAnswer, count } from '@interlock/contracts';
import {
  type AgreementId,
  allow,
  type Decision,
  refuse,
  WITHHELD_MEMBERS,
  type WithheldMember,
} from '@interlock/domain';
import {
  bundleBytes,
  disclosedMember,
  emptyBundle,
  formatTlogProof,
  formatVkey,
  logReader,
  verifyBundle,
  verifyLogAnswer,
} from '@interlock/proof';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { verifiedAgreement } from '../agreement/verified-agreement.js';
import type { HistorySource } from '../company-broker.js';
import { type JsonOption, perform, type Shown, withJson } from '../perform.js';
import { agreementId } from '../read-arguments.js';
import { historySource, type SourceOptions, withSource } from './history-source.js';
import { logKeyOf } from './read-log.js';

interface DiscloseOptions extends JsonOption, SourceOptions {
  readonly log: AgreementId;
  readonly members: readonly WithheldMember[];
  readonly out: string;
}

/** `interlock audit disclose`: one record for somebody else's eyes, with as much of what it withholds as this company chooses. */
export function discloseVerb(audit: Command): void {
  withJson(withSource(audit.command('disclose')))
    .argument('<place>', 'the place of the record in its log, as "interlock audit query" prints it', place)
    .description(
      'write the proof of one record, disclosing only what you name of what it withholds: of persons, and of your own',
    )
    .requiredOption('--log <agreement>', 'the agreement, by its id (agr_...)', agreementId)
    .option(
      '--members <list>',
      `what to disclose, of ${WITHHELD_MEMBERS.join(', ')}; nothing where left out`,
      members,
      [],
    )
    .requiredOption('--out <file>', 'where to; whoever gets it runs "interlock verify" with the two roots')
    .action((index: number, options: DiscloseOptions) => perform(options, () => disclose(index, options)));
}

async function disclose(index: number, options: DiscloseOptions): Promise<Decision<Shown>> {
  const source = await historySource(options);
  if (!source.allowed) return source;
  const { log, members: chosen, out } = options;
  const made = await bundleOf(source.value, log, index, chosen);
  if (!made.allowed) return made;
  const proven = await verifyBundle(made.value, source.value.pins);
  if (!proven.allowed) return proven;
  writeFileSync(out, made.value);
  const said = chosen.length > 0 ? `disclosing ${chosen.join(', ')}` : 'disclosing nothing of what it withholds';
  return allow({
    json: { log, index, disclosed: chosen, out, statements: proven.value.statements },
    lines: [`record ${index} of ${log} in ${out}, ${said}`, ...proven.value.statements.slice(-1)],
  });
}

async function bundleOf(
  company: HistorySource,
  log: AgreementId,
  index: number,
  chosen: readonly WithheldMember[],
): Promise<Decision<Buffer>> {
  const agreed = await verifiedAgreement(company, log);
  if (!agreed.allowed) return agreed;
  const { agreement, ring, documents } = agreed.value;
  const key = logKeyOf(company, log);
  const reader = logReader(agreement, ring, key);
  const cosigned = `/v1/audit/checkpoint?log=${log}&which=cosigned&cosigners=${reader.cosigners}`;
  const tree = await company.broker.get(cosigned, z.looseObject({ treeSize: count }));
  if (!tree.allowed) return tree;
  const after = index === 0 ? '' : `&after=${index - 1}`;
  const target = `/v1/audit/events?log=${log}&limit=1&treeSize=${tree.value.treeSize}${after}`;
  const answer = await company.broker.get(target, auditAnswer);
  if (!answer.allowed) return answer;
  const proven = verifyLogAnswer(answer.value, log, reader);
  if (!proven.allowed) return proven;
  const [row, checked] = [answer.value.rows[0], proven.value.rows[0]];
  if (!row || !checked || row.index !== index) return refuse('not_cosigned', { clause: `row ${index}` });
  const opened = (row.opened ?? []).filter((one) => chosen.some((member) => member === disclosedMember(one)));
  const proof = formatTlogProof({ index, path: [...checked.proof], checkpoint: answer.value.checkpoint });
  const evidence = [{ record: row.record, ...(opened.length > 0 && { opened }), proof }];
  return allow(bundleBytes({ ...emptyBundle, ...documents, logKey: formatVkey(key), evidence }));
}

/** Reads the place of a record in its log. */
export function place(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is not a place in a log: a whole number from 0 on`);
}

function members(text: string): readonly WithheldMember[] {
  return text.split(',').map((word) => {
    const member = WITHHELD_MEMBERS.find((one) => one === word.trim());
    if (member) return member;
    throw new InvalidArgumentError(`"${word}" is not one of ${WITHHELD_MEMBERS.join(', ')}`);
  });
}
