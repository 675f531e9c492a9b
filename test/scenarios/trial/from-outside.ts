import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepContext } from '../../../apps/cli/src/story/step.js';
import { BUYER, type DemoCompany, VENDOR } from '../../../apps/cli/src/up/demo-companies.js';
import type { CompanyPlace } from '../../../apps/cli/src/up/start-companies.js';
import type { Trial } from '../../../apps/cli/src/up/trial.js';

interface TrialFile {
  readonly ports: Readonly<Record<string, number>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** A trial that another process started: steps of the story can be played on it from here, against the same processes. */
export interface Outside {
  readonly port: (name: string) => number;
  readonly vendor: CompanyPlace;
  readonly buyer: CompanyPlace;
  /** The agreement in force is remembered; whatever starts or stops processes is not this side's to do. */
  readonly context: StepContext;
}

export function fromOutside(dataFolder: string): Outside {
  const { ports, secrets } = JSON.parse(readFileSync(join(dataFolder, 'trial.json'), 'utf8')) as TrialFile;
  const known = <T>(value: T | undefined, name: string): T => {
    if (value === undefined) throw new Error(`trial.json does not hold ${name}`);
    return value;
  };
  const port = (name: string) => known(ports[name], name);
  const secret = (name: string) => known(secrets[name], name);
  const placeOf = (company: DemoCompany, word: string): CompanyPlace => ({
    company,
    dir: join(dataFolder, 'companies', word),
    agentOrigin: `http://localhost:${port(`${word}Agent`)}`,
    issuer: `http://127.0.0.1:${port(`${word}Oidc`)}`,
    password: (person) => secret(`${word}.${person}.password`),
    passphrase: (person) => secret(`${word}.${person}.passphrase`),
  });
  const [vendor, buyer] = [placeOf(VENDOR, 'vendor'), placeOf(BUYER, 'buyer')];
  const reached = {
    dir: dataFolder,
    proofs: join(dataFolder, 'proofs'),
    state: { port, secret },
    broker: { origin: `http://127.0.0.1:${port('api')}` },
    vendor,
    buyer,
  };
  const { agreement } = JSON.parse(readFileSync(join(dataFolder, 'proofs', '2-agree.json'), 'utf8'));
  const trial = reached as unknown as Trial;
  return { port, vendor, buyer, context: { trial, memory: { agreement }, say: () => undefined } };
}
