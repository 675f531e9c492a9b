import { createPublicKey } from 'node:crypto';
import { keepSeen, readSeen } from '@interlock/company-side';
import type { AgentFrame, UpstreamFrame } from '@interlock/contracts';
import { allow, type Decision, refuse } from '@interlock/domain';
import {
  cosign,
  cosignIfConsistent,
  decodeBase64,
  formatCheckpointText,
  formatSignatureLine,
  keyObjectOf,
  logNoteKey,
  logOrigin,
  type NoteKey,
  rawEd25519,
  witnessNoteKey,
} from '@interlock/proof';
import { type Agent, finding } from '../agent.js';

type Ask = Extract<AgentFrame, { t: 'checkpoint' }>;
type Cosignature = Extract<UpstreamFrame, { t: 'cosignature' }>;

/**
 * Cosigns a checkpoint that continues everything this witness ever saw of the log, and remembers it durably before the signature leaves.
 * A fork or a shrunken log is a finding and gets no signature. Where only the broker's idea of what was seen is old, the answer is the
 * cosignature of what was seen, so that it can prove from there.
 */
export function cosignCheckpoint(agent: Agent, ask: Ask): Promise<Decision<Cosignature>> {
  return agent.inTurn(`log ${ask.log}`, async () => {
    const key = logKey(agent, ask.log);
    if (!key) return refuse('unknown_key', { clause: 'log', detail: 'the log key of the broker is not recorded' });
    const proof = ask.proof.map(decodeBase64);
    if (!proof.every((hash) => hash !== undefined)) return refuse('malformed', { clause: 'proof' });
    const seen = readSeen(agent.dir, ask.log);
    const request = { note: ask.note, oldSize: ask.oldSize, proof };
    const decision = cosignIfConsistent(seen, request, key);
    if (decision.allowed) {
      const { checkpoint, text } = decision.value;
      keepSeen(agent.dir, ask.log, { size: checkpoint.size, root: checkpoint.root });
      return allow(line(agent, ask.log, checkpoint.size, text));
    }
    const { code, detail = '' } = decision.refusal;
    if (code === 'witness_old_size_conflict' && seen) {
      const text = formatCheckpointText({ origin: key.name, size: seen.size, root: seen.root });
      return allow(line(agent, ask.log, seen.size, text));
    }
    await finding(agent, code, `${ask.log}: ${detail}`.slice(0, 300));
    return refuse(code);
  });
}

function line(agent: Agent, log: string, size: number, text: string): Cosignature {
  const key = ownWitnessKey(agent);
  const signature = cosign(text, key, agent.keys.witness, Math.floor(agent.now() / 1000));
  return { t: 'cosignature', log, size, line: formatSignatureLine(signature) };
}

export function ownWitnessKey(agent: Agent): NoteKey {
  const key = witnessNoteKey(agent.organisation, rawEd25519(createPublicKey(agent.keys.witness)));
  if (!key.allowed) throw new Error('the witness key is not an Ed25519 key');
  return key.value;
}

/** The key of a log, from the broker's keys as the company recorded them. */
export function logKey(agent: Agent, log: string): NoteKey | undefined {
  const { broker } = agent.company();
  if (!broker) return undefined;
  const key = logNoteKey(broker.name, log, rawEd25519(keyObjectOf(broker.logKey)));
  return key.allowed && key.value.name === logOrigin(broker.name, log) ? key.value : undefined;
}
