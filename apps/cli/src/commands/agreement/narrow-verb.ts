import { readFileSync } from 'node:fs';
import { readSettings } from '@interlock/company-side';
import type { AgreementId, NamedPart, TakenPart } from '@interlock/domain';
import type { Command } from 'commander';
import { type CutOptions, cut, withCut } from '../grant/cut-verbs.js';
import { sessionAt } from '../login/login-commands.js';
import { perform, WrongUsage } from '../perform.js';
import { agreementId } from '../read-arguments.js';

interface NarrowOptions extends CutOptions, Partial<Record<NamedPart, readonly string[]>> {
  readonly from?: string;
}

const PART_OPTIONS: readonly (readonly [NamedPart, string])[] = [
  ['resource', 'owner/id'],
  ['service', 'owner/id=service'],
  ['clause', 'a clause, as "interlock agreement diff" names it without "term"'],
  ['purpose', 'a purpose, out of every clause that has it'],
  ['recipient', 'an organisation that receives data'],
  ['key', 'a key of the data'],
];

/** `interlock agreement narrow`: one side takes parts of the version in force away, at once; only both bring them back. */
export function narrowVerb(agreement: Command): void {
  const verb = withCut(agreement.command('narrow'))
    .argument('<folder>', 'the folder of your company; it says where its agent is')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId);
  for (const [part, words] of PART_OPTIONS) verb.option(`--${part} <name...>`, `take away: ${words}`);
  verb
    .option('--from <file>', 'what to strike and to write narrower, as JSON: {"strike":{...},"instead":{...}}')
    .description('take parts of an agreement away at once; the rest goes on, and only both companies bring them back')
    .action((dir: string, id: AgreementId, options: NarrowOptions) =>
      perform(options, () => {
        const call = sessionAt({ ...options, agent: options.agent ?? readSettings(dir).agentOrigin });
        const target = { kind: 'agreement' as const, id };
        return cut(
          call,
          { verb: 'narrow', agreementId: id, target, reason: options.reason, ...wishOf(options) },
          options,
        );
      }),
    );
}

function wishOf(options: NarrowOptions): { readonly without: readonly TakenPart[] } | { readonly narrows: unknown } {
  const without = PART_OPTIONS.flatMap(([part]) => (options[part] ?? []).map((name) => ({ part, name })));
  if (without.length > 0 === (options.from !== undefined))
    throw new WrongUsage(
      `name what to take away, with ${PART_OPTIONS.map(([part]) => `--${part}`).join(', ')}, or give --from`,
    );
  if (options.from === undefined) return { without };
  try {
    return { narrows: JSON.parse(readFileSync(options.from, 'utf8')) as unknown };
  } catch {
    throw new WrongUsage(`${options.from} cannot be read as JSON`);
  }
}
