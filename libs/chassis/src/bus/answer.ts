import { type RequestDef, senderOf } from '@interlock/contracts';
import { z } from 'zod';
import { answerOnce, KeyReused } from '../db/answers.js';
import type { Transactor } from '../db/transactor.js';
import type { Tx } from '../db/tx.js';
import { mayCall, type ServiceAccess } from './access.js';

/** What an answering handler learns beside the question. */
export interface Call {
  /** The service that asks, as the bus server let it speak. */
  readonly caller: string;
  readonly idempotencyKey: string;
  /**
   * Runs `work` in one transaction, at most once for this idempotency key; asked again, gives the first answer.
   * Everything that changes state goes through it.
   */
  once<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface AnswerSpec<Ask, Reply> {
  readonly request: RequestDef<string, Ask, Reply>;
  readonly access: ServiceAccess;
  /** Returns the answer; a refusal is an answer. What it throws reaches the asker as a fault without its words. */
  handle(ask: Ask, call: Call): Promise<Reply>;
}

/** A request handler as a value. */
export interface Answerer {
  readonly requestName: string;
  readonly service: string;
  readonly access: ServiceAccess;
  reply(asked: Asked): Promise<WireAnswer>;
}

/** A question as it came off the bus. */
export interface Asked {
  readonly subject: string;
  readonly key: string | undefined;
  readonly body: unknown;
  readonly transactor: Transactor | undefined;
  readonly onFault: (thrown: unknown) => void;
}

export const IDEMPOTENCY_HEADER = 'interlock-idempotency-key';

/** What travels back: the answer, or why there is none, in a fixed word. */
export const WireAnswer = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('answered'), reply: z.unknown() }),
  z.strictObject({
    outcome: z.literal('failed'),
    because: z.enum(['malformed', 'not_allowed', 'key_reused', 'fault']),
  }),
]);
export type WireAnswer = z.output<typeof WireAnswer>;

const failed = (because: 'malformed' | 'not_allowed' | 'key_reused' | 'fault'): WireAnswer => ({
  outcome: 'failed',
  because,
});

/** Declares how a service answers a request. */
export function answer<Ask, Reply>(spec: AnswerSpec<Ask, Reply>): Answerer {
  return {
    requestName: spec.request.name,
    service: spec.request.service,
    access: spec.access,
    async reply(asked) {
      const caller = senderOf(asked.subject);
      if (caller === undefined || !mayCall(spec.access, caller)) return failed('not_allowed');
      const ask = spec.request.ask.safeParse(asked.body);
      if (!ask.success || !asked.key) return failed('malformed');
      try {
        const reply = await spec.handle(ask.data, callOf(caller, spec.request.name, asked.key, asked));
        return { outcome: 'answered', reply: spec.request.reply.parse(reply) };
      } catch (thrown) {
        if (thrown instanceof KeyReused) return failed('key_reused');
        asked.onFault(thrown);
        return failed('fault');
      }
    },
  };
}

const callOf = (caller: string, request: string, key: string, asked: Asked): Call => ({
  caller,
  idempotencyKey: key,
  once(work) {
    if (!asked.transactor) throw new Error('this service has no database');
    return answerOnce(asked.transactor, { caller, request, key, body: asked.body }, work);
  },
});
