import type { Adapter, AdapterFactory, AdapterPayload, ClientMetadata } from 'oidc-provider';

/** Sessions, codes and tokens remembered at most; the oldest goes first. A flood of logins costs logins, not memory. */
const MOST_REMEMBERED = 5_000;

interface Remembered {
  readonly payload: AdapterPayload;
  readonly endsAt: number;
}

/**
 * What the provider must remember between two requests, and the clients of its file, which are never forgotten. Nothing else survives the
 * process: people log in again.
 */
export function rememberInMemory(clients: readonly ClientMetadata[], now: () => number): AdapterFactory {
  const all = new Map<string, Remembered>();
  const read = (key: string): AdapterPayload | undefined => {
    const found = all.get(key);
    if (found && found.endsAt > now()) return found.payload;
    all.delete(key);
    return undefined;
  };
  const readBy = (model: string, matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const [key, { payload }] of all) if (key.startsWith(`${model} `) && matches(payload)) return read(key);
    return undefined;
  };
  return (model): Adapter => ({
    upsert: async (id, payload, expiresIn) => {
      const key = `${model} ${id}`;
      all.delete(key);
      all.set(key, { payload, endsAt: expiresIn ? now() + expiresIn * 1_000 : Number.POSITIVE_INFINITY });
      for (const oldest of all.keys()) {
        if (all.size <= MOST_REMEMBERED) break;
        all.delete(oldest);
      }
    },
    find: async (id) =>
      model === 'Client' ? clients.find((client) => client.client_id === id) : read(`${model} ${id}`),
    findByUid: async (uid) => readBy(model, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => readBy(model, (payload) => payload.userCode === userCode),
    consume: async (id) => {
      const payload = read(`${model} ${id}`);
      if (payload) payload.consumed = Math.floor(now() / 1_000);
    },
    destroy: async (id) => {
      all.delete(`${model} ${id}`);
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, { payload }] of all) if (payload.grantId === grantId) all.delete(key);
    },
  });
}
