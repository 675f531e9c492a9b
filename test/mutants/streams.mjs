import { ofDomain } from './of-folder.mjs';

/** One check of what a company tells of its own subjects removed at a time. */
const told = ofDomain('signal/told-event.ts', 'signal/told-event.spec.ts');
const agent = (file) => (code, text, replacement) => ({
  ...{ code, file: `apps/company-agent/src/${file}`, text, replacement },
  spec: 'apps/company-agent/src/accounts/accounts.spec.ts',
});
const which = agent('streams/to-tell.ts');
const door = agent('http/stream-routes.ts');

export const STREAMS = [
  told('not_self', 'organisation !== own.organisation || ', ''),
  told('malformed', "(verb !== 'revoke' && verb !== 'suspend')", 'false'),
  told('malformed', ' && value.length <= 200', ''),
  which('not_a_party', 'told.at < stream.since || ', ''),
  which('not_a_party', ' || !concerns(agent, stream, told)', ''),
  which('not_a_party', ' && agent.logins.of(agreementId).some(({ person }) => person === told.subject.id)', ''),
  door('caller_unknown', 'timingSafeEqual(hash(access), hash(shown))', 'true'),
  door('caller_not_allowed', ' && (id === undefined || stream.id === id)', ''),
];
