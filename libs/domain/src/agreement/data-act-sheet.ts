import { narrowedVersions } from '../act/narrowing.js';
import { type HeldAct, liftedBy } from '../act/standing.js';
import { annexesOf, type HeldPapers, withdrawnAt } from '../annex/held.js';
import type { Agreement, DataTerm, ProductKey } from '../documents/agreement.js';
import type { Instant } from '../instant.js';
import type { Digest } from '../names.js';
import { compareVersions } from '../term/order.js';
import { listed, span } from '../term/plain.js';
import { evidenceTerm, offlineTerm, regionTerm, termsOfType } from './find-terms.js';

/** One thing that Regulation (EU) 2023/2854 asks to be said, and what the agreement says of it. */
export interface SheetEntry {
  readonly article: string;
  readonly asks: string;
  /** None where the agreement says nothing of it: the two answer it elsewhere. */
  readonly says: readonly string[];
  /** What the article asks for and the agreement does not give. */
  readonly gap: string | null;
}

export interface DataActSheet {
  readonly agreement: Pick<Agreement, 'id' | 'version' | 'effectiveFrom' | 'endsAt'>;
  readonly entries: readonly SheetEntry[];
}

const DAY = 86_400;
/** Article 25(2)(d): notice of at most two months; 25(2)(g): at least 30 days to retrieve. The shortest two months have 59 days. */
const LONGEST_NOTICE = 59 * DAY;
const SHORTEST_RETRIEVAL = 30 * DAY;

/** The version a sheet is made of, by its digest, with what hangs on it as it verified, and when it is asked. */
export interface SheetMatter {
  readonly agreement: Agreement;
  readonly version: Digest;
  readonly papers: HeldPapers;
  readonly now: Instant;
}

/**
 * What Articles 3 to 5, 25 and 36 of the Data Act ask to be said about data of a machine, answered from the agreement, its acts and its annexes alone. It
 * says what stands there, and names what does not; whether that is enough is for the two companies and their lawyers.
 */
export const dataActSheet = ({ agreement, version, papers, now }: SheetMatter): DataActSheet => ({
  agreement: {
    id: agreement.id,
    version: agreement.version,
    effectiveFrom: agreement.effectiveFrom,
    endsAt: agreement.endsAt,
  },
  entries: [
    ...termsOfType(agreement, 'data-collection').flatMap((term) => aboutProduct(term, agreement)),
    ...aboutEnding(agreement, version, papers.acts),
    ...aboutExecution(agreement, papers, now),
  ],
});

const entry = (article: string, asks: string, says: readonly string[], gap: string | null = null): SheetEntry => ({
  ...{ article, asks, says },
  gap: gap ?? (says.length === 0 ? 'the agreement does not say' : null),
});

const keyWords = ({ key, unit, category, action }: ProductKey): string =>
  `${key}${unit === null ? '' : ` in ${unit}`} (${category}): ${action}`;

const secretWords = (key: ProductKey): string =>
  key.secret
    ? `${keyWords(key)}, for ${listed(key.secret.recipients, 'nobody')} alone while each meets ${key.secret.control}`
    : keyWords(key);

const nameOf = ({ product, resource }: DataTerm): string => `${product} of ${resource.owner}/${resource.id}`;

const aboutProduct = (term: DataTerm, agreement: Agreement): readonly SheetEntry[] => [
  ...aboutData(term, agreement),
  ...aboutUser(term, agreement),
  ...aboutUse(term, agreement),
];

function aboutData(term: DataTerm, agreement: Agreement): readonly SheetEntry[] {
  const name = nameOf(term);
  return [
    entry('3(2)(a)', `type and format of ${name}`, [
      ...term.keys.map(keyWords),
      'every key that is not named here stays where it is; sealed batches of JSON observations',
    ]),
    entry('3(2)(a)', `estimated volume of ${name}`, []),
    entry('3(2)(b)', `whether ${name} is generated continuously and in real time`, []),
    entry('3(2)(c)', `where ${name} is stored, and for how long`, [
      ...regionsOf(term, agreement),
      `kept ${span(term.retentionSeconds)}`,
    ]),
    entry('3(2)(d)', `how the user reaches ${name}`, [
      `its owner ${term.resource.owner} grants it, a flow at a time, for at most ${span(term.longestWindowSeconds)}`,
    ]),
  ];
}

