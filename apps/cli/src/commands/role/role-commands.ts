import { type RoleWish, readRoleMapping, signRoleMapping } from '@interlock/company-side';
import {
  allow,
  type Decision,
  type Instant,
  type LocalId,
  type OrganisationId,
  type OutsideAuditor,
  ROLES,
  type RoleMapping,
} from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { type JsonOption, perform, type Shown, withJson } from '../perform.js';
import { gather, instant, localId, organisation } from '../read-arguments.js';
import { utc } from '../words.js';

type Rule = RoleMapping['rules'][number];

/** `interlock role`: who is what inside the own company, by the claims of its own login; signed with the offline `certify` key. */
export function roleCommands(program: Command): void {
  const role = program.command('role').description("roles inside the company, by the claims of its own people's login");
  withJson(role.command('show'))
    .argument('<folder>', 'the folder of the company')
    .description('which claims make which role, and who audits from outside')
    .action((dir: string, options: JsonOption) =>
      perform(options, async () => allow(shown(readRoleMapping(dir)?.document))),
    );
  mapVerb(role);
  auditorVerb(role);
}

interface MapOptions extends JsonOption {
  readonly rule?: readonly Rule[];
  readonly scope?: readonly string[];
}

function mapVerb(role: Command): void {
  withJson(role.command('map'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .description('say anew which claims make which role; outside auditors stay as they are')
    .option(
      '--rule <claim=value:role>',
      `whoever has this claim has this role (${ROLES.join(', ')}); may be given again`,
      gather(rule),
    )
    .option(
      '--scope <name>',
      'a scope to ask the provider for, so that the claims come; may be given again',
      gather(String),
    )
    .action((dir: string, { rule: rules = [], scope: scopes = [], ...options }: MapOptions) =>
      perform(options, () => sign(dir, { ...partsOf(dir), rules, scopes })),
    );
}

interface AuditorOptions extends JsonOption {
  readonly login: string;
  readonly of?: OrganisationId;
  readonly from?: Instant;
  readonly until: Instant;
}

function auditorVerb(role: Command): void {
  withJson(role.command('auditor'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .argument('<id>', "the company's name for the auditor", localId)
    .description('name somebody who is not of the company as auditor until a day, or for another time than before')
    .requiredOption('--login <sub>', 'the "sub" of the guest at the identity provider of the company')
    .option('--of <organisation>', 'the organisation that sends the auditor, where there is one', organisation)
    .option('--from <time>', 'not before this time; now where left out', instant)
    .requiredOption('--until <time>', 'the end, at most 90 days later; the past ends it at once', instant)
    .action((dir: string, id: LocalId, options: AuditorOptions) =>
      perform(options, () => {
        const before = partsOf(dir);
        const others = before.outsideAuditors.filter((one) => one.id !== id);
        const { login, until, of = null, from = Date.now() } = options;
        // Who is over is no longer named: a mapping holds who may read now or later.
        const named: OutsideAuditor[] = until > Date.now() ? [{ id, login, organisation: of, from, until }] : [];
        return sign(dir, { ...before, outsideAuditors: [...others, ...named] });
      }),
    );
}

const partsOf = (dir: string): RoleWish => {
  const before = readRoleMapping(dir)?.document;
  return {
    scopes: before?.scopes ?? [],
    rules: before?.rules ?? [],
    outsideAuditors: before?.outsideAuditors.filter(({ until }) => until > Date.now()) ?? [],
  };
};

async function sign(dir: string, wish: RoleWish): Promise<Decision<Shown>> {
  const signed = await signRoleMapping(dir, wish, Date.now());
  return signed.allowed ? allow(shown(signed.value.document)) : signed;
}

const shown = (mapping: RoleMapping | undefined): Shown => ({
  json: { mapping: mapping ?? null },
  lines: mapping
    ? [
        `version ${mapping.sequence}, claims of ${mapping.issuer}${mapping.scopes.length > 0 ? `, scopes ${mapping.scopes.join(' ')}` : ''}`,
        ...mapping.rules.map(({ claim, value, role }) => `${role}: ${claim} has "${value}"`),
        ...mapping.outsideAuditors.map(
          ({ id, login, organisation: of, from, until }) =>
            `auditor from outside: ${id} (login ${login}, ${of ?? 'of no organisation'}) from ${utc(from)} until ${utc(until)}`,
        ),
      ]
    : ['no role mapping is signed: nobody has a role; run "interlock role map"'],
});

/** `claim=value:role`; a claim may hold colons and slashes, a value anything but that its role ends it. */
function rule(text: string): Rule {
  const [, claim, value, name] = /^([^=]+)=(.+):([a-z-]+)$/.exec(text) ?? [];
  const role = ROLES.find((one) => one === name);
  if (claim === undefined || value === undefined || !role)
    throw new InvalidArgumentError(`"${text}" is not claim=value:role with one of ${ROLES.join(', ')}`);
  return { claim, value, role };
}
