import { answer, defineService, Health } from '@interlock/chassis';
import { AskBusUser } from '@interlock/contracts';
import { Module } from '@nestjs/common';
import { issueBusUser } from './commands/issue-bus-user.command.js';
import { news } from './consumers/news.js';
import { keepRouting } from './keep-routing.js';
import { Regions } from './regions/regions.js';
import { type RouterSettings, routerSettings } from './settings.js';
import { MIGRATIONS } from './store/migrations/0001-routes.js';
import type { Verbs } from './verbs.js';

@Module({ providers: [Regions] })
export class DataRouterModule {}

type Wired = Omit<Verbs, 'regions' | 'flowBytes' | 'userSeconds' | 'checkEveryMs'> & {
  readonly settings: RouterSettings;
  get(token: typeof Regions): Regions;
};

const verbsOf = (wiring: Wired): Verbs => ({
  transactor: wiring.transactor,
  clock: wiring.clock,
  ids: wiring.ids,
  requests: wiring.requests,
  log: wiring.log,
  regions: wiring.get(Regions),
  flowBytes: wiring.settings.ROUTER_FLOW_BYTES,
  userSeconds: wiring.settings.ROUTER_USER_SECONDS,
  checkEveryMs: wiring.settings.ROUTER_CHECK_EVERY_MS,
});

/** Owns routes: which flows are in force, what the bus of each region carries, and who may use it. */
export const dataRouter = defineService({
  name: 'data-router',
  module: DataRouterModule,
  settings: routerSettings,
  migrations: MIGRATIONS,
  consumers: (wiring) => news(verbsOf(wiring)),
  requests: (wiring) => {
    const verbs = verbsOf(wiring);
    const access = { actor: 'service', services: ['federation-api'] } as const;
    return [answer({ request: AskBusUser, access, handle: (asked) => issueBusUser(verbs, asked) })];
  },
  workers: (wiring) => keepRouting(verbsOf(wiring), wiring.get(Health)),
});