/** Who else may have it, and what of it can be taken elsewhere. */
function aboutOthers(term: DataTerm): readonly SheetEntry[] {
  const { recipients, resource } = term;
  const name = nameOf(term);
  const outside = recipients.some((one) => one !== resource.owner);
  return [
    entry(
      '5(3)',
      `whether a gatekeeper may have ${name}`,
      [`nobody but ${listed(recipients, 'nobody')}: the list is closed`],
      outside
        ? 'whether one of them is a gatekeeper under Regulation (EU) 2022/1925, the agreement does not say'
        : null,
    ),
    entry('25(2)(e)', `what of ${name} can be exported`, [
      `every observation of ${listed(
        term.keys.filter(({ action }) => action !== 'drop').map(({ key }) => key),
        'no key',
      )} that was delivered, and the evidence of it`,
    ]),
  ];
}

/** What the user of the machine, its owner here, may ask for himself. */
function aboutUser(term: DataTerm, agreement: Agreement): readonly SheetEntry[] {
  const { recipients, resource } = term;
  const name = nameOf(term);
  const evidence = evidenceTerm(agreement);
  return [
    entry(
      '4(1)',
      `how the user has ${name} himself`,
      recipients.includes(resource.owner)
        ? [`${resource.owner} receives every batch as everybody does, at once, in a form that machines read`]
        : [],
      recipients.includes(resource.owner)
        ? null
        : `${resource.owner} is no recipient: it has what its own door collects`,
    ),
    entry('4(2)', `how a restriction of ${name} is told`, [
      'a refusal has a code and the clause it rests on, and stands in the log that both hold',
    ]),
    entry(
      '4(5), 5(4)',
      `what is kept of the use of ${name}`,
      evidence
        ? [`who used what when, without the data, for ${span(evidence.retentionSeconds)}: to prove it to both`]
        : [],
    ),
    ...aboutOthers(term),
  ];
}

function aboutUse(term: DataTerm, agreement: Agreement): readonly SheetEntry[] {
  const name = nameOf(term);
  const outside = term.recipients.filter(
    (recipient) => agreement.parties.find(({ organisation }) => organisation === recipient)?.role === 'third-party',
  );
  const secrets = term.keys.filter(({ category, secret }) => category === 'trade-secret' || secret !== undefined);
  const personal = term.keys.filter(({ category }) => category === 'person' || category === 'personal');
  const open = personal.filter(({ action }) => action === 'pass');
  const retrieval = Math.min(term.retentionSeconds, termsOfType(agreement, 'notice')[0]?.retrievalSeconds ?? 0);
  return [
    entry('3(3), 4(13)', `what the data holder uses ${name} for`, term.purposes),
    entry('3(3), 4(14), 5(1)', `who receives ${name}`, [
      ...term.recipients.filter((one) => !outside.includes(one)),
      ...outside.map((one) => `${one} (third party, signs too)`),
    ]),
    entry('3(3), 4(6), 5(9)', `trade secrets in ${name}`, [
      secrets.length === 0
        ? 'no key is marked trade-secret'
        : `held by ${term.resource.owner}: ${secrets.map(secretWords).join(', ')}`,
    ]),
    entry(
      '4(12), 5(7)',
      `personal data in ${name}`,
      [personal.length === 0 ? 'no key is marked personal' : personal.map(keyWords).join(', ')],
      open.length === 0 ? null : `${open.map(({ key }) => key).join(', ')} leaves as it is: name its legal basis`,
    ),
    entry(
      '25(2)(g)',
      `time to retrieve ${name} after the end`,
      [`${span(retrieval)}, within the ${span(term.retentionSeconds)} that it is kept`],
      retrieval >= SHORTEST_RETRIEVAL ? null : 'shorter than 30 days',
    ),
  ];
}

const regionsOf = (term: DataTerm, agreement: Agreement): readonly string[] =>
  term.regions.map((name) => {
    const region = regionTerm(agreement, name);
    return region
      ? `region ${name}, operated by ${region.operator} under the law of ${region.jurisdiction}`
      : `region ${name}`;
  });

/** What either side holds back now, each with the reason it signed. Of persons and keys the sheet says nothing: it goes to more readers than they agreed to. */
function heldBack(agreement: Agreement, version: Digest, acts: readonly HeldAct[]): readonly string[] {
  const own = acts.filter(
    ({ act }) =>
      act.agreementId === agreement.id &&
      agreement.parties.some(({ organisation }) => organisation === act.organisation),
  );
  const suspended = own.filter(
    (held) => held.act.verb === 'suspend' && held.act.target.kind === 'agreement' && !liftedBy(held, acts, agreement),
  );
  const revoked = own.filter(
    ({ act }) => act.verb === 'revoke' && ['agreement', 'grant', 'resource'].includes(act.target.kind),
  );
  return [
    ...suspended.map(({ act }) => `suspended by ${act.organisation}: ${act.reason}`),
    ...narrowedVersions(agreement, version, acts).map(
      ({ held: { act }, agreement: left }) =>
        `narrowed by ${act.organisation} in ${compareVersions(agreement, left)
          .map(({ at }) => at)
          .join(', ')}: ${act.reason}`,
    ),
    ...revoked.map(({ act }) => `${act.target.kind} ${act.target.id} revoked by ${act.organisation}: ${act.reason}`),
  ];
}

