import { addMachine, addPerson, certifyPasskey, layout, setApproverHours } from '@interlock/company-side';
import { expandRecurrence } from '@interlock/company-side/calendar';
import { allow, type Decision, type Instant, type LocalId, type Purpose, type Thumbprint } from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { newPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';
import { instant, localId, localIds, span, thumbprint } from '../read-arguments.js';
import { utc } from '../words.js';
import { deputyVerb } from './deputy-verb.js';
import { rotateVerb } from './rotate-verb.js';

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
  const key = program.command('key').description('keys of the company, of its people and its machines');
  const person = key.command('person').description('people of the company');
  personVerb(person);
  hoursVerb(person);
  deputyVerb(person);
  rotateVerb(key);
  passkeyVerb(person);
  svidIssuerVerb(key);
  withJson(key.command('machine').description('machines that act by themselves').command('add'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
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

function svidIssuerVerb(key: Command): void {
  withJson(key.command('svid-issuer'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .description(
      "let the agent issue SVIDs to the company's own machines and workloads, under SPIFFE IDs of its own trust domain",
    )
    .action((dir: string, options: JsonOption) =>
      perform(options, async () => {
        const { makeSvidIssuer } = await import('@interlock/company-side/svid');
        const { notAfter } = (await makeSvidIssuer(dir, Date.now())).document;
        return allow({
          json: { notAfter },
          lines: [
            `the issuer is certified until ${utc(notAfter)}; "interlock agent renew" certifies it again`,
            'machines ask at /svids of the agent, with the key of their folder; what verifies is at /spiffe-bundle',
          ],
        });
      }),
    );
}

function personVerb(person: Command): void {
  withJson(person.command('add'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
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

function passkeyVerb(person: Command): void {
  withJson(person.command('passkey'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .argument('<id>', 'the approver', localId)
    .argument('<fingerprint>', 'of the passkey, as the person reads it on the page of the agent', thumbprint)
    .description('certify a passkey that an approver added at the agent; compare its fingerprint with the person first')
    .action((dir: string, id: LocalId, kid: Thumbprint, options: JsonOption) =>
      perform(options, async () => {
        const made = await certifyPasskey(dir, id, kid, Date.now());
        if (!made.allowed) return made;
        const { notAfter } = made.value.document;
        return allow({
          json: { id, fingerprint: kid, notAfter },
          lines: [
            `${id} may approve with this passkey; it is certified until ${utc(notAfter)}`,
            'a running agent publishes this within a few seconds',
          ],
        });
      }),
    );
}

interface HoursOptions extends JsonOption {
  readonly every?: string;
  readonly start?: string;
  readonly zone?: string;
  readonly for?: number;
  readonly to?: Instant;
  readonly always?: boolean;
}

function hoursVerb(person: Command): void {
  withJson(person.command('hours'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .argument('<id>', 'the approver', localId)
    .option('--every <rrule>', 'when a yes counts (RFC 5545), such as FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR')
    .option('--start <local>', 'local time at which the first shift begins, such as 2026-06-01T06:00:00')
    .option('--zone <zone>', 'time zone of the shift, such as Europe/Vienna')
    .option('--for <span>', 'length of a shift, such as 8h', span)
    .option('--to <time>', 'no shift begins after this, with its zone; three months from now where left out', instant)
    .option('--always', 'at any time again')
    .description('certify within which hours the yes of an approver counts; run it again before they run out')
    .action((dir: string, id: LocalId, options: HoursOptions) => perform(options, () => setHours(dir, id, options)));
}

const QUARTER = 90 * 86_400_000;

async function setHours(dir: string, id: LocalId, options: HoursOptions): Promise<Decision<Shown>> {
  const now = Date.now();
  const { every: rule, start, zone, for: seconds, to: until = now + QUARTER, always } = options;
  const given = rule !== undefined && start !== undefined && zone !== undefined && seconds !== undefined;
  if (given === (always ?? false)) throw new WrongUsage('give --every, --start, --zone and --for; or --always alone');
  const hours = given ? expandRecurrence({ rule, start, zone, seconds, until, closed: [] }) : allow(null);
  if (!hours.allowed) return hours;
  const made = await setApproverHours(dir, id, hours.value, now);
  if (!made.allowed) return made;
  const [first, last] = [hours.value?.[0], hours.value?.at(-1)];
  return allow({
    json: { id, hours: hours.value, notAfter: made.value.document.notAfter },
    lines: [
      first && last
        ? `a yes of ${id} counts in ${hours.value?.length} spans from ${utc(first.from)} to ${utc(last.to)}`
        : `a yes of ${id} counts at any time`,
      'a running agent publishes this within a few seconds',
    ],
  });
}

function purposes(text: string): readonly PersonPurpose[] {
  const list = text.split(',').map((one) => one.trim());
  const stray = list.find((one) => !PURPOSES.includes(one));
  if (stray !== undefined) throw new InvalidArgumentError(`"${stray}" is not one of ${PURPOSES.join(', ')}`);
  return list as PersonPurpose[];
}
