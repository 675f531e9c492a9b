import { readFileSync } from 'node:fs';
import { readSettings, setAccountFeed } from '@interlock/company-side';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { webAddress } from '../read-arguments.js';

interface FollowOptions extends JsonOption {
  readonly issuer?: string;
  readonly audience?: string;
  readonly jwks?: string;
  readonly poll?: string;
  readonly pollTokenFile?: string;
}

/** `interlock agent follow-accounts`: lets the company's own identity provider tell the agent of lost devices, leavers and ended sessions. */
export function followAccountsVerb(agent: Command): void {
  withJson(agent.command('follow-accounts'))
    .argument('<folder>', 'the folder of the company')
    .option(
      '--issuer <address>',
      '"iss" of its security event tokens; only SCIM is followed where left out',
      webAddress,
    )
    .option('--audience <text>', '"aud" that the provider puts into them for this agent')
    .option('--jwks <address>', 'where its keys are', webAddress)
    .option('--poll <address>', 'where the agent fetches events (RFC 8936); they are pushed where left out', webAddress)
    .option('--poll-token-file <file>', 'a file with the token that the agent shows there')
    .description('let your own identity provider end sessions and hold accounts back: CAEP, RISC and SCIM')
    .action((dir: string, options: FollowOptions) =>
      perform(options, async () => {
        const { agentOrigin } = readSettings(dir);
        const { issuer, audience, jwks, poll, pollTokenFile } = options;
        const events = issuer !== undefined && audience !== undefined && jwks !== undefined;
        if (!events && (issuer ?? audience ?? jwks ?? poll) !== undefined)
          throw new WrongUsage('events need --issuer, --audience and --jwks together');
        const signals = events ? { issuer, audience, jwksUri: jwks, ...(poll && { poll }) } : undefined;
        const token = setAccountFeed(dir, signals, pollTokenFile && readFileSync(pollTokenFile, 'utf8').trim());
        const [push, scim] = [`${agentOrigin}/shared-signals/events`, `${agentOrigin}/scim/v2`];
        return allow({
          json: { push: events ? push : null, scim, poll: poll ?? null, tokenFile: token },
          lines: [
            ...(events ? [`push events to ${push}`] : []),
            `switch users off at ${scim}`,
            `the provider shows the token in ${token}; the agent follows from now on`,
          ],
        });
      }),
    );
}
