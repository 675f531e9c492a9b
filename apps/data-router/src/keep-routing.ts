import type { Health, Worker } from '@interlock/chassis';
import { carryRegion } from './commands/carry-region.command.js';
import { cutUsers } from './commands/cut-users.command.js';
import { type Resting, refreshAgreements } from './commands/refresh-agreements.command.js';
import { Lane } from './regions/lane.js';
import type { OperatedRegion } from './regions/regions.js';
import type { Verbs } from './verbs.js';

/** How often is looked for what was announced to another replica, or left over by one that died. Milliseconds. */
const LOOK_EVERY = 250;

/**
 * What keeps the buses equal to the routes: cuts at once after the commit that orders them, every region right after, and all of it again
 * by the clock. Cuts have a lane of their own, so that none waits for a document or for a slow region.
 */
export function keepRouting(verbs: Verbs, health: Health): readonly Worker[] {
  const carry = new Map([...verbs.regions.all.values()].map((region) => [region.name, carrier(verbs, region)]));
  const carryAll = async (): Promise<void> => {
    const done = await Promise.allSettled([...carry.values()].map((lane) => lane.run()));
    const failed = done.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const cut = new Lane(() => cutUsers(verbs));
  let moreToRead = false;
  const resting: Resting = new Map();
  const refresh = new Lane(async () => {
    moreToRead = await refreshAgreements(verbs, resting);
  });
  const later = (what: string, work: Promise<void>): void => {
    work.catch((thrown) => verbs.log.warn({ event: 'routing.waits', context: what, err: thrown }, 'done again soon'));
  };
  // Every change of a route is announced, so this is called after each commit of one.
  verbs.transactor.onAnnounced(() => {
    later('cut', cut.run());
    later('carry', carryAll());
  });
  verbs.regions.start((region) => {
    later('cut', cut.run());
    later('carry', carry.get(region.name)?.run() ?? Promise.resolve());
  });
  for (const region of verbs.regions.all.values()) {
    health.add(`region ${region.name}`, () => (region.link.current ? undefined : 'cannot be reached'));
  }
  return [
    { name: 'cut', everyMs: LOOK_EVERY, work: () => cut.run().then(() => false) },
    { name: 'refresh', everyMs: LOOK_EVERY, work: () => refresh.run().then(() => moreToRead) },
    { name: 'carry', everyMs: verbs.checkEveryMs, work: () => carryAll().then(() => false) },
  ];
}

function carrier(verbs: Verbs, region: OperatedRegion): Lane {
  const last = { text: undefined };
  return new Lane(() => carryRegion(verbs, region, last));
}
