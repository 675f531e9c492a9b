import {
  type Container,
  type Deployment,
  type Files,
  KUBERNETES,
  keysOfSite,
  kustomizationOf,
  type Labels,
  type Manifest,
  manifestsOf,
  ofKind,
  type Policy,
  SITE,
  selects,
} from './kubernetes-files.js';

/** What the manifests are compared with. */
export interface Known {
  readonly services: readonly string[];
  /** Variables that the process reads none of. Throws for those that it misses or does not take. */
  unknownSettings(app: string, env: Readonly<Record<string, string>>): string[];
  /** Variables that the same process is started with by compose. */
  variablesInCompose(app: string): string[];
}

/** Every way in which the manifests name what is not there, leave out what must be, or open what shall be closed. */
export function kubernetesFaults(files: Files, known: Known): string[] {
  const all = manifestsOf(files);
  const deployments = ofKind(all, 'Deployment');
  return [
    ...deployments.flatMap((one) => [
      ...processFaults(files, one, known),
      ...portFaults(files, one, known),
      ...placeFaults(files, one),
      ...doorsLeftOpen(one),
      ...growthFaults(all, one, known),
    ]),
    ...selectorFaults(all, deployments),
    ...siteFaults(files, all, deployments),
    ...secretsWrittenDown(files),
  ];
}

const appOf = (one: Deployment): string => one.metadata.name;
const environmentOf = (files: Files, one: Deployment): Record<string, string> =>
  Object.fromEntries(
    (one.spec.template.spec.containers[0]?.env ?? []).map(({ name, value }) => [
      name,
      value ?? filledIn(files, appOf(one), name),
    ]),
  );

