import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { regionTerm } from '@interlock/domain';
import { type Bundle, bundleBytes, emptyBundle, openRecord, sentence } from '@interlock/proof';
import { BUYER, PRESS, VENDOR } from '../up/demo-companies.js';
import { program } from '../up/programs.js';
import type { CompanyPlace } from '../up/start-companies.js';
import type { Trial } from '../up/trial.js';
import { provenBy, published, question } from './evidence.js';
import { rootsArgument } from './pins.js';
import { agreementOf, remoteGrantOf } from './remembered.js';
import { must, type Step, StepFailed } from './step.js';

/** Both companies ask the same log, and each verifies the answer in a process that knows nothing but the two roots. */
export const prove: Step = {
  id: 'prove',
  title: 'both companies hold the same proof',
  async run({ trial, memory, say }) {
    const agreement = agreementOf(memory);
    say('both companies ask for everything, and verify it by themselves');
    const whole = await provenBy(
      trial,
      trial.vendor,
      { agreement, grant: remoteGrantOf(memory) },
      {},
      (records) => records.length > 10,
    );
    const other = await question(trial.buyer, agreement, {});
    const [mine, theirs] = [whole, other].map(({ evidence }) => evidence.map(({ record }) => record.id));
    const shared = mine?.filter((one) => theirs?.includes(one)) ?? [];
    if (shared.length !== mine?.length) throw new StepFailed('the two companies were told different histories');
    say('a fresh process verifies it with the two roots alone, and refuses one altered byte');
    const file = join(trial.proofs, '7-whole-log.json');
    writeFileSync(file, bundleBytes(whole), { mode: 0o600 });
    await verifiesFresh(trial, file);
    const touched = await whoTouched(trial, trial.buyer, agreement);
    const left = leftTheUnion(whole);
    return {
      shown: [
        `${VENDOR.organisation} and ${BUYER.organisation} were told the same ${shared.length} records, each cosigned by both witnesses`,
        'a fresh process without network verified them against the two roots, and refused the file with one byte altered',
        `who touched ${PRESS}: ${touched.join(' | ')}`,
        `did anything leave the EU: ${left}`,
      ],
      bundle: whole,
    };
  },
};

/** `interlock verify` as an auditor runs it: another process, no environment, no network, no file of the broker. */
async function verifiesFresh(trial: Trial, file: string): Promise<void> {
  const altered = `${file}.altered`;
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = bytes[at] === 0x61 ? 0x62 : 0x61;
  writeFileSync(altered, bytes, { mode: 0o600 });
  const [good, bad] = await Promise.all([file, altered].map((one) => verify(one, rootsArgument(trial))));
  rmSync(altered, { force: true });
  if (good !== 0) throw new StepFailed('the proof does not verify in a fresh process');
  if (bad === 0) throw new StepFailed('a proof with an altered byte verified');
}

const verify = (file: string, roots: string): Promise<number | null> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program('cli'), 'verify', file, '--roots', roots, '--json'], {
      cwd: '/',
      env: {},
      stdio: 'ignore',
    });
    child.once('exit', resolve);
  });

async function whoTouched(
  trial: Trial,
  place: CompanyPlace,
  agreement: NonNullable<Bundle['agreement']>,
): Promise<readonly string[]> {
  const { evidence } = await question(place, agreement, { resource: PRESS, kind: 'session.opened' });
  const seen = { ...emptyBundle, ...published(trial), agreement, evidence };
  return seen.evidence.map(({ record, opened }) => {
    const said = must('what a record withholds', openRecord(record, opened));
    return `${sentence(said)}, clause ${said.clause}`;
  });
}

/** Every delivery names the region it went to; the agreement says in which jurisdiction each region lies. */
function leftTheUnion({ agreement, evidence }: Bundle): string {
  const union = new Set([
    'AT',
    'BE',
    'BG',
    'CY',
    'CZ',
    'DE',
    'DK',
    'EE',
    'ES',
    'FI',
    'FR',
    'GR',
    'HR',
    'HU',
    'IE',
    'IT',
    'LT',
    'LU',
    'LV',
    'MT',
    'NL',
    'PL',
    'PT',
    'RO',
    'SE',
    'SI',
    'SK',
  ]);
  const deliveries = evidence.filter(({ record }) => record.kind === 'flow.delivered');
  const outside = deliveries.filter(({ record }) => {
    const region = agreement && record.region ? regionTerm(agreement.document, record.region) : undefined;
    return !region || !union.has(region.jurisdiction);
  });
  return outside.length === 0
    ? `no, all ${deliveries.length} deliveries stayed in it`
    : `yes, ${outside.length} of ${deliveries.length} deliveries`;
}
