import type { Explanation } from '@interlock/contracts';
import { escaped, STYLE } from './reference-page.js';

/** The page of a code: where the `type` of a problem leads (RFC 9457 section 3.1.1). For people, without scripts. */
export const errorPage = ({ code, status, means, whoCanMend, whatToDo }: Explanation): string =>
  pageOf(
    code,
    `<p>${escaped(means)}</p>
<dl><dt>Who can mend it</dt><dd>${escaped(whoCanMend)}</dd><dt>What to do</dt><dd>${escaped(whatToDo)}</dd><dt>Status</dt><dd>${status}</dd></dl>
<p>At a terminal: <code>interlock explain ${code}</code>. <a href="/errors">All codes</a>, <a href="/reference">all routes</a>.</p>`,
  );

/** Every code with what it means. */
export const errorsPage = (codes: readonly Explanation[]): string =>
  pageOf(
    'Codes of problems',
    `<table><tr><th>code</th><th>status</th><th>what it means</th></tr>${codes
      .map(
        ({ code, status, means }) =>
          `<tr><td><a href="/errors/${code}"><code>${code}</code></a></td><td>${status}</td><td>${escaped(means)}</td></tr>`,
      )
      .join('')}</table>`,
  );

const pageOf = (title: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1>${body}</main></body></html>`;
