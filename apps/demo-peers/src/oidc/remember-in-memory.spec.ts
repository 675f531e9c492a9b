import { describe, expect, it } from '@jest/globals';
import { rememberInMemory } from './remember-in-memory.js';

const provider = () => {
  const clock = { now: 0 };
  const model = rememberInMemory([{ client_id: 'agent' }], () => clock.now);
  return { clock, model };
};

describe('what the provider remembers', () => {
  it('ends at its time, to the millisecond', async () => {
    const { clock, model } = provider();
    await model('Session').upsert('a', { uid: 'u' }, 10);
    clock.now = 9_999;
    expect(await model('Session').find('a')).toEqual({ uid: 'u' });
    expect(await model('Session').findByUid('u')).toEqual({ uid: 'u' });
    clock.now = 10_000;
    expect(await model('Session').find('a')).toBeUndefined();
    expect(await model('Session').findByUid('u')).toBeUndefined();
  });

  it('is not found under another model, and its clients are always found', async () => {
    const { model } = provider();
    await model('AccessToken').upsert('a', {}, 10);
    expect(await model('AuthorizationCode').find('a')).toBeUndefined();
    expect(await model('Client').find('agent')).toEqual({ client_id: 'agent' });
    expect(await model('Client').find('nobody')).toBeUndefined();
  });

  it('of a code that was used says so, and a revoked grant takes all its tokens along', async () => {
    const { model } = provider();
    await model('AuthorizationCode').upsert('c', { grantId: 'g' }, 60);
    await model('AccessToken').upsert('t', { grantId: 'g' }, 60);
    await model('AccessToken').upsert('other', { grantId: 'h' }, 60);
    await model('AuthorizationCode').consume('c');
    expect((await model('AuthorizationCode').find('c'))?.consumed).toBe(0);
    await model('AccessToken').revokeByGrantId('g');
    expect(await model('AuthorizationCode').find('c')).toBeUndefined();
    expect(await model('AccessToken').find('t')).toBeUndefined();
    expect(await model('AccessToken').find('other')).toBeDefined();
  });

  it('is bounded: a flood pushes out the oldest', async () => {
    const { model } = provider();
    for (let i = 0; i <= 5_000; i += 1) await model('Interaction').upsert(String(i), {}, 600);
    expect(await model('Interaction').find('0')).toBeUndefined();
    expect(await model('Interaction').find('1')).toBeDefined();
    expect(await model('Interaction').find('5000')).toBeDefined();
  });
});
