import { createRequire } from 'node:module';
import { textOf } from './repository.js';

export const COMPOSE = 'docker/compose.yaml';

/** As much of one process of the compose file as is compared with the code. */
export interface ComposeService {
  readonly image?: string;
  readonly build?: { context: string; dockerfile: string; target: string; args: { APP: string } };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly secrets?: readonly string[];
}
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { internal?: boolean }>>;
  readonly secrets: Readonly<Record<string, { file: string }>>;
  readonly volumes: Readonly<Record<string, object>>;
}

const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

export const composeFile = (): ComposeFile => load(textOf(COMPOSE)) as ComposeFile;

/** What an operator would fill in; none of it is real. */
const FILLED_IN: Readonly<Record<string, string>> = {
  LOG_ORIGIN: 'broker.example',
  EVIDENCE_REGION: 'eu-1:DE',
  RELAY_ADDRESS: 'relay.example:7100',
  BROKER_ORIGIN: 'https://broker.example',
  VENDOR_AGENT_ORIGIN: 'https://agent.vendor.example',
  BUYER_AGENT_ORIGIN: 'https://agent.buyer.example',
};

const REFERENCE = /\$\{(\w+)(?:(:\?|:-)([^}]*))?\}/g;

/** Every `${NAME...}` of a text: its name, and what is to happen where it is missing. */
export const references = (text: string) =>
  [...text.matchAll(REFERENCE)].map(({ 1: name = '', 2: guard, 3: words = '' }) => ({ name, guard, words }));

/** The text as the process gets it, with an operator's file filled in. */
export const filledIn = (text: string): string =>
  text.replace(REFERENCE, (_, name: string, guard?: string, words?: string) =>
    guard === ':-' ? (words ?? '') : (FILLED_IN[name] ?? `filled-in-for-${name.toLowerCase()}`),
  );

/** The variables a process of the compose file is started with. */
export const environmentOf = ({ environment = {} }: ComposeService): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filledIn(String(value))]));
