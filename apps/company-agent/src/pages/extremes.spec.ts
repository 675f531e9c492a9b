import { beforeAll, describe, expect, it } from '@jest/globals';
import { type ExtremePage, LONG, pagesAtExtremes } from '../../test/pages-at-extremes.js';
import { ROWS } from './page.js';

describe('each page of the agent', () => {
  let pages: readonly ExtremePage[];
  const named = (begin: string) => pages.filter(({ name }) => name.startsWith(begin));
  const text = (name: string) => pages.find((one) => one.name === name)?.html ?? '';
  beforeAll(async () => {
    pages = await pagesAtExtremes();
  });

  it('says in words that there is nothing, and offers no form that could only be refused', () => {
    expect(named('empty').length).toBeGreaterThan(7);
    for (const { html } of named('empty')) {
      expect(html).toContain('class="empty"');
      expect(html.match(/<form/g)).toHaveLength(1);
      expect(html).not.toContain('<tbody>');
    }
  });

  it('shows a part of a thousand rows, says how many there are, and leads on', () => {
    const rows = (html: string) => (html.match(/<tr>/g)?.length ?? 0) - 1;
    expect(rows(text('a thousand: grants'))).toBe(ROWS);
    for (const one of ['inbox', 'grants', 'reach']) {
      expect(text(`a thousand: ${one}`)).toContain(`Rows 1 to ${ROWS} of 1000`);
      expect(text(`a thousand: ${one}`)).toContain(`from=${ROWS}`);
    }
    expect(text('a thousand: inbox')).toContain('All 1000 of them');
    expect(text('a thousand: live')).toContain('1000 open; the newest 100 are shown');
    expect(text('a thousand: live').match(/Cut this session now/g)).toHaveLength(100);
  });

  it('goes on in the same log with the same question', () => {
    expect(text('a thousand: audit')).toContain(
      `/audit?log=agr_0123456789abcdefghjkmnpqrs&amp;resource=${LONG.id}&amp;after=${ROWS - 1}&amp;treeSize=1000`,
    );
  });

  it('keeps long names whole, and says what does not verify', () => {
    for (const { html } of named('long names')) expect(html).toMatch(new RegExp(`${LONG.id}|${LONG.organisation}`));
    expect(text('long names: grants')).toContain('1 that the broker lists does not verify here and is not shown');
  });

  it('says why a log cannot be shown, and never says empty in its place', () => {
    expect(named('refused')).toHaveLength(2);
    for (const { html } of named('refused')) {
      expect(html).toContain('Nothing of this log can be shown now. The');
      expect(html).not.toContain('class="empty"');
    }
  });

  it('shows a version against another: what was, what is, and what that does', () => {
    const page = text('a thousand: agreement');
    expect(page).toMatch(/Version 2 against version 1[\s\S]*endsAt[\s\S]*<del>[\s\S]*<ins>/);
    expect(page).toContain('<option value="1" selected>version 1</option>');
  });
});
