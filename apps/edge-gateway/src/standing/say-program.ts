import type { BrokerClient, Log } from '@interlock/company-side';
import { accepted } from '@interlock/contracts';
import {
  type AgreementId,
  PROGRAM_SIGNAL,
  type ProgramReport,
  type Signal,
  type Signed,
  signalTerms,
} from '@interlock/domain';
import { signed } from '@interlock/proof';
import type { GatewayClock } from '../gateway-clock.js';
import type { Provisioned } from '../provisioning.js';
import type { HeldAgreement } from './held-agreement.js';
import { takeSignal } from './take-signal.js';

export interface SayProgramOptions {
  readonly self: Pick<Provisioned, 'organisation' | 'gateway' | 'signer'>;
  readonly clock: Pick<GatewayClock, 'now'>;
  readonly log: Pick<Log, 'error'>;
  readonly program: ProgramReport;
  readonly keeper: { readonly agreements: ReadonlyMap<AgreementId, HeldAgreement> };
  /** Brings it to the companies of an agreement; false where the broker did not take it, which changes nothing here but that it is told again. */
  readonly tell: (agreement: AgreementId, signal: Signed<Signal>) => Promise<boolean>;
}

/**
 * Says what program this gateway is, under its own key: to itself, whose agreements may require one of some releases, and to the companies of each agreement. Of one
 * agreement when it is first held, of all again and again; what goes out then is what somebody waits for to be fresh.
 */
export function sayProgram({ self, clock, log, program, keeper, tell }: SayProgramOptions) {
  const told = new Set<AgreementId>();
  const due = new Map<AgreementId, Signed<Signal>>();
  let isTelling = false;
  /** One after the other; a broker that does not take one is not asked for the others before the next time. */
  const tellAll = async (): Promise<void> => {
    isTelling = true;
    for (const [id, signal] of due) {
      due.delete(id);
      if (!(await tell(id, signal))) break;
      told.add(id);
    }
    isTelling = false;
  };
  const say = async (only?: AgreementId): Promise<void> => {
    if (only !== undefined && told.has(only)) return;
    const { organisation, gateway, signer } = self;
    const at = clock.now();
    const about = { kind: 'gateway', id: gateway } as const;
    const said: Signal = {
      ...{ typ: 'signal', v: 1, organisation, signal: PROGRAM_SIGNAL, about, holds: true, at, program },
    };
    const signal = await signed(said, signer, at);
    for (const [id, held] of [...keeper.agreements]) {
      if (only !== undefined && id !== only) continue;
      // It is verified like anybody's word: without a certificate that is known here it is unknown here too.
      const taken = await takeSignal(held, signal, at);
      if (!taken.allowed) continue;
      if (!told.has(id) || signalTerms(held.agreement).some((term) => term.about === 'gateway')) due.set(id, signal);
    }
    if (!isTelling) await tellAll();
  };
  return (only?: AgreementId): Promise<void> =>
    say(only).catch((cause: unknown) => log.error({ event: 'program.fault' }, 'this program was not said', cause));
}

/** By the broker, to whoever fetches the standing and to every gateway of the agreement. */
export const tellProgram =
  (broker: Pick<BrokerClient, 'post'>, log: Pick<Log, 'info'>): SayProgramOptions['tell'] =>
  async (agreement, signal) => {
    const told = await broker.post(`/v1/agreements/${agreement}/signals`, { signal }, accepted).catch(() => undefined);
    if (!told?.allowed) log.info({ event: 'program.not-taken' }, 'the broker did not take what this gateway runs');
    return told?.allowed === true;
  };
