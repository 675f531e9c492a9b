import { count, organisationId } from '@interlock/contracts';
import { type AgreementId, allow } from '@interlock/domain';
import type { Command } from 'commander';
import { z } from 'zod';
import { companyBroker } from '../company-broker.js';
import { type JsonOption, perform, withJson } from '../perform.js';
import { agreementId } from '../read-arguments.js';

interface KeepingOptions extends JsonOption {
  readonly company: string;
  readonly log: AgreementId;
}

const ofOneLog = (command: Command): Command =>
  withJson(command)
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--log <agreement>', 'the agreement, by its id (agr_...)', agreementId);

/** `interlock audit hold`: a company expects a dispute, and nothing that the log tells of persons is erased until it says otherwise. */
export function holdVerb(audit: Command): void {
  ofOneLog(audit.command('hold'))
    .description(
      'keep what a log tells of persons beyond its retention; each hold, and its end, is a record of the log',
    )
    .option('--lift', 'lift the hold that your company set')
    .action((options: KeepingOptions & { readonly lift?: boolean }) =>
      perform(options, async () => {
        const { broker } = companyBroker(options.company);
        const target = `/v1/audit/holds/${options.log}`;
        const answer = await broker.put(target, { held: options.lift !== true }, heldBy);
        if (!answer.allowed) return answer;
        const by = answer.value.heldBy.join(' and ');
        const line = by === '' ? `nobody holds ${options.log}` : `${options.log} is held by ${by}`;
        return allow({ json: answer.value, lines: [line] });
      }),
    );
}

/** `interlock audit erase`: the rule that both signed, applied now; or one person of the own company, who asked for it. */
export function eraseVerb(audit: Command): void {
  ofOneLog(audit.command('erase'))
    .description('erase what a log tells of persons, where the retention that both companies signed is over')
    .option('--person <id>', 'a person of your company who asks for it: at once, whatever the retention says')
    .action((options: KeepingOptions & { readonly person?: string }) =>
      perform(options, async () => {
        const { broker } = companyBroker(options.company);
        const target = `/v1/audit/erasures/${options.log}`;
        const { person } = options;
        const answer = await (person === undefined
          ? broker.post(target, undefined, erased)
          : broker.post(`${target}/person`, { person }, erased));
        if (!answer.allowed) return answer;
        const lines = [
          `${answer.value.erased} record(s) of ${options.log} tell of ${person === undefined ? 'nobody any' : 'that person no'} more; the log is what it was`,
          'copies of the log that your company made are brought to that by "interlock audit copy"',
        ];
        return allow({ json: answer.value, lines });
      }),
    );
}

const heldBy = z.strictObject({ log: z.string(), heldBy: z.array(organisationId) });
const erased = z.strictObject({ log: z.string(), erased: count });
