/**
 * Why a flow may not run although the right to it stands, and runs again without anybody signing it anew: with the next beat, verdict, signal or
 * cosignature, or when somebody at the plant has lifted or mended something. What is outside the agreed hours is not among them: nobody agreed to it.
 */
const COMES_BACK: ReadonlySet<string> = new Set([
  ...['lease_over', 'offline_closed', 'witness_silent', 'embargo_unknown', 'decision_point_unknown'],
  ...['signal_unknown', 'signal_turned', 'lockout', 'clock_ahead', 'evidence_unavailable'],
]);

/** Whether who collects for a flow that is refused by this code should come again with what it has, and not give it up. Opens nothing. */
export const comesBack = (code: string): boolean => COMES_BACK.has(code);
