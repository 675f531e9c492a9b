import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SERVICES } from '@interlock/contracts';
import { describe, expect, it } from '@jest/globals';
import { regionConfig } from '../../apps/data-router/src/region-config.js';
import { COMPOSE, type ComposeService, composeFile, environmentOf, filledIn, references } from './compose-file.js';
import { connectionsOf, type Known, kubernetesFaults } from './kubernetes-faults.js';
import { kubernetesFiles, manifestsOf, ofKind } from './kubernetes-files.js';
import { PLANTED } from './planted-in-kubernetes.js';
import { type Environment, READERS, unknownSettings } from './process-settings.js';
import { ROOT, textOf } from './repository.js';

/** What a person starts for himself, and what only the trial has. */
const NOT_IN_CONTAINERS = ['cli', 'demo-peers'];

const { services, networks, secrets, volumes } = composeFile();
const dockerfile = textOf('docker/Dockerfile');
const named = Object.entries(services);
/** Processes that stay up; what only prepares reads no settings. */
const built = named.flatMap(([name, one]) =>
  one.build && one.environment ? [{ name, app: one.build.args.APP, one }] : [],
);
const of = (name: string): ComposeService => services[name] ?? {};

describe('the compose file and the code name the same things', () => {
  it('every app of the broker and of a company is there, with its own kind of image', () => {
    const programs = readdirSync(join(ROOT, 'apps')).filter((app) =>
      existsSync(join(ROOT, 'apps', app, 'src/main.ts')),
    );
    expect(Object.keys(READERS).toSorted()).toEqual(
      programs.filter((app) => !NOT_IN_CONTAINERS.includes(app)).toSorted(),
    );
    expect([...new Set(built.map(({ app }) => app))].toSorted()).toEqual(Object.keys(READERS).toSorted());
    for (const { app, one } of built) {
      expect(existsSync(join(ROOT, 'apps', app, 'src/main.ts'))).toBe(true);
      expect(one.build?.target).toBe(SERVICES.some((service) => service === app) ? 'service' : 'company');
      expect(dockerfile).toMatch(new RegExp(`^FROM \\w+ AS ${one.build?.target}$`, 'm'));
      expect(existsSync(join(ROOT, 'docker', one.build?.context ?? '', one.build?.dockerfile ?? ''))).toBe(true);
      expect(one.image).toBe(`interlock/${app}`);
    }
  });

  it('a variable that no process reads is found where it is planted', () => {
    expect(unknownSettings('relay', { RELAY_REGION: 'eu-1', RELAY_PROT: '1' })).toEqual(['RELAY_PROT']);
    expect(() => unknownSettings('relay', {})).toThrow('RELAY_REGION is missing');
  });

  it.each(built)('$name starts with variables that $app reads and takes', ({ app, one }) => {
    expect(unknownSettings(app, environmentOf(one))).toEqual([]);
  });

  it.each(
    built.flatMap(({ name, app, one }) =>
      plainLinks(environmentOf(one)).map(([setting, value]) => ({ name, app, one, setting, value })),
    ),
  )('$name starts with no address of another machine in plain text: $setting', ({ app, one, setting, value }) => {
    const env = { ...environmentOf(one), [setting]: value };
    expect(() => READERS[app]?.(env)).toThrow(`${setting} is not acceptable`);
  });

  it('each process that stays up is asked for its health at a port it has', () => {
    for (const { name, app, one } of built) {
      const [, port, path] = /127\.0\.0\.1:(\d+)\/(\w+)/.exec(JSON.stringify(one.healthcheck?.test)) ?? [];
      const { METRICS_PORT: own, PORT: service } = environmentOf(one);
      const isService = SERVICES.some((known) => known === app);
      expect([name, port, path]).toEqual([name, isService ? service : own, isService ? 'ready' : 'live']);
    }
  });

  it('the scanner and its engine meet in one folder, by names that both were told', () => {
    const { SCANNER_CLAMD = '', SCANNER_SOCKET = '', SCANNER_DATABASE = '' } = environmentOf(of('scanner'));
    const told = textOf('docker/clamav/clamd.conf');
    expect(told).toContain(`LocalSocket ${SCANNER_CLAMD}\n`);
    expect(told).toContain(`DatabaseDirectory ${SCANNER_DATABASE}\n`);
    expect(told).not.toMatch(/^TCPSocket/m);
    const mounted = (name: string) => (of(name).volumes ?? []).map((one) => mountOf(one)[1]);
    for (const name of ['scanner', 'clamd'])
      expect(mounted(name)).toEqual(expect.arrayContaining([dirname(SCANNER_SOCKET), SCANNER_DATABASE]));
  });

  it('a published port is the one the process listens on', () => {
    const listening = ({ environment = {} }: ComposeService): unknown =>
      environment.RELAY_PORT ?? environment.AGENT_PORT ?? environment.PORT;
    for (const [name, one] of named.filter(([, { ports }]) => ports)) {
      const inside = (one.ports ?? []).map((port) => Number(port.split(':').at(-1)));
      expect(inside).toEqual([name === 'region-bus' ? 4333 : listening(one)]);
    }
  });

  it('addresses are those of processes, users those of the bus and of the roles', () => {
    for (const service of SERVICES) {
      const env = environmentOf(of(service));
      const [bus, database] = [new URL(env.NATS_URL ?? ''), new URL(env.DATABASE_URL ?? '')];
      expect([bus.username, bus.host]).toEqual([service, 'bus:4222']);
      expect([database.username, database.host]).toEqual([
        `interlock_${service.replaceAll('-', '_')}`,
        'database:5432',
      ]);
      expect(textOf('docker/postgres/roles.sql')).toContain(`'${database.username}'`);
      expect(textOf('docker/nats/bus.conf')).toContain(`user: "${service}"`);
    }
    expect(services).toHaveProperty('bus');
    expect(services).toHaveProperty('database');
  });

  it('the roles get each password that roles.sql asks for, and the bus each that its configuration asks for', () => {
    const asked = [...textOf('docker/postgres/roles.sql').matchAll(/:'(interlock_\w+_password)'/g)].map(
      ([, one]) => one,
    );
    const given = (of('roles').command ?? []).flatMap((word) => {
      const [, variable = '', from = ''] = /^--command=\\getenv (\w+) (\w+)$/.exec(word) ?? [];
      return variable !== '' && of('roles').environment?.[from] !== undefined ? [variable] : [];
    });
    expect(given.toSorted()).toEqual(asked.toSorted());
    const busAsks = [...textOf('docker/nats/bus.conf').matchAll(/password: \$(\w+)/g)].map(([, name]) => name);
    expect(Object.keys(of('bus').environment ?? {}).toSorted()).toEqual(busAsks.toSorted());
  });
});

