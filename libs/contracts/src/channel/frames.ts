import { z } from 'zod';
import {
  chainDocuments,
  signedAct,
  signedBeat,
  signedSignal,
  signedStatusList,
  signedVerdict,
} from '../documents/documents.js';
import {
  actionName,
  agreementId,
  count,
  grantId,
  holderRef,
  localId,
  organisationId,
  resourceRef,
  sessionId,
} from '../documents/names.js';
import { relayAddress, standing } from '../http/federation-api.js';

/**
 * The channel: one WebSocket that agents and gateways dial out to the federation API, JSON text frames both ways. It carries documents and
 * news; whatever comes through it is a stranger's until verified. Losing it loses speed, never a right or a cut.
 */
const nonce = z.string().min(16).max(64);

/** Gateway or agent -> broker. */
export const upstreamFrame = z.discriminatedUnion('t', [
  /** A gateway asks every party of an agreement for a beat. */
  z.strictObject({ t: z.literal('nonce'), agreementId, nonce }),
  /** A gateway asks for everything it should hold of one agreement. */
  z.strictObject({ t: z.literal('ask-standing'), agreementId }),
  /** An agent answers a nonce, or beats unasked. */
  z.strictObject({ t: z.literal('beat'), beat: signedBeat, statusList: signedStatusList }),
  /** An agent's witness cosigned a checkpoint. */
  z.strictObject({ t: z.literal('cosignature'), log: z.string().max(80), size: count, line: z.string().max(1_000) }),
]);
export type UpstreamFrame = z.infer<typeof upstreamFrame>;

/** Broker -> gateway. */
export const gatewayFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('standing'), standing }),
  z.strictObject({ t: z.literal('act'), act: signedAct }),
  z.strictObject({ t: z.literal('beat'), beat: signedBeat, statusList: signedStatusList }),
  z.strictObject({ t: z.literal('verdict'), verdict: signedVerdict }),
  z.strictObject({ t: z.literal('signal'), signal: signedSignal }),
  /** Somebody wants in: everything needed to decide, and where to meet. */
  z.strictObject({
    t: z.literal('offer'),
    session: sessionId,
    grant: grantId,
    resource: resourceRef,
    action: actionName,
    ticket: z.string().max(8_000),
    loginProof: z.string().max(8_000).nullable(),
    /** For machines: the subject and leaf key that will show up; believed only through its certificate. */
    subject: z.strictObject({
      organisation: organisationId,
      kind: z.enum(['person', 'machine', 'workload']),
      id: localId,
    }),
    leaf: z.string().max(64),
    rendezvous: z.string().min(22).max(64),
    relay: relayAddress,
    chain: chainDocuments,
    verdicts: z.array(signedVerdict).max(64),
  }),
]);
export type GatewayFrame = z.infer<typeof gatewayFrame>;

/** Broker -> agent. */
export const agentFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('nonce'), agreementId, receiver: holderRef, nonce }),
  /** Something waits for this organisation: it is fetched, rendered and hashed by the agent itself. */
  z.strictObject({ t: z.literal('inbox'), kind: z.enum(['agreement', 'grant']), id: z.string().max(40) }),
  z.strictObject({ t: z.literal('act'), act: signedAct }),
  /** Asks the witness: this checkpoint, and the proof that it continues what the witness saw last. */
  z.strictObject({
    t: z.literal('checkpoint'),
    log: z.string().max(80),
    note: z.string().max(10_000),
    oldSize: count,
    proof: z.array(z.string().max(64)).max(64),
  }),
]);
export type AgentFrame = z.infer<typeof agentFrame>;
