import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  AGENT_KEYS,
  brokerClient,
  type CompanyView,
  embargoReader,
  fetchFile,
  type Log,
  layout,
  lockFolder,
  newId,
  newNonce,
  openOperatorPort,
  readCompany,
  readKeyFile,
  readSigner,
} from '@interlock/company-side';
import { openAccountBook } from './accounts/account-book.js';
import { pollEvents } from './accounts/poll-events.js';
import { eventTaker } from './accounts/take-event.js';
import { type HandOver, handOver } from './acts/hand-over.js';
import { type Agent, makeTurns } from './agent.js';
import { makeBeat } from './beat/make-beat.js';
import { statusLists } from './beat/status-list.js';
import { brokerApi } from './broker/broker-api.js';
import { keepInTouch, type Touch } from './broker/keep-in-touch.js';
import { makeServer } from './http/serve.js';
import { openIssuedLogins } from './login/issued-logins.js';
import { openRoleBook } from './login/role-book.js';
import { type NewsTeller, tellNews } from './news/tell-news.js';
import { webhookOf } from './news/webhook-of.js';
import { openOwnStore } from './own/own-store.js';
import { openRefusedHere } from './own/refused-here.js';
import { openPartnerBook } from './partners/partner-book.js';
import type { AgentSettings } from './settings.js';
import { type Streams, tellStreams } from './streams/tell-streams.js';

export interface RunningAgent {
  readonly port: number;
  readonly organisation: string;
  /** Where its operator asks how it is. */
  readonly operatorPort: number | undefined;
  close(): Promise<void>;
}

/** Starts one company's agent. Refuses a folder that another process writes in: there is one writer per organisation. */
export async function startAgent(
  settings: AgentSettings,
  log: Log,
  now: () => number = Date.now,
): Promise<RunningAgent> {
  const company = companyAt(settings);
  const lock = lockFolder(layout(settings.AGENT_FOLDER).state);
  try {
    const agent = await makeAgent(settings, company, log, now);
    const [over, beats] = [handOver(agent), makeBeat(agent)];
    const [news, streams] = await startTelling(agent, settings);
    const touch = keepInTouch(agent, { origin: settings.BROKER_ORIGIN, makeBeat: beats, over, look: news.look });
    const take = eventTaker(agent, over);
    const polling = pollEvents(agent, take);
    const away = () => [touch, polling, news, streams].forEach((one) => void one.close());
    const app = await makeServer(agent, { streams, over, makeBeat: beats, soon: touch.soon, take });
    await app.listen({ host: settings.AGENT_HOST, port: settings.AGENT_PORT }).catch((error: unknown) => {
      away();
      throw error;
    });
    const operator = await tellOperator(settings, touch, over);
    return {
      port: (app.server.address() as AddressInfo).port,
      operatorPort: operator?.port,
      organisation: agent.organisation,
      close: async () => {
        away();
        await operator?.close();
        app.server.closeAllConnections();
        await app.close();
        await agent.refused.close();
        await agent.store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function companyAt({ AGENT_FOLDER, AGENT_ORIGIN }: AgentSettings): CompanyView {
  const company = readCompany(AGENT_FOLDER);
  const { agentOrigin } = company.settings;
  if (agentOrigin === AGENT_ORIGIN) return company;
  throw new Error(`AGENT_ORIGIN is not the one of the entity document (${agentOrigin})`);
}

const tellOperator = (settings: AgentSettings, touch: Touch, over: HandOver) =>
  openOperatorPort({
    process: 'company-agent',
    at: settings,
    troubles: (): Record<string, string> => (touch.up() ? {} : { broker: 'the channel is down' }),
    figures: { brokerUp: () => Number(touch.up()), actsWaiting: over.waiting },
  });

/** Tells the company's own program, and whoever else the company chose, what became of what: at every act and every word of the provider. */
async function startTelling(agent: Agent, settings: AgentSettings): Promise<readonly [NewsTeller, Streams]> {
  const [news, streams] = [await startNews(agent, settings), await tellStreams(agent)];
  agent.store.onAct(() => {
    news.look();
    streams.look();
  });
  agent.accounts.onEvent(streams.look);
  return [news, streams];
}

/** The company's own program hears of what comes, if the settings name one. */
async function startNews(agent: Agent, settings: AgentSettings): Promise<NewsTeller> {
  const webhook = webhookOf(settings);
  const news = webhook && (await tellNews(agent, webhook));
  const look = () => news?.look();
  return { look, close: async () => news?.close() };
}

async function makeAgent(settings: AgentSettings, company: CompanyView, log: Log, now: () => number): Promise<Agent> {
  const dir = settings.AGENT_FOLDER;
  const { organisation } = company.settings;
  const { keys, state } = layout(dir);
  const [agentKey, beat] = AGENT_KEYS.map((name) => readSigner(keys, name, organisation));
  if (!agentKey || !beat) throw new Error(`${keys} is not whole`);
  const view = reread(dir, company, now);
  const store = await openOwnStore(state, organisation, settings.AGENT_JOURNAL_BYTES);
  const logins = await openIssuedLogins(store.journal);
  const line = { origin: settings.BROKER_ORIGIN, signer: agentKey, now, newId: newNonce };
  return {
    dir,
    organisation,
    origin: settings.AGENT_ORIGIN,
    timeZone: settings.AGENT_TIME_ZONE,
    keys: { agent: agentKey, beat, witness: readKeyFile(keys, 'witness') },
    store,
    logins,
    statusList: statusLists(beat, settings.AGENT_ORIGIN, logins),
    accounts: await openAccountBook(store.journal, now),
    refused: await openRefusedHere(join(state, 'refused'), now, log),
    partners: openPartnerBook(join(state, 'partners'), {
      organisation,
      published: () => ({ entities: [...view().entities].slice(-16), certificates: [...view().certificates] }),
      pins: () => view().pins,
    }),
    roles: openRoleBook({ company: view, now }),
    embargo: embargoReader(dir),
    broker: brokerApi(brokerClient(line), (target) => fetchFile(line, target)),
    publishedKeys: new Set(),
    log,
    company: view,
    now,
    newId,
    newSecret: newNonce,
    inTurn: makeTurns(),
  };
}

const REREAD = 1_000;

/** The folder, read again when it was last read a second ago, or at once. A folder that is being written just now keeps its last whole state. */
function reread(dir: string, first: CompanyView, now: () => number): Agent['company'] {
  let [view, at] = [first, now()];
  return (anew = false) => {
    if (!anew && Math.abs(now() - at) < REREAD) return view;
    at = now();
    try {
      view = readCompany(dir);
    } catch {
      // The next reading will find it whole again; a person who was just removed is out then.
    }
    return view;
  };
}
