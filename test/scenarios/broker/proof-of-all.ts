import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditAnswer } from '@interlock/contracts';
import type { Agreement } from '@interlock/domain';
import {
  cosign,
  formatSignatureLine,
  type LogReader,
  logNoteKey,
  logReader,
  parseNote,
  rawEd25519,
  trust,
  verifyLogAnswer,
  witnessNoteKey,
} from '@interlock/proof';
import { type Holder } from '@interlock/testkit/builders';
import type { Broker } from './a-broker.js';
import { TestChannel, until } from './a-caller.js';
import type { Stage } from './seven-steps.js';

/** 7: both companies ask for everything; each verifies it with what it pinned, and one altered record is not believed. */
export async function prove(stage: Stage, broker: Broker, agreement: Agreement, kinds: readonly string[]) {
  const { who, yes } = stage;
  const reader = await readerOf(stage, broker, agreement);
  const agents = [who.vendorAgent.signer, who.buyerAgent.signer];
  const everything = { log: agreement.id, limit: '500' };
  const stop = await cosigning(stage, broker);
  const answers = async () => {
    const asked = agents.map((as) => yes<AuditAnswer>('eventsAudit', { as, with: everything }));
    return Promise.all(asked);
  };
  let told: readonly AuditAnswer[] = [];
  await until(async () => {
    told = await answers();
    return told.every((answer) => {
      const proven = verifyLogAnswer(answer, agreement.id, reader);
      const held = new Set<string>(answer.rows.map(({ record }) => record.kind));
      return proven.allowed && proven.value.cosigned.length === 2 && kinds.every((kind) => held.has(kind));
    });
  });
  stop();
  const [vendors, buyers] = told.map((answer) => answer.rows.map(({ record }) => record.id));
  const [one] = told;
  if (!one) throw new Error('nothing was answered');
  const altered = { ...one, rows: one.rows.map((row, at) => (at > 0 ? row : { ...row, record: lied(row.record) })) };
  const times: Record<string, number> = {};
  for (const { record } of one.rows) times[record.kind] = (times[record.kind] ?? 0) + 1;
  return { vendors, buyers, times, size: one.treeSize, altered: verifyLogAnswer(altered, agreement.id, reader) };
}

const lied = <R extends { readonly at: number }>(record: R): R => ({ ...record, at: record.at + 1 });

/** Whose word counts: the key of the log, and the witnesses of both. */
async function readerOf({ who, witnesses }: Stage, broker: Broker, agreement: Agreement): Promise<LogReader> {
  const certificates = witnesses.map(({ certificate }) => certificate);
  const ring = await trust([who.vendor.entity, who.buyer.entity], certificates, who.pins, Date.now());
  const key = createPrivateKey(readFileSync(join(broker.keys, 'log-key.pem')));
  const log = logNoteKey('broker.example', agreement.id, rawEd25519(key));
  if (!ring.allowed || !log.allowed) throw new Error('the reader trusts nobody');
  return logReader(agreement, ring.value, log.value);
}

/** Both witnesses cosign what they are shown over the channel, as their agents do, until they are told to stop. */
async function cosigning({ who, witnesses }: Stage, broker: Broker): Promise<() => void> {
  const agents = [who.vendorAgent, who.buyerAgent];
  const channels = await Promise.all(agents.map((agent) => TestChannel.open(broker, agent.signer)));
  for (const [at, channel] of channels.entries()) {
    const witness = witnesses[at] as Holder;
    const key = witnessNoteKey(witness.signer.organisation, rawEd25519(witness.key));
    if (!key.allowed) throw new Error(key.refusal.code);
    channel.onFrame(({ t, log, note }) => {
      const read = t === 'checkpoint' ? parseNote(String(note)) : undefined;
      if (!read?.allowed) return;
      const line = formatSignatureLine(cosign(read.value.text, key.value, witness.key, Math.floor(Date.now() / 1000)));
      channel.send({ t: 'cosignature', log, size: Number(read.value.text.split('\n')[1]), line });
    });
  }
  return () => channels.forEach((channel) => void channel.close());
}
