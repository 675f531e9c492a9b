import { readFileSync } from 'node:fs';
import { addSignalStream, endSignalStream, readSettings } from '@interlock/company-side';
import { allow, type LocalId, parseAgreementId, parseLocalId } from '@interlock/domain';
import type { Command } from 'commander';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { webAddress } from '../read-arguments.js';

interface TellOptions extends JsonOption {
  readonly audience?: string;
  readonly agreement?: string;
  readonly push?: string;
  readonly pushTokenFile?: string;
  readonly stop?: boolean;
}

/** `interlock agent tell-signals`: whom the agent tells, by signed events, what became of the company's own subjects. */
export function tellSignalsVerb(agent: Command): void {
  withJson(agent.command('tell-signals'))
    .argument('<folder>', 'the folder of the company')
    .argument('<name>', 'a name for this receiver')
    .option('--audience <text>', '"aud" of its events, as the receiver wants it')
    .option(
      '--agreement <id>',
      'tell only of whom has to do with this agreement; leave it out for your own receivers alone',
    )
    .option(
      '--push <address>',
      'where events are pushed (RFC 8935); the receiver fetches them (RFC 8936) where left out',
      webAddress,
    )
    .option('--push-token-file <file>', 'a file with the token that the agent shows there')
    .option('--stop', 'tell this receiver nothing more')
    .description(
      'tell a partner, or a program of your own, by CAEP events what becomes of your own people and machines',
    )
    .action((dir: string, name: string, options: TellOptions) =>
      perform(options, async () => {
        const id = parseLocalId(name);
        if (!id) throw new WrongUsage(`${name} is no name: lower-case letters, digits and dashes`);
        return allow(options.stop ? stop(dir, id) : start(dir, id, options));
      }),
    );
}

function stop(dir: string, id: LocalId) {
  if (!endSignalStream(dir, id)) throw new WrongUsage(`there is no receiver ${id}; see signal-streams.json`);
  return { json: { stream: id, ended: true }, lines: [`${id} is told nothing more`] };
}

function start(dir: string, id: LocalId, { audience, agreement, push, pushTokenFile }: TellOptions) {
  if (audience === undefined) throw new WrongUsage('say with --audience what the receiver wants as "aud"');
  const agreementId = agreement === undefined ? null : parseAgreementId(agreement);
  if (agreementId === undefined) throw new WrongUsage(`${agreement} is no id of an agreement`);
  const { agentOrigin } = readSettings(dir);
  const token = pushTokenFile && readFileSync(pushTokenFile, 'utf8').trim();
  const file = addSignalStream(
    dir,
    { id, audience, agreementId, push: push ?? null, ...(token && { token }) },
    Date.now(),
  );
  const metadata = `${agentOrigin}/.well-known/ssf-configuration`;
  return {
    json: { stream: id, metadata, delivery: push === undefined ? 'poll' : 'push', tokenFile: file },
    lines: [
      `${id} is told from now on; the receiver reads ${metadata}`,
      push === undefined ? `it fetches at ${agentOrigin}/ssf/streams/${id}/poll` : `events are pushed to ${push}`,
      `it shows the token in ${file}`,
    ],
  };
}
