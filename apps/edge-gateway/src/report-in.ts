import type { BrokerClient, Log } from '@interlock/company-side';
import { accepted } from '@interlock/contracts';
import type { ProgramReport } from '@interlock/domain';

/**
 * Tells the broker which terms this program evaluates, at every connect. A version that asks for more is then not put in force at all; without this it
 * would be, and refused here. So a broker that does not listen, or does not know the question, changes nothing.
 */
export async function reportIn(
  broker: Pick<BrokerClient, 'put'>,
  { evaluators, tzdata }: Pick<ProgramReport, 'evaluators' | 'tzdata'>,
  log: Pick<Log, 'info'>,
): Promise<void> {
  const told = await broker.put('/v1/gateway-report', { evaluators, tzdata }, accepted).catch(() => undefined);
  if (!told?.allowed) log.info({ event: 'report.not-taken' }, 'the broker did not take what this gateway evaluates');
}
