/** One check of a grant that a member list bounds removed at a time. */
const of = (file, spec) => (code, text, replacement) => ({ code, file, text, replacement, spec });
const spec = 'libs/domain/src/grant/membership.spec.ts';
const rule = of('libs/domain/src/grant/membership.ts', spec);
const act = of('libs/domain/src/act/standing.ts', spec);
const under = of('libs/domain/src/grant/under-standing.ts', spec);
const signed = of('libs/proof/src/annex.ts', 'libs/proof/src/member-list.spec.ts');

const broker = (file, text, replacement) => ({
  ...{ code: 'not_a_member', file: `apps/grants/src/commands/${file}`, text, replacement },
  spec: 'test/scenarios/broker/rights.spec.ts',
});

export const MEMBER_LISTS = [
  rule(
    'membership_unknown',
    "if (!list) return refuse('membership_unknown', { clause: digest });",
    'if (!list) return undefined;',
  ),
  rule('membership_unknown', 'withdrawnAt(digest, agreement, acts) === undefined', 'withdrawnAt !== undefined'),
  rule('not_a_member', 'organisation !== list.annex.organisation ||', ''),
  rule('not_a_member', 'kind !== list.annex.of ||', ''),
  rule('not_a_member', '!members.has(id) ||', ''),
  rule('not_a_member', 'struckFrom(digest, organisation, papers).has(id)', 'false'),
  rule('not_a_member', '[subject, ...through]', '[subject]'),
  rule('not_a_member', ' ?? faultIn(lists.subjects, papers, subjects)', ''),
  act('taken_away', 'resources === list && ', ''),
  act('taken_away', 'subjects === list && ', ''),
  act('taken_away', 'resources === list && isOnly(id, organisation, use)', 'false'),
  act('taken_away', 'const through = [use.subject, ', 'const through = [use.subject]; void ['),
  act('taken_away', '(one) => one.organisation === organisation && one.id === id);', '(one) => one.id === id);'),
  under(
    'standing_exceeded',
    "if ((resources ?? memberLists?.resources) !== memberLists?.resources) return 'memberLists';",
    '',
  ),
  under(
    'standing_exceeded',
    "if ((subjects ?? memberLists?.subjects) !== memberLists?.subjects) return 'memberLists';",
    '',
  ),
  signed('wrong_purpose', "document.of === 'resource' ? 'approve' : 'certify'", "'certify'"),
  signed('wrong_issuer', "holder?.kind === 'person' && !guest;", '!guest;'),
  signed('wrong_issuer', "=> holder?.kind === 'person' && !guest;", "=> holder?.kind === 'person' || guest;"),
  broker('closed-to.ts', 'return beyondLists(right, papers);', 'return undefined;'),
  broker('struck-members.ts', 'return { ...material, acts: [...material.acts, ...struck] };', 'return material;'),
];