function aboutEnding(agreement: Agreement, version: Digest, acts: readonly HeldAct[]): readonly SheetEntry[] {
  const notice = termsOfType(agreement, 'notice')[0]?.terminateSeconds ?? 0;
  const back = heldBack(agreement, version, acts);
  return [
    entry('3(3)', 'how sharing is ended', [
      'either party suspends it at once; both together lift that',
      `either party terminates it with ${notice === 0 ? 'no notice' : `${span(notice)} of notice`}`,
    ]),
    entry(
      '4(7), 4(8), 5(10), 5(11)',
      'what is withheld or suspended now, and the written reason',
      back.length === 0 ? ['nothing'] : back,
      back.length === 0 ? null : 'who relies on trade secrets also notifies the competent authority',
    ),
    entry(
      '25(2)(d)',
      'longest notice before switching',
      [notice === 0 ? 'none' : span(notice)],
      notice <= LONGEST_NOTICE ? null : 'longer than two months',
    ),
    entry('25(2)(h)', 'full erasure after retrieval', []),
  ];
}

const day = (instant: Instant): string => new Date(instant).toISOString().slice(0, 10);

/** The deviations from a control that all their signers concede today. */
const exceptionWords = (agreement: Agreement, { annexes, acts }: HeldPapers, now: Instant): readonly string[] =>
  annexesOf(annexes, 'exception')
    .filter(
      ({ annex, digest }) =>
        annex.agreementId === agreement.id &&
        annex.validFrom <= now &&
        now < annex.validUntil &&
        withdrawnAt(digest, agreement, acts) === undefined,
    )
    .map(
      ({ annex }) =>
        `exception of ${annex.organisation} from ${annex.control} until ${day(annex.validUntil)}, conceded by ${annex.acceptedBy}: ${annex.reason}; in its place: ${annex.compensation}; answered for by ${annex.owner}`,
    );

/** A lock-out that was ordered by a signed act. That one was set or lifted by hand stands in the evidence of the gateway. */
const lockOutWords = (agreement: Agreement, acts: readonly HeldAct[]): readonly string[] =>
  acts
    .filter(({ act }) => act.verb === 'suspend' && act.target.kind === 'gateway' && act.agreementId === agreement.id)
    .map(({ act }) => `lock-out of gateway ${act.target.id} ordered by ${act.organisation}: ${act.reason}`);

function aboutExecution(agreement: Agreement, papers: HeldPapers, now: Instant): readonly SheetEntry[] {
  const evidence = evidenceTerm(agreement);
  const leases = agreement.resources.flatMap(({ class: cls }) => offlineTerm(agreement, 'data-collection', cls) ?? []);
  const longest = Math.max(0, ...leases.map(({ leaseSeconds }) => leaseSeconds));
  return [
    entry('36(1)(a)', 'robustness and access control', [
      'nothing is opened without the signatures of both sides, verified at the enforcement point',
      ...exceptionWords(agreement, papers, now),
    ]),
    entry('36(1)(b)', 'safe termination and interruption', [
      'a suspension of either party ends running sessions and flows',
      'a lock-out closes everything at a gateway at once: by hand there, or ordered by a signed act of its own company; only a hand there lifts it',
      'revoke-all, signed beforehand by the root of a company, ends every right that rests on that company at whatever point it reaches, by any path',
      ...lockOutWords(agreement, papers.acts),
      ...(longest > 0 ? [`a flow that is not renewed ends by itself after ${span(longest)}`] : []),
    ]),
    entry(
      '36(1)(c)',
      'archiving for auditability',
      [
        ...(evidence
          ? [`in region ${evidence.region} for ${span(evidence.retentionSeconds)}, cosigned by ${evidence.cosigning}`]
          : ['cosigned by both; each company may copy its log']),
        '"interlock agreement archive" writes every version, act and record of what was executed into one file, which verifies by the pinned roots alone',
      ],
      evidence?.cosigning === 'none' ? 'a log that nobody cosigns proves nothing to the other side' : null,
    ),
    entry('36(1)(e)', 'consistency with the agreement', [
      `what is executed is version ${agreement.version} itself, signed by ${listed(
        agreement.parties.map(({ organisation }) => organisation),
        'nobody',
      )}`,
    ]),
  ];
}
