import { existsSync } from 'node:fs';
import { addPin, addPinFromFile, type Pinned, readSettings } from '@interlock/company-side';
import { allow, type Decision, type Thumbprint } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';
import { thumbprint } from '../read-arguments.js';
import { readOut } from '../words.js';

interface PinOptions extends JsonOption {
  readonly file?: string;
  readonly replaces?: Thumbprint;
}

/** `interlock partner`: whom this company believes, and by which root. */
export function partnerCommands(program: Command): void {
  const partner = program.command('partner').description('whom this company believes');
  withJson(partner.command('pin'))
    .argument('<folder>', 'the folder of your company')
    .argument('[organisation]', "the partner's organisation id")
    .argument(
      '[fingerprint...]',
      'its root fingerprint, as the partner read it out; spaces do not matter. Put -- before the organisation where a word begins with a hyphen',
    )
    .description(
      'pin a partner to the root fingerprint that was compared out of band, never to an answer of the broker',
    )
    .option(
      '--file <file>',
      'read both from a file that the partner handed over ("interlock agent show --pin-file"), or the next root as the pinned one signed it ("interlock key rotate FOLDER root --out")',
    )
    .option(
      '--replaces <fingerprint>',
      'the root pinned until now, where no signature of it names the new one',
      thumbprint,
    )
    .action((dir: string, organisation: string | undefined, words: readonly string[], options: PinOptions) =>
      perform(options, async () => {
        const pinned = await pin(dir, organisation, words.join(''), options);
        return pinned.allowed ? allow(shown(pinned.value, options.replaces)) : pinned;
      }),
    );
}

function shown({ organisation, root, replaced }: Pinned, byHand: Thumbprint | undefined): Shown {
  const before = replaced === root ? undefined : (replaced ?? byHand);
  const signed = replaced !== undefined && replaced !== root;
  return {
    json: { organisation, root, ...(before && { replaced: before, signedBy: signed ? before : null }) },
    lines: [
      `pinned ${organisation} to`,
      `  ${readOut(root)}`,
      ...(before ? ['in the place of', `  ${readOut(before)}`] : []),
      ...(before
        ? [
            signed
              ? 'which signed that; compare the new one out of band all the same'
              : 'which did not sign that: your word alone',
          ]
        : []),
      'provision gateways again: they carry the pins',
    ],
  };
}

/** A SHA-256 in base64url (RFC 7638). */
const FINGERPRINT_LETTERS = 43;

async function pin(
  dir: string,
  organisation: string | undefined,
  fingerprint: string,
  { file, replaces }: PinOptions,
): Promise<Decision<Pinned>> {
  readSettings(dir);
  if (file !== undefined) {
    if (organisation !== undefined) throw new WrongUsage('give either an organisation and its fingerprint, or --file');
    if (!existsSync(file)) throw new WrongUsage(`${file} cannot be read; check the path`);
    return addPinFromFile(dir, file, Date.now());
  }
  if (organisation === undefined || fingerprint === '')
    throw new WrongUsage('give an organisation and its fingerprint, or --file');
  const { length } = fingerprint.replace(/\s/g, '');
  if (length !== FINGERPRINT_LETTERS)
    throw new WrongUsage(
      `"${fingerprint}" is no root fingerprint: that has ${FINGERPRINT_LETTERS} letters, this ${length}; have the partner read it out again ("interlock agent show")`,
    );
  return addPin(dir, organisation, fingerprint, replaces);
}
