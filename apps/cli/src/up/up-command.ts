import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileScrub } from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { rootsArgument } from '../story/pins.js';
import { runStory, type Storyteller } from '../story/run-story.js';
import { STEPS } from '../story/steps.js';
import { ROOT } from './programs.js';
import { startTrial, type Trial } from './trial.js';

interface UpOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly through: number;
  readonly data: string;
  readonly telemetry?: string;
  readonly scrub: readonly string[];
}

const stepNumber = (text: string): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= STEPS.length) return number;
  throw new InvalidArgumentError(`must be a whole number from 1 to ${STEPS.length}`);
};
/** Refused here, where the mistake was made: the gateway would refuse it half a minute later, in a log. */
const scrubName = (text: string, before: readonly string[]): readonly string[] => {
  const scrub = compileScrub([{ kind: 'identifier', text }]);
  if (scrub.allowed) return [...before, text];
  throw new InvalidArgumentError(
    `${scrub.refusal.code}: a name needs at least three characters, a number at least six, and neither more than 200`,
  );
};

/** The programs of the trial run elsewhere: what is named from here must be named in full. */
const readableFile = (text: string): string => {
  const file = resolve(text);
  try {
    accessSync(file, constants.R_OK);
    if (statSync(file).isFile()) return file;
  } catch {
    // Said below, with the path that was tried.
  }
  throw new InvalidArgumentError(`${file} is not a file that can be read`);
};
const folder = (text: string): string => resolve(text);

/** `interlock up`: the whole trial on this machine, and the story played through it. */
export function upCommand(program: Command): void {
  program
    .command('up')
    .description('start the trial (a broker and two companies, each with its own keys) and play the story through it')
    .option('--once', 'end after the story instead of staying up')
    .option('--json', 'one JSON object on the last line of standard output, progress on standard error')
    .option('--through <n>', `play steps 1 to n (1 to ${STEPS.length})`, stepNumber, STEPS.length)
    .option('--data <folder>', 'where the trial keeps its keys and data', folder, join(ROOT, '.interlock'))
    .option(
      '--telemetry <file>',
      'let the press play this recording (MTConnect SHDR lines) in place of the simulator',
      readableFile,
    )
    .option(
      '--scrub <name>',
      'a name that no telemetry value may carry out of the plant; may be given again',
      scrubName,
      [],
    )
    .action(async (options: UpOptions) => {
      const code = await up(options);
      // A reader of our last line must have it before we go.
      process.stdout.write('', () => process.exit(code));
    });
}

async function up(options: UpOptions): Promise<number> {
  const out = options.json ? process.stderr : process.stdout;
  const say = (line: string) => void out.write(`${line}\n`);
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve('interrupted'));
  });
  const starting = startTrial({
    dir: options.data,
    progress: (what) => say(`  starting ${what}`),
    telemetry: options.telemetry,
    scrub: options.scrub,
    natsServer: process.env.INTERLOCK_NATS_SERVER,
    onLoss: (name, words) => say(`! ${name} ended by itself: ${words}`),
  });
  try {
    const trial = await Promise.race([starting, interrupted]);
    return trial === 'interrupted' ? INTERRUPTED : await play(trial, options, interrupted, say);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    if (options.once && options.json) process.stdout.write(`${JSON.stringify({ ok: false, steps: [] })}\n`);
    return 1;
  } finally {
    // Also what was still starting when Ctrl-C came: nothing is left behind.
    await starting.then((trial) => trial.stop()).catch(() => undefined);
  }
}

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

async function play(
  trial: Trial,
  options: UpOptions,
  interrupted: Promise<'interrupted'>,
  say: (line: string) => void,
): Promise<number> {
  const report = await Promise.race([runStory(trial, options.through, storyteller(say)), interrupted]);
  if (report === 'interrupted') return INTERRUPTED;
  if (options.once) {
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return report.ok ? 0 : 1;
  }
  invite(trial, say);
  await interrupted;
  return 0;
}

/** Every line says how long the step has been running: nobody waits without knowing for what. */
function storyteller(say: (line: string) => void): Storyteller {
  let began = performance.now();
  const elapsed = () => ((performance.now() - began) / 1000).toFixed(1).padStart(5);
  return {
    step: (step, number, of) => {
      began = performance.now();
      say(`\n${number}/${of} ${step.id}: ${step.title}`);
    },
    doing: (what) => say(`${elapsed()} s  ${what}`),
    shown: (report, sentences) => {
      for (const sentence of sentences) say(`  + ${sentence}`);
      say(`  ok in ${report.ms} ms; proof: ${report.proof ?? ''}`);
    },
    failed: (report, why) => say(`  FAILED after ${report.ms} ms: ${why}`),
  };
}

function invite(trial: Trial, say: (line: string) => void): void {
  const { vendor, buyer, broker, state } = trial;
  say(`
The trial stays up until Ctrl-C. Try:
  npx interlock verify ${join(trial.proofs, '1-pin.json')} --roots ${rootsArgument(trial)}
  npx interlock audit who-touched press-7 --company ${buyer.dir}
  npx interlock audit left-region --help
  npx interlock login --agent ${buyer.agentOrigin} --open   (as security-officer; where passwords are stands below), then
  npx interlock inbox --agent ${buyer.agentOrigin}
Addresses: broker ${broker.origin} (its API: ${broker.origin}/reference), region eu-1 at 127.0.0.1:${state.port('region')}, door of plant-gateway at 127.0.0.1:${state.port('plantDoor')}
  ${vendor.company.name} (vendor): agent ${vendor.agentOrigin}, folder ${vendor.dir}
  ${buyer.company.name} (buyer): agent ${buyer.agentOrigin}, folder ${buyer.dir}
  people's passwords: identity-provider/accounts.json in each company's folder; their passphrases: ${join(trial.dir, 'trial.json')}`);
}
