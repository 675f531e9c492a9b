import { parseOrganisationId, parseThumbprint } from '@interlock/domain';
import { type Pins, verifyBundle } from '@interlock/proof';
import { type Command, InvalidArgumentError } from 'commander';
import { type JsonOption, printFault } from '../commands/perform.js';
import { readFileGiven } from '../commands/read-arguments.js';

/** Reads `alpine-presses.example=THUMBPRINT,delta-foods.example=THUMBPRINT`, as each company compared it out of band. */
export function parseRoots(text: string): Pins {
  const pins = text.split(',').map((pair) => {
    const [name = '', root = '', ...rest] = pair.split('=');
    const [organisation, thumbprint] = [parseOrganisationId(name), parseThumbprint(root)];
    if (!organisation || !thumbprint || rest.length > 0) {
      throw new InvalidArgumentError(
        `"${pair}" is not organisation=root-thumbprint (43 letters, as "interlock agent show" prints it)`,
      );
    }
    return [organisation, thumbprint] as const;
  });
  return new Map(pins);
}

/** Undefined where the path is wrong; then that has been said. */
function bytesOf(file: string, options: JsonOption): Uint8Array | undefined {
  try {
    return readFileGiven(file);
  } catch (fault) {
    process.exitCode = 2;
    printFault(options, fault);
    return undefined;
  }
}

/** `interlock verify`: needs the file and the two roots; no network, no broker, no clock. */
export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .argument('<bundle>', 'a proof bundle')
    .description('verify a proof bundle against root thumbprints, without network and without anything of the broker')
    .requiredOption('--roots <list>', 'organisation=thumbprint of every root, separated by commas', parseRoots)
    .option('--json', 'one JSON object on the last line of standard output')
    .action(async (file: string, options: { roots: Pins; json?: boolean }) => {
      const bundle = bytesOf(file, options);
      if (!bundle) return;
      const proven = await verifyBundle(bundle, options.roots);
      if (options.json) {
        const answer = proven.allowed ? { ok: true, ...proven.value } : { ok: false, ...proven.refusal };
        process.stdout.write(`${JSON.stringify(answer)}\n`);
      } else if (proven.allowed) {
        process.stdout.write(
          `${proven.value.statements.map((line) => `  + ${line}`).join('\n')}\nverified: ${proven.value.digest}\n`,
        );
      } else {
        const { code, clause } = proven.refusal;
        process.stdout.write(
          `not verified: ${code}${clause ? ` (${clause})` : ''}. The file is no proof bundle, was altered, or belongs to other roots.\n`,
        );
      }
      process.exitCode = proven.allowed ? 0 : 1;
    });
}
