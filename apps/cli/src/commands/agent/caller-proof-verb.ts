import { existsSync, readFileSync } from 'node:fs';
import { layout, newNonce, readSettings, readSigner } from '@interlock/company-side';
import { allow } from '@interlock/domain';
import { CALLER_SCHEME, signCallerProof } from '@interlock/proof';
import { type Command, InvalidArgumentError } from 'commander';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';

interface ProofOptions extends JsonOption {
  readonly body?: string;
}

/** `interlock agent caller-proof`: what a program of another kind, such as curl, shows the broker for one request. */
export function callerProofVerb(agent: Command): void {
  withJson(agent.command('caller-proof'))
    .argument('<folder>', 'the folder of the company: its agent is who asks')
    .argument('<method>', 'such as GET', method)
    .argument('<target>', 'path and query exactly as they are sent, such as /v1/agreements', target)
    .description(
      'the Authorization header of one request to the broker, for curl and the like; it counts once, within a minute',
    )
    .option('--body <file>', 'the file whose bytes are sent as the body')
    .action((dir: string, verb: string, path: string, options: ProofOptions) =>
      perform(options, async () => {
        if (options.body !== undefined && !existsSync(options.body))
          throw new WrongUsage(`there is no file ${options.body}`);
        const { organisation, brokerOrigin } = readSettings(dir);
        const signer = readSigner(layout(dir).keys, 'agent', organisation);
        const body = options.body === undefined ? new Uint8Array() : readFileSync(options.body);
        const request = { method: verb, target: path, audience: brokerOrigin, body };
        const authorization = `${CALLER_SCHEME} ${await signCallerProof(request, signer, Date.now(), newNonce())}`;
        return allow({ json: { authorization }, lines: [`Authorization: ${authorization}`] });
      }),
    );
}

function method(text: string): string {
  if (/^(GET|POST|PUT)$/i.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError('The broker is asked by GET, POST or PUT.');
}

function target(text: string): string {
  if (/^\/[!-~]*$/.test(text)) return text;
  throw new InvalidArgumentError('Give path and query as they are sent, beginning with "/", without the origin.');
}
