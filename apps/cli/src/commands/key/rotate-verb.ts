import { type KeyName, type Rotation, rotateKey, rotateRoot, writeDurably } from '@interlock/company-side';
import { allow, type Decision, type LocalId, parseLocalId } from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { newPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';
import { readOut } from '../words.js';

const ALONE = ['root', 'agreement', 'certify', 'agent', 'beat', 'witness', 'open'] as const;
const HELD = ['person', 'gateway', 'machine', 'workload'] as const;
type Named = (typeof ALONE)[number] | { readonly kind: (typeof HELD)[number]; readonly id: LocalId };

interface RotateOptions extends JsonOption {
  readonly compromised?: boolean;
  readonly passphraseFile?: string;
  readonly out?: string;
}

/** `interlock key rotate`: a new key in the place of an old one, for every purpose there is. */
export function rotateVerb(key: Command): void {
  withJson(key.command('rotate'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .argument('<key>', `${ALONE.join(', ')}, or one of ${HELD.map((kind) => `${kind}:ID`).join(', ')}`, named)
    .option(
      '--compromised',
      'others may have the old one: agreement and certify are named no longer, an agent takes the next epoch',
    )
    .option(...PASSPHRASE_FILE)
    .option(
      '--out <file>',
      'of a root: write what the old one signed here, for a partner\'s "interlock partner pin --file"',
    )
    .description(
      'put a new key in the place of one that gets old, is lost or may be in other hands; the old one is destroyed',
    )
    .action((dir: string, name: Named, options: RotateOptions) =>
      perform(options, async (): Promise<Decision<Shown>> => {
        if (name === 'root') return rotatedRoot(dir, options);
        const key_ = await withPassphrase(name, options.passphraseFile);
        const done = await rotateKey(dir, key_, { now: Date.now(), compromised: options.compromised ?? false });
        return done.allowed ? allow(shown(name, done.value, options.compromised ?? false)) : done;
      }),
    );
}

async function rotatedRoot(dir: string, { compromised, out }: RotateOptions): Promise<Decision<Shown>> {
  // Whoever has the old root could name a root of his own just as well.
  if (compromised)
    throw new WrongUsage('a root in other hands cannot name the next one: see "interlock agent revoke-all"');
  const { before, after, succession } = await rotateRoot(dir, Date.now());
  if (out !== undefined) writeDurably(out, `${JSON.stringify(succession, null, 2)}\n`, 0o644);
  return allow({
    json: { key: 'root', before, after, succession, ...(out && { file: out }) },
    lines: [
      'root:',
      `  ${readOut(after)}`,
      'in the place of',
      `  ${readOut(before)}`,
      'partners go on with the one they pinned; have each compare the new one and pin it, because until then whoever has the old one speaks there',
      `keep a copy of ${dir}/offline/revoke-all.json elsewhere again: the one before ends nothing where the new root is pinned`,
    ],
  });
}

async function withPassphrase(name: Exclude<Named, 'root'>, file: string | undefined): Promise<KeyName> {
  if (typeof name === 'string') return name;
  const { kind, id } = name;
  return kind === 'person' ? { kind, id, passphrase: await newPassphrase(file, id) } : { kind, id };
}

function shown(name: Named, { before, after }: Rotation, compromised: boolean): Shown {
  const what = typeof name === 'string' ? name : `${name.kind}:${name.id}`;
  return {
    json: { key: what, before, after, compromised },
    lines: [
      `${what}: ${after} in the place of ${before}`,
      ...nextSteps(name),
      ...afterTheft(name, before, compromised),
    ],
  };
}

function nextSteps(name: Named): readonly string[] {
  if (name === 'open') return ['a running agent publishes it within a few seconds'];
  if (name === 'agreement') return ['a running agent publishes this within a few seconds'];
  if (name === 'certify')
    return [
      'a running agent publishes this within a few seconds; provision gateways again: it signs what they are told',
    ];
  if (typeof name === 'string') return ['start the agent again: it reads its own keys once'];
  return name.kind === 'person'
    ? ['a running agent publishes this within a few seconds']
    : [`carry the folder to the ${name.kind} again, and start it with the new key`];
}

/** What the folder cannot do by itself: only an act takes a certified key out of use at once. */
function afterTheft(name: Named, before: string, compromised: boolean): readonly string[] {
  if (!compromised) return [];
  if (name === 'agreement') return ['nothing the old one signed counts: propose and sign each agreement anew'];
  if (name === 'certify') return ['what the old one signed of machines and calendars no longer counts: sign it again'];
  return [
    `under each agreement: interlock grant revoke-own key:${before} --agreement ID --compromised TIME --reason ...`,
  ];
}

function named(text: string): Named {
  const alone = ALONE.find((one) => one === text);
  if (alone) return alone;
  const colon = text.indexOf(':');
  const kind = HELD.find((one) => one === text.slice(0, colon));
  const id = parseLocalId(text.slice(colon + 1));
  if (kind && id) return { kind, id };
  throw new InvalidArgumentError(`"${text}" is not ${ALONE.join(', ')}, or ${HELD.join(':, ')}: with an id`);
}
