import { type GatewayReport, keepReport } from '../store/gateway-report.store.js';
import type { Verbs } from '../verbs.js';

/** Keeps what a gateway says of its own program: which agreements may be put in force is read from it, and no right is. */
export const keepGatewayReport = (verbs: Verbs, report: GatewayReport): Promise<{ kept: true }> =>
  verbs.transactor.run(async (tx) => {
    await tx.actFor(report.organisation);
    await keepReport(tx, report, verbs.clock.now());
    return { kept: true as const };
  });
