import { addMachine, addPerson, layout } from '@interlock/company-side';
import { allow, type LocalId, type Purpose } from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { newPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, withJson } from '../perform.js';
import { localId, localIds } from '../read-arguments.js';
import { utc } from '../words.js';

type PersonPurpose = Extract<Purpose, 'grant' | 'approve' | 'delegate' | 'signal'>;
const PURPOSES: readonly string[] = ['grant', 'approve', 'delegate', 'signal'] satisfies readonly PersonPurpose[];

interface PersonOptions extends JsonOption {
  readonly groups: readonly LocalId[];
  readonly purposes: readonly PersonPurpose[];
  readonly login?: string;
  readonly guest?: boolean;
  readonly passphraseFile?: string;
}

/** `interlock key`: keys of people and machines, certified by the company's offline key. */
export function keyCommands(program: Command): void {
  const key = program.command('key').description('keys of people and machines');
  personVerb(key.command('person').description('people of the company'));
  withJson(key.command('machine').description('machines that act by themselves').command('add'))
    .argument('<dir>', 'the folder of the company, with its offline keys')
    .argument('<id>', "the company's name for the machine", localId)
    .description('make a key for a machine; its folder is then carried to it')
    .action((dir: string, id: LocalId, options: JsonOption) =>
      perform(options, async () => {
        const { folder, certificate } = await addMachine(dir, { id, now: Date.now() });
        const { notAfter } = certificate.document;
        return allow({
          json: { id, folder, notAfter },
          lines: [`made ${folder}, certified until ${utc(notAfter)}; carry it to the machine`],
        });
      }),
    );
}

function personVerb(person: Command): void {
  withJson(person.command('add'))
    .argument('<dir>', 'the folder of the company, with its offline keys')
    .argument('<id>', "the company's name for the person", localId)
    .description('add a person; with purposes, with a key that only the passphrase opens')
    .option('--groups <list>', 'groups, separated by commas', localIds, [])
    .option(
      '--purposes <list>',
      'what the key may sign: grant (to ask), approve (to say yes), delegate, signal (to say that somebody is present)',
      purposes,
      [],
    )
    .option('--login <sub>', 'the "sub" by which the identity provider knows the person; the id where left out')
    .option('--guest', 'a guest may act and ask, and never approves')
    .option(...PASSPHRASE_FILE)
    .action((dir: string, id: LocalId, options: PersonOptions) =>
      perform(options, async () => {
        const { groups, purposes: may, login, guest } = options;
        const passphrase = may.length > 0 ? await newPassphrase(options.passphraseFile, id) : '';
        const added = { id, groups, purposes: may, passphrase, now: Date.now(), ...(login && { login }) };
        const certificate = await addPerson(dir, guest ? { ...added, guest } : added);
        const notAfter = certificate?.document.notAfter;
        return allow({
          json: { id, groups, purposes: may, folder: layout(dir).person(id), ...(notAfter && { notAfter }) },
          lines: [
            notAfter
              ? `${id} may ${may.join(', ')}; the key is certified until ${utc(notAfter)}`
              : `${id} may log in, and holds no key`,
          ],
        });
      }),
    );
}

function purposes(text: string): readonly PersonPurpose[] {
  const list = text.split(',').map((one) => one.trim());
  const stray = list.find((one) => !PURPOSES.includes(one));
  if (stray !== undefined) throw new InvalidArgumentError(`"${stray}" is not one of ${PURPOSES.join(', ')}`);
  return list as PersonPurpose[];
}