/** What an operator would write, in the forms that the comments of the site's files show him. */
function filledIn(files: Files, app: string, name: string): string {
  const commented = (file: string, form: RegExp) => form.exec(files.get(`${SITE}/${file}`) ?? '')?.[1] ?? '';
  const values: Record<string, string> = {
    PUBLIC_ORIGIN: 'https://broker.example',
    LOG_ORIGIN: 'broker.example',
    EVIDENCE_REGION: 'eu-1:DE',
    NATS_SERVERS: '3',
    GRANTS_RELAYS: 'relay.example:7100',
    RELAY_REGION: 'eu-1',
    ROUTER_REGIONS: commented('site.env', /^# (\[\{.*\}\])$/m),
    DATABASE_URL: commented('service.env', /^# (postgres:\S+)$/m),
    NATS_URL: commented('service.env', /^# (tls:\S+)$/m),
  };
  return (values[name] ?? '').replace('SERVICE', app).replace('ROLE', `interlock_${app.replaceAll('-', '_')}`);
}

function processFaults(files: Files, one: Deployment, known: Known): string[] {
  const app = appOf(one);
  const [own] = one.spec.template.spec.containers;
  const env = environmentOf(files, one);
  const faults = known.variablesInCompose(app).flatMap((name) => (name in env ? [] : [`${app} lacks ${name}`]));
  if (own?.image !== `interlock/${app}`) faults.push(`${app} runs the image ${own?.image}`);
  const site = keysOfSite(files);
  for (const { name, valueFrom } of own?.env ?? []) {
    const from = valueFrom?.secretKeyRef ?? valueFrom?.configMapKeyRef;
    if (from && !site.get(from.name)?.includes(from.key)) faults.push(`${app}: nobody makes ${from.name}/${from.key}`);
    if (valueFrom?.secretKeyRef && from?.name !== `interlock-${app}`) faults.push(`${app} is given ${from?.name}`);
    if (valueFrom && from?.key !== name) faults.push(`${app} takes ${from?.key} for ${name}`);
  }
  try {
    faults.push(...known.unknownSettings(app, env).map((name) => `${app} reads no ${name}`));
  } catch (thrown) {
    faults.push(`${app}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  return faults;
}

function portFaults(files: Files, one: Deployment, known: Known): string[] {
  const app = appOf(one);
  const [own, tls] = one.spec.template.spec.containers;
  const env = environmentOf(files, one);
  const told = [env.PORT, env.RELAY_PORT, env.METRICS_PORT].filter((port) => port !== undefined);
  const shown = (own?.ports ?? []).map(({ containerPort }) => String(containerPort));
  const faults = told.toSorted().join() === shown.toSorted().join() ? [] : [`${app} listens on ${told}, not ${shown}`];
  for (const name of ['HOST', 'RELAY_HOST', 'METRICS_HOST'])
    if (name in env && env[name] !== '0.0.0.0') faults.push(`${app}: a node cannot ask ${env[name]} for its health`);
  const health = Number(known.services.includes(app) ? env.PORT : env.METRICS_PORT);
  const asked = [own?.startupProbe, own?.livenessProbe, own?.readinessProbe];
  for (const [at, path] of ['/live', '/live', '/ready'].entries()) {
    const probe = asked[at]?.httpGet;
    const port = own?.ports?.find(({ name }) => name === probe?.port)?.containerPort;
    if (probe?.path !== path || port !== health) faults.push(`${app} is asked for ${probe?.path} at ${probe?.port}`);
  }
  if (!tls) return faults;
  const conf = files.get(`${KUBERNETES}/tls.conf`) ?? '';
  const [, listens] = /listen (\d+) ssl;/.exec(conf) ?? [];
  const [, passes] = /proxy_pass 127\.0\.0\.1:(\d+);/.exec(conf) ?? [];
  if (listens !== String(tls.ports?.[0]?.containerPort)) faults.push(`${app}: TLS is not at ${listens}`);
  if (passes !== env.PORT) faults.push(`${app}: TLS leads to ${passes}`);
  return faults;
}

function placeFaults(files: Files, one: Deployment): string[] {
  const app = appOf(one);
  const { containers, volumes = [] } = one.spec.template.spec;
  const site = keysOfSite(files);
  const faults = volumes.flatMap(({ name, configMap, secret }) => {
    const source = configMap?.name ?? secret?.secretName ?? '';
    const missing = (configMap ?? secret)?.items?.filter(({ key }) => !site.get(source)?.includes(key)) ?? [];
    const mounted = containers.some(({ volumeMounts = [] }) => volumeMounts.some((mount) => mount.name === name));
    return [
      ...missing.map(({ key }) => `${app}: nobody makes ${source}/${key}`),
      ...(mounted ? [] : [`${app}: ${name} is nowhere mounted`]),
    ];
  });
  for (const [at, container] of containers.entries()) {
    const words = at === 0 ? Object.values(environmentOf(files, one)) : [files.get(`${KUBERNETES}/tls.conf`) ?? ''];
    const named = JSON.stringify([words, container.command]).matchAll(/\/(?:run|etc)\/interlock[\w./-]*/g);
    const { places, loose } = placesOf(container, volumes);
    faults.push(...loose.map((name) => `${app}: ${name}`));
    for (const [path] of named) if (!places.has(path)) faults.push(`${app}: nothing is at ${path}`);
    const { secret } = volumes.find(({ name }) => name === 'region') ?? {};
    if (at === 0 && secret && !places.has('/run/interlock/region/region.secret'))
      faults.push(`${app} is not given the secret of its region`);
  }
  return faults;
}

/** Files and folders that a container has from volumes, and what is wrong with its mounts. */
function placesOf(
  { volumeMounts = [] }: Container,
  volumes: NonNullable<Deployment['spec']['template']['spec']['volumes']>,
) {
  const places = new Set<string>();
  const loose: string[] = [];
  for (const { name, mountPath, readOnly } of volumeMounts) {
    const volume = volumes.find((one) => one.name === name);
    if (!volume) loose.push(`there is no volume ${name}`);
    if (volume && !volume.emptyDir && readOnly !== true) loose.push(`${name} can be written`);
    places.add(mountPath);
    for (const { path } of (volume?.configMap ?? volume?.secret)?.items ?? []) places.add(`${mountPath}/${path}`);
  }
  return { places, loose };
}

function doorsLeftOpen(one: Deployment): string[] {
  const app = appOf(one);
  const { containers, ...pod } = one.spec.template.spec;
  const { runAsNonRoot, runAsUser, seccompProfile } = pod.securityContext ?? {};
  const closed = (what: string, holds: boolean) => (holds ? [] : [`${app}: ${what}`]);
  return [
    ...closed('runs as root', runAsNonRoot === true && runAsUser === 1000),
    ...closed('has no seccomp profile', JSON.stringify(seccompProfile) === '{"type":"RuntimeDefault"}'),
    ...closed('holds a token of the cluster', pod.automountServiceAccountToken === false),
    // A Service called relay would set RELAY_PORT, and another word than the process reads there.
    ...closed('gets variables of other Services', pod.enableServiceLinks === false),
    ...containers.flatMap(({ name, resources, securityContext = {} }) => [
      ...closed(`${name} can write its image`, securityContext.readOnlyRootFilesystem === true),
      ...closed(`${name} can gain privileges`, securityContext.allowPrivilegeEscalation === false),
      ...closed(`${name} has capabilities`, JSON.stringify(securityContext.capabilities) === '{"drop":["ALL"]}'),
      ...closed(
        `${name} has no bounds`,
        !!resources?.requests?.cpu && !!resources.requests.memory && !!resources.limits?.memory,
      ),
    ]),
  ];
}

function growthFaults(all: readonly Manifest[], one: Deployment, known: Known): string[] {
  const app = appOf(one);
  const { replicas, strategy, template } = one.spec;
  const { labels } = template.metadata;
  const kept = ofKind(all, 'PodDisruptionBudget').some(({ spec }) => selects(spec.selector, labels));
  const how = JSON.stringify({ replicas, strategy, kept });
  const many = {
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    kept: true,
  };
  // Two ends meet in the memory of one relay.
  const single = { replicas: 1, strategy: { type: 'Recreate' }, kept: false };
  return how === JSON.stringify(known.services.includes(app) ? many : single) ? [] : [`${app} runs as ${how}`];
}

function selectorFaults(all: readonly Manifest[], deployments: readonly Deployment[]): string[] {
  const named = ({ matchLabels, matchExpressions = [] }: Labels): Labels[] => [
    ...(matchLabels ? [{ matchLabels }] : []),
    ...matchExpressions.flatMap((one) =>
      one.values.map((value) => ({ matchExpressions: [{ ...one, values: [value] }] })),
    ),
  ];
  const labelsOf = (one: Deployment) => one.spec.template.metadata.labels;
  const faults = deployments.flatMap((one) =>
    selects(one.spec.selector, labelsOf(one)) ? [] : [`${appOf(one)} does not select itself`],
  );
  for (const one of all) {
    const selector = selectorOf(one);
    if (selector && named(selector).some((part) => !deployments.some((pod) => selects(part, labelsOf(pod)))))
      faults.push(`${one.kind} ${one.metadata.name} selects a pod that is not there`);
    for (const pod of deployments.filter((pod) => selector && selects(selector, labelsOf(pod)))) {
      const ports = pod.spec.template.spec.containers.flatMap(({ ports: own = [] }) => own);
      const missing =
        one.kind === 'Service'
          ? one.spec.ports.filter(({ targetPort }) => !ports.some(({ name }) => name === targetPort))
          : one.kind === 'NetworkPolicy'
            ? portsOf(one, 'ingress').filter((port) => !ports.some(({ containerPort }) => containerPort === port))
            : [];
      if (missing.length > 0)
        faults.push(`${one.kind} ${one.metadata.name} leads to a port that ${appOf(pod)} has not`);
    }
  }
  return faults;
}

function selectorOf(one: Manifest): Labels | undefined {
  if (one.kind === 'Service') return { matchLabels: one.spec.selector };
  if (one.kind === 'PodDisruptionBudget') return one.spec.selector;
  return one.kind === 'NetworkPolicy' ? one.spec.podSelector : undefined;
}

const portsOf = ({ spec }: Policy, way: 'ingress' | 'egress'): number[] =>
  (spec[way] ?? []).flatMap(({ ports }) => ports.map(({ port }) => port));

/** Who may be reached where, and by whom: `app < who port` and `app > whom port`. */
export function connectionsOf(files: Files): string[] {
  const all = manifestsOf(files);
  const whom = (rule: { from?: readonly object[]; to?: readonly object[] }) =>
    /kube-dns|interlock-figures|192\.0\.2\.\d/.exec(JSON.stringify(rule.from ?? rule.to ?? ''))?.[0] ?? 'anybody';
  const open = ofKind(all, 'NetworkPolicy').flatMap(({ spec }) =>
    ofKind(all, 'Deployment')
      .filter((one) => selects(spec.podSelector, one.spec.template.metadata.labels))
      .flatMap((one) => [
        ...(spec.ingress ?? []).flatMap((rule) =>
          rule.ports.map(({ port }) => `${appOf(one)} < ${whom(rule)} ${port}`),
        ),
        ...(spec.egress ?? []).flatMap((rule) => rule.ports.map(({ port }) => `${appOf(one)} > ${whom(rule)} ${port}`)),
      ]),
  );
  return [...new Set(open)].toSorted();
}

function siteFaults(files: Files, all: readonly Manifest[], deployments: readonly Deployment[]): string[] {
  const text = JSON.stringify(all);
  const base = kustomizationOf(files, KUBERNETES);
  const site = kustomizationOf(files, SITE);
  const written = [...files.keys()].flatMap(
    (file) => /^docker\/kubernetes\/((?!kustomization)[\w-]+\.yaml)$/.exec(file)?.[1] ?? [],
  );
  const images = deployments.map((one) => `interlock/${appOf(one)}`);
  const same = (what: string, a: readonly string[], b: readonly string[]) =>
    a.toSorted().join() === b.toSorted().join() ? [] : [`${what}: ${a} is not ${b}`];
  const unused = [...keysOfSite(files)].flatMap(([name, keys]) =>
    keys
      .filter((key) => !text.includes(`"${name}"`) || !text.includes(`"key":"${key}"`))
      .map((key) => `nobody reads ${name}/${key}`),
  );
  const places = ofKind(all, 'NetworkPolicy').filter((one) => JSON.stringify(one).includes('ipBlock'));
  return [
    ...same('kustomization.yaml', base.resources, written),
    ...same(
      'images',
      (site.images ?? []).map(({ name }) => name),
      images,
    ),
    ...same(
      'addresses of the site',
      (site.patches ?? []).map(({ target }) => target.name),
      places.map(({ metadata }) => metadata.name),
    ),
    ...[...text.matchAll(/"cidr":"([^"]+)"/g)].flatMap(([, cidr = '']) =>
      /^192\.0\.2\.\d+\/32$/.test(cidr) ? [] : [`${cidr} is somebody’s`],
    ),
    ...unused,
  ];
}

/** A value that belongs to an operator, wherever it stands. */
function secretsWrittenDown(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    const values = file.endsWith('.env')
      ? /^\w+=.+$/m
      : /kind: Secret$|PRIVATE KEY|:\/\/[^\s"]*:[^\s"]*@|_URL, value:/m;
    return values.test(text) ? [`${file} holds a value of an operator`] : [];
  });
}
