import { createRequire } from 'node:module';
import { textOf, trackedFiles } from './repository.js';

export const KUBERNETES = 'docker/kubernetes';
export const SITE = `${KUBERNETES}/site.example`;

/** Texts of the manifests by path; a test may plant a fault in one of them. */
export type Files = ReadonlyMap<string, string>;

export interface Labels {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { key: string; operator: string; values: readonly string[] }[];
}
interface Reference {
  readonly name: string;
  readonly key: string;
}
export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string; readonly scheme?: string };
}
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly {
    name: string;
    value?: string;
    valueFrom?: { configMapKeyRef?: Reference; secretKeyRef?: Reference };
  }[];
  readonly ports?: readonly { name: string; containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { name: string; mountPath: string; readOnly?: boolean }[];
}
interface Items {
  readonly items?: readonly { key: string; path: string }[];
}
export interface Volume {
  readonly name: string;
  readonly configMap?: Items & { name: string };
  readonly secret?: Items & { secretName: string };
  readonly emptyDir?: object;
}
export interface Pod {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}
export interface Deployment {
  readonly kind: 'Deployment';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas: number;
    readonly selector: Labels;
    readonly strategy: { type: string; rollingUpdate?: object };
    readonly template: { metadata: { labels: Readonly<Record<string, string>> }; spec: Pod };
  };
}
interface Peer {
  readonly ipBlock?: { cidr: string };
  readonly namespaceSelector?: Labels;
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { protocol: string; port: number }[];
}
export interface Policy {
  readonly kind: 'NetworkPolicy';
  readonly metadata: { readonly name: string };
  readonly spec: {
    podSelector: Labels;
    policyTypes: readonly string[];
    ingress?: readonly Rule[];
    egress?: readonly Rule[];
  };
}
export interface Service {
  readonly kind: 'Service';
  readonly metadata: { readonly name: string };
  readonly spec: { selector: Readonly<Record<string, string>>; ports: readonly { port: number; targetPort: string }[] };
}
export interface Budget {
  readonly kind: 'PodDisruptionBudget';
  readonly metadata: { readonly name: string };
  readonly spec: { maxUnavailable: number; selector: Labels };
}
export type Manifest =
  | Deployment
  | Policy
  | Service
  | Budget
  | { readonly kind: 'Namespace'; readonly metadata: { readonly name: string } };
type Generated = Readonly<{ name: string; envs?: readonly string[]; files?: readonly string[] }>;
export interface Kustomization {
  readonly resources: readonly string[];
  readonly images?: readonly { name: string }[];
  readonly configMapGenerator?: readonly Generated[];
  readonly secretGenerator?: readonly Generated[];
  readonly patches?: readonly { target: { kind: string; name: string } }[];
}

const { load, loadAll } = createRequire(import.meta.url)('js-yaml') as {
  load: (text: string) => unknown;
  loadAll: (text: string) => unknown[];
};

export const kubernetesFiles = (): Files =>
  new Map(trackedFiles(/^docker\/kubernetes\//).map((file) => [file, textOf(file)]));

export const kustomizationOf = (files: Files, folder: string): Kustomization =>
  load(files.get(`${folder}/kustomization.yaml`) ?? '') as Kustomization;

/** Every object that kubectl would be given. */
export const manifestsOf = (files: Files): Manifest[] =>
  [...files].flatMap(([file, text]) =>
    /^docker\/kubernetes\/(?!kustomization)[\w-]+\.yaml$/.test(file) ? (loadAll(text) as Manifest[]) : [],
  );

export const ofKind = <K extends Manifest['kind']>(all: readonly Manifest[], kind: K) =>
  all.filter((one): one is Extract<Manifest, { kind: K }> => one.kind === kind);

/** Names that a file of `NAME=` lines asks the operator for. */
export const namesIn = (files: Files, file: string): string[] =>
  [...(files.get(`${SITE}/${file}`) ?? '').matchAll(/^(\w+)=/gm)].map(([, name = '']) => name);

/** The keys of each ConfigMap and Secret that the site makes, by its name. */
export function keysOfSite(files: Files): ReadonlyMap<string, readonly string[]> {
  const own = kustomizationOf(files, KUBERNETES).configMapGenerator ?? [];
  const { configMapGenerator = [], secretGenerator = [] } = kustomizationOf(files, SITE);
  const keys = ({ envs = [], files: given = [] }: Generated) => [
    ...envs.flatMap((file) => namesIn(files, file === 'site.env' ? file : 'service.env')),
    ...given,
  ];
  return new Map([...own, ...configMapGenerator, ...secretGenerator].map((one) => [one.name, keys(one)]));
}

export const selects = (
  { matchLabels = {}, matchExpressions = [] }: Labels,
  labels: Readonly<Record<string, string>>,
): boolean =>
  Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
  matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''));
