import { setDeputy } from '@interlock/company-side';
import { allow, type Decision, type Instant, type LocalId } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';
import { gather, instant, localId } from '../read-arguments.js';
import { utc } from '../words.js';

interface DeputyOptions extends JsonOption {
  readonly for?: LocalId;
  readonly from?: Instant;
  readonly until?: Instant;
  readonly group?: readonly LocalId[];
  readonly resource?: readonly LocalId[];
  readonly nobody?: boolean;
}

/** `interlock key person deputy`: who says yes for an approver who will be away. */
export function deputyVerb(person: Command): void {
  withJson(person.command('deputy'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .argument('<id>', 'the deputy, an approver of the company', localId)
    .option('--for <approver>', 'who will be away', localId)
    .option('--from <time>', 'from when on, with its zone', instant)
    .option('--until <time>', 'until when, with its zone', instant)
    .option('--group <id>', 'only in this group of whoever is away; may be given again', gather(localId))
    .option('--resource <id>', 'only for this resource; may be given again', gather(localId))
    .option('--nobody', 'the place of nobody from now on')
    .description(
      'certify in whose place the yes of an approver counts, and when; it takes the place of what was certified before',
    )
    .action((dir: string, id: LocalId, options: DeputyOptions) => perform(options, () => setIt(dir, id, options)));
}

async function setIt(dir: string, id: LocalId, options: DeputyOptions): Promise<Decision<Shown>> {
  const { for: away, from, until, group = [], resource = [], nobody = false } = options;
  const period = from !== undefined && until !== undefined && from < until ? { from, to: until } : undefined;
  const planned = away && period ? [{ for: away, periods: [period], groups: group, resources: resource }] : [];
  if (planned.length > 0 === nobody) throw new WrongUsage('give --for, --from and a later --until; or --nobody alone');
  const made = await setDeputy(dir, id, planned, Date.now());
  if (!made.allowed) return made;
  const { deputises = [], notAfter } = made.value.document;
  return allow({
    json: { id, deputises, notAfter },
    lines: [
      away && period
        ? `a yes of ${id} counts in the place of ${away} from ${utc(period.from)} to ${utc(period.to)}`
        : `a yes of ${id} counts in nobody's place`,
      'a running agent publishes this within a few seconds',
    ],
  });
}
