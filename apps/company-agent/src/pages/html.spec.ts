import { describe, expect, it } from '@jest/globals';
import { html } from './html.js';

describe('a page', () => {
  it('takes every value as text, in elements and in attributes', () => {
    const evil = "\"><script>alert('x')</script>&";
    const made = html`<p title="${evil}">${evil}</p>`.text;
    expect(made).toBe(
      `<p title="${'&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;'}">${'&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;'}</p>`,
    );
  });

  it('keeps parts that were made the same way, one or many, and leaves out what is not there', () => {
    expect(html`<ul>${['a', '<'].map((one) => html`<li>${one}</li>`)}</ul>${undefined}${false}${0}`.text).toBe(
      '<ul><li>a</li><li>&lt;</li></ul>0',
    );
  });

  it('shows characters that turn the direction of writing, which make one name look like another', () => {
    expect(html`${'press-7\u202e8-sserp'}`.text).toBe('press-7&lt;U+202E&gt;8-sserp');
  });
});
