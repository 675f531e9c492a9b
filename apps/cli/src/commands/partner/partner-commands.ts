import { existsSync } from 'node:fs';
import { addPin, addPinFromFile, readSettings } from '@interlock/company-side';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { readOut } from '../words.js';

interface PinOptions extends JsonOption {
  readonly file?: string;
}

/** `interlock partner`: whom this company believes, and by which root. */
export function partnerCommands(program: Command): void {
  const partner = program.command('partner').description('whom this company believes');
  withJson(partner.command('pin'))
    .argument('<dir>', 'the folder of your company')
    .argument('[organisation]', "the partner's organisation id")
    .argument(
      '[fingerprint...]',
      'its root fingerprint, as the partner read it out; spaces do not matter. Put -- before the organisation where a word begins with a hyphen',
    )
    .description(
      'pin a partner to the root fingerprint that was compared out of band, never to an answer of the broker',
    )
    .option('--file <file>', 'read both from a file that the partner handed over ("interlock agent show --pin-file")')
    .action((dir: string, organisation: string | undefined, words: readonly string[], options: PinOptions) =>
      perform(options, async () => {
        const pinned = pin(dir, organisation, words.join(''), options.file);
        if (!pinned.allowed) return pinned;
        const { root } = pinned.value;
        return allow({
          json: pinned.value,
          lines: [
            `pinned ${pinned.value.organisation} to`,
            `  ${readOut(root)}`,
            'provision gateways again: they carry the pins',
          ],
        });
      }),
    );
}

function pin(
  dir: string,
  organisation: string | undefined,
  fingerprint: string,
  file: string | undefined,
): ReturnType<typeof addPin> {
  readSettings(dir);
  if (file !== undefined) {
    if (organisation !== undefined) throw new WrongUsage('give either an organisation and its fingerprint, or --file');
    if (!existsSync(file)) throw new WrongUsage(`${file} cannot be read; check the path`);
    return addPinFromFile(dir, file);
  }
  if (organisation === undefined || fingerprint === '')
    throw new WrongUsage('give an organisation and its fingerprint, or --file');
  return addPin(dir, organisation, fingerprint);
}
