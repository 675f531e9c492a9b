import { newId } from '@interlock/company-side';
import { SERVICES, type ServiceName } from '@interlock/contracts';
import { allow, type Decision, type Digest, evidenceOf, type SaidEvidence } from '@interlock/domain';
import {
  deadLetters,
  type Handled,
  handleLetter,
  handleParked,
  type Letter,
  type ParkedRecord,
  parkedRecords,
  type WhyNotHandled,
} from '@interlock/trial';
import { type Command, InvalidArgumentError } from 'commander';
import { type InstallationOptions, namedInstallation, withInstallation } from '../backup/installation.js';
import { runningTrial } from '../backup/running-trial.js';
import { perform, type Shown, WrongUsage } from '../perform.js';

interface ListOptions extends InstallationOptions {
  readonly all?: boolean;
}
interface HandleOptions extends InstallationOptions {
  readonly how: string;
  readonly again?: boolean;
}

/** `interlock operator`: what could not be handled, and how the operator dealt with it. Nothing of it is ever dropped. */
export function operatorCommands(program: Command): void {
  const operator = program
    .command('operator')
    .description("what the broker's operator has to look at; what he does about it stands in the log");
  parkedVerbs(operator);
  letterVerbs(operator);
}

function parkedVerbs(operator: Command): void {
  withInstallation(operator.command('parked'))
    .description('evidence records that could be no leaf of a log, with why, whose and how often')
    .option('--all', 'also what was dealt with')
    .action((options: ListOptions) =>
      perform(options, async () => {
        const parked = await parkedRecords(adminUrlOf(options), options.all === true);
        return allow({ json: { parked }, lines: parked.length > 0 ? parked.map(parkedLine) : ['nothing is parked'] });
      }),
    );
  withHow(withInstallation(operator.command('handle-parked')))
    .argument('<number>', 'the number of the record, as "interlock operator parked" prints it', number)
    .description('say how a parked record was dealt with; it stays where it is, and both companies see that it was')
    .option('--again', 'let the log judge it once more, by the rules of this release')
    .action((no: number, options: HandleOptions) =>
      perform(options, async () => {
        const { how, again = false } = options;
        const done = await handleParked(adminUrlOf(options), { no, how, again }, (one, log) => recordOf(log, one, how));
        return shown(done, `parked record ${no}`, again);
      }),
    );
}

function letterVerbs(operator: Command): void {
  withInstallation(operator.command('letters'))
    .description('messages between the services that could not be handled, with why')
    .option('--all', 'also what was dealt with')
    .action((options: ListOptions) =>
      perform(options, async () => {
        const letters = await deadLetters(adminUrlOf(options), options.all === true);
        return allow({ json: { letters }, lines: letters.length > 0 ? letters.map(letterLine) : ['there is none'] });
      }),
    );
  withHow(withInstallation(operator.command('handle-letter')))
    .argument('<service>', 'whose consumer could not handle it', service)
    .argument('<consumer>', 'the consumer')
    .argument('<event>', 'the id of the event')
    .description('say how a message was dealt with that could not be handled; it stays where it is')
    .option('--again', 'have its sender hand it over once more; consumers that heard it drop it')
    .action((of: ServiceName, consumer: string, eventId: string, options: HandleOptions) =>
      perform(options, async () => {
        const { how, again = false } = options;
        const letter = { service: of, consumer, eventId, how, again };
        const done = await handleLetter(adminUrlOf(options), letter, (one) => recordOfLetter(one, how));
        return shown(done, `the message ${eventId}`, again);
      }),
    );
}

const withHow = (command: Command): Command =>
  command.requiredOption('--how <words>', 'what was found and done, in your words', words);

const adminUrlOf = (options: InstallationOptions): string =>
  (namedInstallation(options) ?? runningTrial(options.trial ?? '')).adminUrl;

const recordOf = (log: string, { digest, reason, times }: ParkedRecord, how: string) =>
  evidenceOf('broker/operator', newId('evd'), {
    ...{ log: log as SaidEvidence['log'], kind: 'parked.handled', outcome: 'change', at: Date.now() },
    ...{ code: reason, count: times, documents: [`sha256:${digest}` as Digest], reason: how },
  });

const recordOfLetter = ({ service: of, consumer, eventId }: Letter, how: string) =>
  evidenceOf('broker/operator', newId('evd'), {
    ...{ log: 'operator', kind: 'letter.handled', outcome: 'change', at: Date.now() },
    ...{ code: of, clause: consumer, correlation: eventId, reason: how },
  });

const WHY_NOT: Readonly<Record<WhyNotHandled, string>> = {
  unknown: 'there is no such row; list them first',
  not_appended:
    'the door itself refused it, so there is nothing to judge again; say how it was dealt with, without --again',
  emptied: 'its time was over and its words are gone; say how it was dealt with, without --again',
  forgotten: 'its sender has forgotten it; say how it was dealt with, without --again',
  too_soon: 'the bus would still drop it as a repeat; run it again a quarter of an hour after it was kept',
};

function shown(done: Handled, what: string, again: boolean): Decision<Shown> {
  if ('why' in done) throw new WrongUsage(WHY_NOT[done.why]);
  const { record } = done;
  return allow({
    json: { handled: true, again, record: record.id, log: record.log },
    lines: [
      `${what} ${again ? 'is tried again' : 'was dealt with'}; it stays, and ${record.id} in ${record.log} says so`,
    ],
  });
}

const handledWords = ({ handledAt, handledHow }: Pick<Letter, 'handledAt' | 'handledHow'>): string =>
  handledAt === null ? '' : `; dealt with at ${handledAt}: ${handledHow ?? ''}`;

const parkedLine = (one: ParkedRecord): string =>
  `${one.no}  ${one.parkedAt} ${one.reason}, ${one.times} times, by ${one.writer} for ${one.log ?? 'no log'}${handledWords(one)}`;

const letterLine = (one: Letter): string =>
  `${one.service} ${one.consumer} ${one.eventId}  ${one.parkedAt} ${one.reason}${handledWords(one)}`;

function number(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is not a number of a parked record`);
}

function service(text: string): ServiceName {
  const found = SERVICES.find((one) => one === text);
  if (found) return found;
  throw new InvalidArgumentError(`"${text}" is not one of ${SERVICES.join(', ')}`);
}

function words(text: string): string {
  if (text.trim() !== '' && text.length <= 500) return text;
  throw new InvalidArgumentError('say in 1 to 500 letters what was found and done');
}
