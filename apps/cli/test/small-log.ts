import { createPublicKey } from 'node:crypto';
import { layout, readKeyFile } from '@interlock/company-side';
import { type AuditAnswer, auditFilter } from '@interlock/contracts';
import { type AgreementId, asLogged, type EvidenceRecord, fitsFilter } from '@interlock/domain';
import {
  appendLeaves,
  canonicalBytes,
  cosign,
  emptyFrontier,
  encodeBase64,
  formatCheckpointText,
  formatSignatureLine,
  frontierRoot,
  hashLeaf,
  logNoteKey,
  proveInclusion,
  rawEd25519,
  signCheckpoint,
  witnessNoteKey,
} from '@interlock/proof';
import type { CompanyPlace } from '../src/up/start-companies.js';
import { BROKER, type TwoCompanies } from './two-companies.js';

/** A log as an audit service keeps it: one tree, one checkpoint, cosigned by the witnesses of both companies' folders. */
export interface SmallLog {
  /** A checkpoint of the first `size` records, cosigned by these companies. */
  checkpoint(size: number, cosigners: readonly CompanyPlace[]): string;
  /** A file of the log as tlog-tiles; undefined where there is none. */
  file(path: string, size: number): Uint8Array | undefined;
  answer(query: URLSearchParams, cosigners: readonly CompanyPlace[]): AuditAnswer;
}

export function smallLog(
  world: TwoCompanies,
  log: AgreementId,
  said: readonly EvidenceRecord[],
  withheld: ReadonlyMap<string, readonly string[]> = new Map(),
): SmallLog {
  const records = said.map(asLogged);
  const key = logNoteKey(BROKER, log, rawEd25519(createPublicKey(world.logKey)));
  if (!key.allowed) throw new Error('log key');
  const treeOf = (size: number) => {
    const nodes = new Map<string, Uint8Array>();
    const leaves = records.slice(0, size).map((record) => hashLeaf(canonicalBytes(record)));
    const frontier = appendLeaves(emptyFrontier(), leaves, (at, hash) => nodes.set(`${at.level}/${at.index}`, hash));
    return { nodes, root: frontierRoot(frontier) };
  };
  const checkpoint: SmallLog['checkpoint'] = (size, cosigners) => {
    const state = { origin: key.value.name, size, root: treeOf(size).root };
    const text = formatCheckpointText(state);
    const lines = cosigners.map(({ dir, company }) => {
      const witness = readKeyFile(layout(dir).keys, 'witness');
      const note = witnessNoteKey(company.organisation, rawEd25519(createPublicKey(witness)));
      if (!note.allowed) throw new Error('witness key');
      return formatSignatureLine(cosign(text, note.value, witness, Math.floor(Date.now() / 1000)));
    });
    return signCheckpoint(state, key.value, world.logKey) + lines.join('');
  };
  return {
    checkpoint,
    file: (path, size) => {
      if (path === `tile/0/000.p/${size}`) return Buffer.concat(records.slice(0, size).map((one) => leafOf(one)));
      if (path === `tile/disclosures/000.p/${size}`) {
        const lines = said.slice(0, size).map(({ id }) => `${JSON.stringify(withheld.get(id) ?? null)}\n`);
        return Buffer.from(lines.join(''));
      }
      if (path !== `tile/entries/000.p/${size}`) return undefined;
      return Buffer.concat(
        records.slice(0, size).flatMap((record) => {
          const bytes = canonicalBytes(record);
          return [Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes];
        }),
      );
    },
    answer: (query, cosigners) => {
      const filter = auditFilter.parse(Object.fromEntries(query));
      const size = filter.treeSize ?? records.length;
      const { nodes } = treeOf(size);
      const rows = records.slice(0, size).flatMap((record, index) => {
        if (index <= (filter.after ?? -1) || !fitsFilter(said[index] ?? record, filter)) return [];
        const opened = withheld.get(record.id);
        const proof = proveInclusion(index, size, ({ level, index: at }) => nodes.get(`${level}/${at}`) as Uint8Array);
        if (!proof.allowed) throw new Error(proof.refusal.code);
        return [
          {
            index,
            record,
            ...(opened && { opened: [...opened] }),
            proof: proof.value.map(encodeBase64),
            appendedAt: record.at + LATE,
          },
        ];
      });
      const page = rows.slice(0, Math.min(filter.limit, 2));
      const next = rows.length > page.length ? (page.at(-1)?.index ?? null) : null;
      return { filter, treeSize: size, checkpoint: checkpoint(size, cosigners), rows: page, next };
    },
  };
}

/** The log has each record so long after it happened. Milliseconds. */
const LATE = 90_000;

const leafOf = (record: EvidenceRecord): Uint8Array => hashLeaf(canonicalBytes(record));

/** Lets the broker of these companies answer for a log of `size` records as `how` says at that time. */
export function serveLog(
  world: TwoCompanies,
  id: AgreementId,
  log: SmallLog,
  how: () => {
    readonly size: number;
    readonly cosignedSize: number;
    readonly cosigners: readonly CompanyPlace[];
    readonly lie: (answer: AuditAnswer) => AuditAnswer;
    /** The state that is said to be the last one before a record came; an honest one where left out. */
    readonly sizeBefore?: number | undefined;
  },
): void {
  world.broker.before = ({ path, query }) => {
    const { size, cosignedSize, cosigners, lie, sizeBefore } = how();
    if (path === 'GET /v1/audit/checkpoint') {
      const [treeSize, by] = stateOf(query, size, cosignedSize, cosigners, sizeBefore);
      if (treeSize === 0) return { body: { treeSize, checkpoint: '', logKey: '', witnesses: [] } };
      return { body: { treeSize, checkpoint: log.checkpoint(treeSize, by), logKey: '', witnesses: [] } };
    }
    const [, file] = path.split(`GET /v1/logs/${id}/`);
    const bytes = file === undefined ? undefined : log.file(file, cosignedSize);
    if (bytes) return { body: null, bytes };
    return path === 'GET /v1/audit/events' ? { body: lie(log.answer(query, cosigners)) } : undefined;
  };
}

/** Which state is asked for, and who cosigned it: as if every one up to `cosignedSize` was, when it was the newest. */
function stateOf(
  query: URLSearchParams,
  size: number,
  cosignedSize: number,
  cosigners: readonly CompanyPlace[],
  before: number | undefined,
) {
  const index = Number(query.get('index'));
  const sizes: Readonly<Record<string, number>> = {
    cosigned: cosignedSize,
    before: before ?? Math.min(index, cosignedSize),
    covering: index < cosignedSize ? index + 1 : 0,
  };
  const asked = sizes[query.get('which') ?? ''];
  return asked === undefined ? ([size, []] as const) : ([asked, cosigners] as const);
}
