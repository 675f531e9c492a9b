// Cerbos as a peer: the server of its npm package, installed once in the cache, with one policy that asks what our questions ask.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSION = '0.51.0';
const POLICY = {
  apiVersion: 'api.cerbos.dev/v1',
  resourcePolicy: {
    version: 'default',
    resource: 'resource',
    rules: [
      {
        ...{ actions: ['ssh'], effect: 'EFFECT_ALLOW', roles: ['person'] },
        condition: { match: { expr: 'P.id in R.attr.subjects && now() < timestamp(R.attr.until)' } },
      },
    ],
  },
};

function program(cache: string): string {
  const folder = join(cache, `cerbos-${VERSION}`);
  const found = join(folder, 'node_modules/@cerbos', `cerbos-${process.platform}-${process.arch}`);
  const file = join(found, `cerbos-${process.platform}-${process.arch}`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, `cerbos@${VERSION}`]);
  return file;
}

/** A running server, with its decision log in a file. */
export async function startCerbos(
  cache: string,
  [http, grpc]: readonly number[],
): Promise<{ url: string; stop(): void }> {
  const dir = mkdtempSync(join(tmpdir(), 'interlock-cerbos-'));
  mkdirSync(join(dir, 'policies'));
  writeFileSync(join(dir, 'policies/resource.json'), JSON.stringify(POLICY));
  const conf = {
    server: { httpListenAddr: `127.0.0.1:${http}`, grpcListenAddr: `127.0.0.1:${grpc}` },
    storage: { driver: 'disk', disk: { directory: join(dir, 'policies'), watchForChanges: false } },
    audit: {
      ...{ enabled: true, decisionLogsEnabled: true, accessLogsEnabled: false },
      ...{ backend: 'file', file: { path: join(dir, 'decisions.log') } },
    },
    telemetry: { disabled: true },
  };
  writeFileSync(join(dir, 'conf.json'), JSON.stringify(conf));
  const server = spawn(program(cache), ['server', `--config=${join(dir, 'conf.json')}`, '--log-level=error'], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${http}`;
  for (
    let ready = false;
    !ready;
    ready = await fetch(`${url}/_cerbos/health`).then(
      (one) => one.ok,
      () => false,
    )
  ) {
    if (server.exitCode !== null) throw new Error('cerbos ended at once');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = () => {
    server.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  return { url, stop };
}