describe('places', () => {
  it('an image of ours is built by every process that uses it', () => {
    const ours = named.filter(([, { image = '' }]) => image.startsWith('interlock/'));
    expect(ours.filter(([, { image, build }]) => image !== `interlock/${build?.args.APP}`)).toEqual([]);
  });

  it('what is mounted exists: files of the repository, declared volumes, folders that the image gives an owner', () => {
    for (const [source = '', target = ''] of named.flatMap(([, one]) => (one.volumes ?? []).map(mountOf))) {
      if (source.startsWith('./')) expect(existsSync(join(ROOT, 'docker', source))).toBe(true);
      else if (!source.startsWith('filled-in')) expect(Object.keys(volumes)).toContain(source);
      if (target.startsWith('/var/lib/interlock/')) expect(dockerfile).toContain(` ${target}`);
    }
  });

  it('a process is given the secrets it reads, and no other', () => {
    const reads = ({ environment, command }: ComposeService) => {
      const names = [...JSON.stringify([environment, command]).matchAll(/\/run\/secrets\/(\w+)/g)].map(
        ([, name]) => name,
      );
      return [...new Set(names)].toSorted();
    };
    // Who makes a server's configuration only writes names down; the server opens them.
    const own = named.filter(([name]) => !name.startsWith('region-'));
    for (const [name, one] of own) {
      const written = name === 'bus' ? { ...one, command: [textOf('docker/nats/bus.conf')] } : one;
      expect((one.secrets ?? []).toSorted()).toEqual(reads(written));
    }
    expect(of('region-config').secrets).toBeUndefined();
    expect(of('region-bus').secrets?.toSorted()).toEqual(reads(of('region-config')));
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining(named.flatMap(([, one]) => one.secrets ?? [])));
  });

  it('the region is set up with words that region-config takes, where the router and the server look for it', () => {
    const [, , script = ''] = of('region-config').command ?? [];
    const [, words = ''] = /main\.js region-config ([^>]*)>/.exec(script.replaceAll('\\\n', ' ')) ?? [];
    const given = words.trim().split(/\s+/);
    const option = (name: string) => given[given.indexOf(name) + 1];
    const [region] = JSON.parse(environmentOf(of('data-router')).ROUTER_REGIONS ?? '[]') as Record<string, unknown>[];
    expect(region).toEqual({
      region: option('--region'),
      host: 'region-bus',
      port: Number(option('--port')),
      keys: option('--dir'),
      certificate: option('--tls-cert'),
    });
    expect(script).toContain(of('region-bus').command?.at(-1));
    const scratch = mkdtempSync(join(tmpdir(), 'interlock-'));
    try {
      const here = given.map((word) => word.replace('/var/lib/interlock', scratch));
      expect(regionConfig(here, 1_780_000_000_000)).toContain('listen: "0.0.0.0:4333"');
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});

describe('who can reach what, and what is not in the file', () => {
  it('nothing of a company is on the network of the database and the internal bus, which has no way out', () => {
    expect(networks.broker).toEqual({ internal: true });
    for (const name of ['database', 'bus']) expect(of(name).networks).toEqual(['broker']);
    for (const { app, one } of built.filter(({ one }) => one.build?.target === 'company'))
      expect([app, one.networks, one.network_mode]).toEqual(
        app === 'scanner' ? [app, undefined, 'none'] : [app, ['edge'], undefined],
      );
    expect(of('region-bus').networks).toEqual(['edge']);
  });

  it('every value an operator must give is refused by name where it is missing, and is asked for in the example', () => {
    const text = textOf(COMPOSE).replace(/^\s*#.*$/gm, '');
    const all = references(text);
    expect(all.filter(({ guard }) => guard === undefined)).toEqual([]);
    const demanded = [...new Set(all.filter(({ guard }) => guard === ':?').map(({ name }) => name))];
    const explained = new Set(all.filter(({ words }) => words !== '').map(({ name }) => name));
    expect(demanded.filter((name) => !explained.has(name))).toEqual([]);
    const example = textOf('docker/env.example')
      .split('\n')
      .filter((line) => /^\w/.test(line));
    expect(example.toSorted()).toEqual(demanded.map((name) => `${name}=`).toSorted());
  });

  it('no password stands in the file', () => {
    for (const [, { environment = {} }] of named) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD/.test(name)) expect(String(value)).toMatch(/^\$\{\w+:\?[^}]*\}$/);
        if (/_URL$/.test(name)) expect(String(value)).toMatch(/^\w+:\/\/[\w-]+:\$\{\w+:\?\}@/);
      }
    }
  });
});

describe('the manifests for Kubernetes', () => {
  const files = kubernetesFiles();
  const known: Known = {
    services: SERVICES,
    unknownSettings,
    variablesInCompose: (app) => Object.keys(built.find((one) => one.app === app)?.one.environment ?? {}),
  };

  it('name apps, variables, ports, health, keys, places and pods that are there, and leave none out', () => {
    expect(kubernetesFaults(files, known)).toEqual([]);
    const names = ofKind(manifestsOf(files), 'Deployment').map(({ metadata }) => metadata.name);
    expect(names.toSorted()).toEqual([...SERVICES, 'relay'].toSorted());
  });

  it('ask for health by the words that processes answer to, and give the router its secret by its name', () => {
    const service = textOf('libs/chassis/src/service/health.controller.ts');
    for (const path of ['live', 'ready']) {
      expect(service).toContain(`@Get('${path}')`);
      expect(textOf('libs/company-side/src/operator/operator-port.ts')).toContain(`'GET /${path}'`);
    }
    expect(textOf('libs/bus/src/region-setup.ts')).toContain("'region.secret'");
  });

  it('open these connections and no other', () => {
    const all = [...SERVICES, 'relay'].map((app) => `${app} < interlock-figures 7001`);
    const inside = SERVICES.flatMap((app) => [
      `${app} > kube-dns 53`,
      `${app} > 192.0.2.1 5432`,
      `${app} > 192.0.2.2 4222`,
    ]);
    const own = ['data-router > 192.0.2.3 4333', 'federation-api < anybody 7443', 'relay < anybody 7100'];
    expect(connectionsOf(files)).toEqual([...all, ...inside, ...own].toSorted());
    const [first] = ofKind(manifestsOf(files), 'NetworkPolicy');
    expect(first?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it.each(PLANTED)('%s is found where it is planted', (_what, file, from, to, said) => {
    const path = `docker/kubernetes/${file}`;
    const text = files.get(path) ?? '';
    expect(text).toContain(from);
    const planted = new Map([...files, [path, text.replace(from, to)]]);
    expect(kubernetesFaults(planted, known).join('\n')).toContain(said);
  });
});

/** Each address of a process as it would be without TLS. */
function plainLinks(env: Environment): [string, string][] {
  const plain = (value: string) =>
    value
      .replace(/^tls:/, 'nats:')
      .replace(/^https:/, 'http:')
      .replace('?sslmode=verify-full', '')
      .replace(/&.*$/, '');
  return Object.entries(env).flatMap(([name, value]) =>
    /_(URL|ORIGIN)$/.test(name) && value.includes('://') ? [[name, plain(value)]] : [],
  );
}

function mountOf(volume: string): [string, string] {
  const [source = '', target = ''] = filledIn(volume).split(':');
  return [source, target];
}
